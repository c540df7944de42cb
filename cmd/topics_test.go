package cmd

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
)

// shownTopic is what "klingctl help NAME" prints.
func shownTopic(t *testing.T, name string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(t.Context(), Process{Args: []string{"help", name}, Out: &out, Err: &errs, In: strings.NewReader("")}); code != exitDone {
		t.Fatalf("klingctl help %s: exit code %d\n%s", name, code, &errs)
	}
	return out.String()
}

func builtinOffers(t *testing.T) *catalog.Catalog {
	t.Helper()
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	return offers
}

// Every topic stands in its place, fits 80 columns, and reads without a
// terminal's help.
func TestTopicStyle(t *testing.T) {
	t.Parallel()
	last := ""
	root := tree()
	for _, topic := range topics() {
		if verb, rest, err := root.Find([]string{topic.name}); err == nil && verb != root && len(rest) == 0 {
			t.Errorf("topic %s has the name of a verb", topic.name)
		}
		if topic.name <= last {
			t.Errorf("topic %s stands behind %s", topic.name, last)
		}
		last = topic.name
		if strings.HasSuffix(topic.short, ".") || len(topic.short) > 60 {
			t.Errorf("topic %s: %q is no short phrase", topic.name, topic.short)
		}
		for line := range strings.Lines(shownTopic(t, topic.name)) {
			if line = strings.TrimSuffix(line, "\n"); len(line) > helpWidth && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("topic %s: a line has %d characters: %s", topic.name, len(line), line)
			}
			if strings.TrimRight(line, " ") != line || strings.Contains(line, "\t") {
				t.Errorf("topic %s: %q ends with blanks or holds a tab", topic.name, line)
			}
		}
	}
}

// The commands in topics can be run as they stand.
func TestTopicCommandsParse(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`klingctl [a-z].*?(\.( |$)|"\s|$)`)
	found := 0
	for _, topic := range topics() {
		for _, section := range topic.sections(builtinOffers(t)) {
			text := strings.Join(strings.Fields(section.text), " ")
			for _, line := range command.FindAllString(text, -1) {
				line = strings.TrimRight(strings.TrimSpace(line), ".")
				if strings.Count(line, `"`)%2 == 1 {
					line = strings.TrimSuffix(line, `"`)
				}
				if strings.HasPrefix(line, "klingctl batch run reads") {
					continue // a sentence about the verb
				}
				found++
				checkCommands(t, "topic "+topic.name, line)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d commands were found in the topics", found)
	}
}

// Placeholders that the topic names are those that the program fills in.
func TestTopicPlaceholders(t *testing.T) {
	t.Parallel()
	named := func(entries []entry) []string {
		var names []string
		for _, e := range entries {
			names = append(names, strings.Trim(e.word, "{}"))
		}
		return slices.Sorted(slices.Values(names))
	}
	if got, want := named(execPlaceholders()), slices.Sorted(slices.Values(execNames())); !slices.Equal(got, want) {
		t.Errorf("--exec: the topic names %v, the program fills %v", got, want)
	}

	_, err := job.ParseOutput("{nothing}.mp4")
	problem, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("ParseOutput took a placeholder that does not exist: %v", err)
	}
	var known []string
	for _, match := range regexp.MustCompile(`\{([a-z0-9]+)\}`).FindAllStringSubmatch(problem.Detail, -1) {
		if match[1] != "nothing" {
			known = append(known, match[1])
		}
	}
	slices.Sort(known)
	if got := named(filePlaceholders()); !slices.Equal(got, known) {
		t.Errorf("-o: the topic names %v, the program fills %v", got, known)
	}

	row := batch.Row{ID: "a", Caption: "b", Flags: map[string][]string{"image": {"/x/a.png"}}, Columns: map[string]string{"COLUMN": "c"}}
	for _, name := range append(named(promptPlaceholders()), "id") {
		if _, err := row.Expand("{" + name + "}"); err != nil {
			t.Errorf("prompts: the topic names {%s}: %v", name, err)
		}
	}
}

// Topics say what the tables say, all of it.
func TestTopicsAreWhole(t *testing.T) {
	t.Parallel()
	codes := shownTopic(t, "exit-codes")
	for _, code := range exitCodes() {
		if !strings.Contains(strings.Join(strings.Fields(codes), " "), code.Meaning) {
			t.Errorf("exit-codes says nothing of %d", code.Code)
		}
	}
	environment, providers := shownTopic(t, "environment"), shownTopic(t, "providers")
	for _, preset := range builtinOffers(t).Presets() {
		for _, variable := range slices.Concat(preset.Keys.Env, preset.Keys.Pair) {
			if !strings.Contains(environment, variable) || !strings.Contains(providers, variable) {
				t.Errorf("%s, a key of %s, is not named", variable, preset.Name)
			}
		}
	}
	columns := shownTopic(t, "columns")
	for _, flag := range canonicalFlags() {
		if !strings.Contains(columns, "\n  "+flag.name+" ") {
			t.Errorf("columns says nothing of %s", flag.name)
		}
	}
}
