package cmd

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" \t\n ", nil},
		{"cp {path} out", []string{"cp", "{path}", "out"}},
		{"  two   blanks\there ", []string{"two", "blanks", "here"}},
		{`'a b' "c d" e\ f`, []string{"a b", "c d", "e f"}},
		{`a'b c'd"e f"g`, []string{"ab cde fg"}},
		{`'' "" x`, []string{"", "", "x"}},
		{`'\n "x"' "it's \"so\" \\ \n"`, []string{`\n "x"`, `it's "so" \ \n`}},
		{`\'a\' \"b\" \\`, []string{"'a'", `"b"`, `\`}},
		{`$HOME *.mp4 ; rm | x > y & #z`, []string{"$HOME", "*.mp4", ";", "rm", "|", "x", ">", "y", "&", "#z"}},
		{"'C:\\Program Files\\x.exe' ü", []string{`C:\Program Files\x.exe`, "ü"}},
	} {
		got, err := splitWords(test.text)
		if err != nil || !cmp.Equal(got, test.want) {
			t.Errorf("splitWords(%q) = %q, %v; want %q", test.text, got, err, test.want)
		}
	}
	for text, want := range map[string]error{`a 'b`: errQuote, `a "b`: errQuote, `"a\"`: errQuote, `a b\`: errBackslash} {
		if got, err := splitWords(text); !errors.Is(err, want) {
			t.Errorf("splitWords(%q) = %q, %v; want %v", text, got, err, want)
		}
	}
}

// Any word can be written: in single quotes, with its single quotes outside.
func FuzzSplitWords(f *testing.F) {
	f.Add("a b", "it's")
	f.Add(`\`, "\"$x\" \n")
	f.Fuzz(func(t *testing.T, first, second string) {
		quoted := func(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
		got, err := splitWords(quoted(first) + " " + quoted(second))
		if want := []string{first, second}; err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%q came back as %q, %v", want, got, err)
		}
	})
}

func TestFillWord(t *testing.T) {
	t.Parallel()
	value := func(name string) (string, bool) {
		return map[string]string{"path": "/out/a {id}.mp4", "id": "3f2a"}[name], name == "path" || name == "id"
	}
	for _, test := range []struct {
		word, want string
		used       bool
	}{
		{"", "", false},
		{"-o", "-o", false},
		{"{path}", "/out/a {id}.mp4", true}, // what was filled in is not filled again
		{"x{id}-{id}y", "x3f2a-3f2ay", true},
		{"{{id}}", "{id}", false},
		{"{{{id}}}", "{3f2a}", true},
	} {
		got, used, err := fillWord(test.word, value)
		if err != nil || got != test.want || used != test.used {
			t.Errorf("fillWord(%q) = %q, %v, %v; want %q, %v", test.word, got, used, err, test.want, test.used)
		}
	}
	for _, word := range []string{"{", "}", "{path", "path}", "{}", "{PATH}", "{url}"} {
		if got, _, err := fillWord(word, value); err == nil {
			t.Errorf("fillWord(%q) = %q, want an error", word, got)
		}
	}
}
