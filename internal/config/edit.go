package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/klingctl/klingctl/internal/fault"
)

// A settings file is edited where the value stands and nowhere else, so that
// comments, blank lines and order stay as their owner left them: the tree of
// the YAML library says where things are, and the text is cut there. Whatever
// comes out is read again, and refused when anything else than the one setting
// has changed.

var (
	errByHand  = errors.New("it is written in a way that cannot be edited here; edit the file by hand")
	errOneLine = errors.New("a value is one line of text without control characters")
)

// Set writes one setting into a settings file, which it makes when there is
// none. The value is not checked; see Setting.Check.
func Set(path, key, value string) error {
	return edit(path, key, &value)
}

// Unset takes one setting out of a settings file, and tells whether it was
// there.
func Unset(path, key string) (bool, error) {
	text, err := readSmall(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	entries, _ := parse(text)
	if err == nil && !slices.ContainsFunc(entries, func(e entry) bool { return e.key == strings.ToLower(key) }) {
		return false, nil
	}
	return true, edit(path, key, nil)
}

func edit(path, key string, value *string) error {
	refuse := func(line int, err error) error {
		problem := &fault.Error{Kind: fault.Usage, Op: "change", Subject: path, Charged: fault.NotCharged, Hint: checkHint, Err: err}
		if line > 0 {
			problem.Detail = fmt.Sprintf("line %d", line)
		}
		return problem
	}
	text, err := readSmall(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return refuse(0, err)
	}
	if _, flaws := parse(text); len(flaws) > 0 {
		return refuse(flaws[0].line, flaws[0].err)
	}
	made, err := edited(text, strings.ToLower(key), value)
	if err != nil {
		return refuse(0, err)
	}
	return WritePrivate(path, made)
}

// edited is a settings file with one setting written, or taken out for nil.
func edited(text []byte, key string, value *string) ([]byte, error) {
	if value != nil && (strings.ContainsFunc(*value, unicode.IsControl) || strings.ToValidUTF8(*value, "") != *value) {
		return nil, errOneLine
	}
	root, bad := rootOf(text)
	if bad != nil {
		return nil, bad.err
	}
	at := locate(root, key)
	if value == nil && !at.pair() {
		return text, nil
	}
	var ways []func(*sheet) bool
	switch {
	case value == nil:
		ways = append(ways, func(s *sheet) bool { return s.remove(at) })
	case at.pair():
		ways = append(ways, func(s *sheet) bool { return s.replace(at, *value) })
	case !at.blocked:
		ways = append(
			ways,
			func(s *sheet) bool { return s.uncomment(key, *value) },
			func(s *sheet) bool { return s.insert(at, *value) },
		)
	}
	for _, change := range ways {
		s := newSheet(text)
		if change(s) && onlyChanged(text, s.bytes(), key, value) {
			return s.bytes(), nil
		}
	}
	return nil, errByHand
}

// onlyChanged reports whether the one setting is all that differs between two
// files.
func onlyChanged(before, after []byte, key string, value *string) bool {
	old, _ := parse(before)
	made, flaws := parse(after)
	if len(flaws) > 0 {
		return false
	}
	want := map[string]string{}
	for _, e := range old {
		want[e.key] = e.value
	}
	delete(want, key)
	if value != nil {
		want[key] = *value
	}
	for _, e := range made {
		if text, known := want[e.key]; !known || text != e.value {
			return false
		}
		delete(want, e.key)
	}
	return len(want) == 0
}
