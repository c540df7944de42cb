package cmd

import (
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
)

// topic is a page of help about what several verbs share.
type topic struct {
	// name is what follows "klingctl help", short says it in a few words.
	name, short string
	// sections are made from the built-in catalog and the tables that the
	// program itself goes by.
	sections func(offers *catalog.Catalog) []section
}

// section is a part of a topic: a text, then entries.
type section struct {
	title, text string
	entries     []entry
}

// entry is a word and what it means; next, where there is one, is the next
// step.
type entry struct{ word, what, next string }

// topics are all there are, by name.
func topics() []topic {
	return []topic{
		{"columns", "What a manifest of a batch may hold", columnSections},
		{"environment", "Variables that the program reads", environmentSections},
		{"exit-codes", "What each exit code means, and the next step", exitCodeSections},
		{"providers", "Providers, their keys and their addresses", providerSections},
		{"scenarios", "What the offline emulator can play", scenarioSections},
		{"templates", "Placeholders in names of files, prompts and --exec", templateSections},
	}
}

// topicOf is the topic of a name.
func topicOf(name string) (topic, bool) {
	for _, t := range topics() {
		if t.name == name {
			return t, true
		}
	}
	return topic{}, false
}

// topicNames is their list as a text of two lines.
func topicNames() string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	last := len(names) - 1
	return strings.Join(names[:last-1], ", ") + ",\n" + names[last-1] + ", " + names[last]
}

// topicList is a line for each topic.
func topicList() []string {
	var entries []entry
	for _, t := range topics() {
		entries = append(entries, entry{word: t.name, what: t.short})
	}
	return entryLines(entries)
}

// topicText is a topic as lines of text, the same on a terminal and in a pipe:
// it is there to be read.
func (a *app) topicText(t topic) ([]string, error) {
	offers, err := a.builtin()
	if err != nil {
		return nil, err
	}
	lines := []string{t.short + "."}
	for _, s := range t.sections(offers) {
		if s.title != "" {
			lines = append(lines, "", s.title+":")
		}
		if s.text != "" {
			lines = append(lines, "")
			lines = append(lines, wrapped(s.text, "")...)
		}
		if len(s.entries) > 0 {
			lines = append(lines, "")
			lines = append(lines, entryLines(s.entries)...)
		}
	}
	return lines, nil
}

// helpWidth is how wide help is, in columns; longWord is the longest word that
// has its meaning on the same line.
const (
	helpWidth = 80
	longWord  = 22
)

// entryLines are entries below one another, their meanings aligned.
func entryLines(entries []entry) []string {
	width := 0
	for _, e := range entries {
		if length := len(e.word); length <= longWord {
			width = max(width, length)
		}
	}
	indent := strings.Repeat(" ", width+4)
	if width == 0 {
		indent = strings.Repeat(" ", 6)
	}
	var lines []string
	for _, e := range entries {
		first := "  " + e.word
		text := wrapped(e.what, indent)
		if len(first)+2 <= len(indent) && len(text) > 0 {
			text[0] = first + text[0][len(first):]
		} else {
			lines = append(lines, first)
		}
		lines = append(lines, text...)
		if e.next != "" {
			lines = append(lines, wrapped("next: "+e.next, indent)...)
		}
	}
	return lines
}

// wrapped breaks a text into lines of at most helpWidth columns, each behind an
// indent.
func wrapped(text, indent string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = indent + word
		case len(line)+1+len(word) > helpWidth:
			lines = append(lines, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}
