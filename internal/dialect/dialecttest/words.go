package dialecttest

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Words is a table of words.json: an answer to a look in which {word} stands
// for the state word, and what each documented word means.
type Words struct {
	Name  string                 `json:"name"`
	Reply Reply                  `json:"reply"`
	Words map[string]kling.State `json:"words"`
}

// with is the reply with a word in its place.
func (w Words) with(tb reporter, word string) dialect.Reply {
	tb.Helper()
	quoted, err := json.Marshal(word)
	if err != nil {
		tb.Fatalf("encode the word: %v", err)
	}
	reply := w.Reply.Dialect()
	body := strings.ReplaceAll(string(reply.Body), "{word}", string(quoted[1:len(quoted)-1]))
	if body == string(reply.Body) {
		tb.Fatalf("the reply of the word table %q has no {word}", w.Name)
	}
	reply.Body = []byte(body)
	return reply
}

func (w Words) knows(word string) bool {
	for known := range w.Words {
		if strings.EqualFold(strings.TrimSpace(known), strings.TrimSpace(word)) {
			return true
		}
	}
	return false
}

// testWords checks every documented word, in any case of letters, and that no
// other word ends a job.
func testWords(tb testing.TB, s Suite) {
	tb.Helper()
	var tables []Words
	readJSON(tb, filepath.Join(s.Dir, "words.json"), &tables)
	d := s.New()
	for _, table := range tables {
		for word, want := range table.Words {
			for _, spelled := range []string{word, strings.ToUpper(word), strings.ToLower(word)} {
				got, err := d.Looked(table.with(tb, spelled))
				if err != nil {
					tb.Errorf("%s: the word %q gives a fault: %v", table.Name, spelled, err)
					continue
				}
				if got.State != want || !got.Recognised || got.Word != spelled {
					tb.Errorf("%s: the word %q means %s (word %q, recognised %v), want %s", table.Name, spelled, got.State, got.Word, got.Recognised, want)
				}
			}
		}
		for _, word := range []string{"archived", "success?", "succes", "failing", "not failed", "done", "0", "true", "null", "完了", "\u202e"} {
			checkUnknownWord(tb, d, table, word)
		}
		if tb.Failed() {
			return // rapid refuses to go on, and the words above say enough
		}
		rapid.Check(tb, func(rt *rapid.T) {
			checkUnknownWord(rt, d, table, rapid.StringMatching(`[A-Za-z_ -]{1,16}`).Draw(rt, "word"))
		})
	}
}

// checkUnknownWord checks that a word outside the table ends nothing.
func checkUnknownWord(tb reporter, d dialect.Dialect, table Words, word string) {
	tb.Helper()
	if table.knows(word) {
		return
	}
	got, err := d.Looked(table.with(tb, word))
	if err != nil {
		tb.Errorf("%s: the unknown word %q gives a fault: %v", table.Name, word, err)
		return
	}
	if got.State != kling.Running || got.Recognised {
		tb.Errorf("%s: the unknown word %q means %s (recognised %v), want running and not recognised", table.Name, word, got.State, got.Recognised)
	}
}

// reporter is what a test and a property have in common.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
