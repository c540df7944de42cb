package cmd

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shellCommands splits a line of shell into its commands and their words, as
// far as examples need it: quotes, $(...), separators, assignments in front.
func shellCommands(line string) ([][]string, error) {
	var commands [][]string
	var words []string
	var word strings.Builder
	started := false
	endWord := func() {
		if started {
			words = append(words, word.String())
		}
		word.Reset()
		started = false
	}
	endCommand := func() {
		endWord()
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words = nil
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '#' && !started:
			endCommand()
			return commands, nil
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				return nil, errors.New("a quote is not closed")
			}
			word.WriteString(line[i+1 : i+1+end])
			started = true
			i += end + 1
		case strings.HasPrefix(line[i:], "$("):
			word.Reset() // the assignment in front of it
			started = false
			i++
		case c == ' ' || c == '\t' || c == '\n':
			endWord()
		case strings.IndexByte(";|&()<>", c) >= 0:
			endCommand()
		default:
			word.WriteByte(c)
			started = true
		}
	}
	endCommand()
	return commands, nil
}

// klingctlCommands are the arguments of every klingctl in a line of shell.
func klingctlCommands(line string) ([][]string, error) {
	all, err := shellCommands(line)
	var own [][]string
	for _, words := range all {
		for len(words) > 0 && (words[0] == "do" || words[0] == "then" || isAssignment(words[0])) {
			words = words[1:]
		}
		if len(words) > 0 && words[0] == "klingctl" {
			own = append(own, words[1:])
		}
	}
	return own, err
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func TestKlingctlCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line string
		want [][]string
	}{
		{`klingctl version`, [][]string{{"version"}}},
		{`id=$(klingctl submit -p "slow pan")`, [][]string{{"submit", "-p", "slow pan"}}},
		{`KIE_API_KEY=x klingctl wait "$id" && klingctl download '{stem}.mp4'`, [][]string{{"wait", "$id"}, {"download", "{stem}.mp4"}}},
		{`for f in *.png; do klingctl submit -i "$f"; done | klingctl wait - -o out/`, [][]string{{"submit", "-i", "$f"}, {"wait", "-", "-o", "out/"}}},
		{`# klingctl nothing`, nil},
		{`make build`, nil},
	} {
		got, err := klingctlCommands(test.line)
		if err != nil {
			t.Errorf("klingctlCommands(%q): %v", test.line, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("klingctlCommands(%q) (-want +got):\n%s", test.line, diff)
		}
	}
}
