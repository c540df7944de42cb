package cmd

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/catalog"
)

// manPages are the manual pages, by their place under docs: section 1 for
// verbs, section 7 for topics.
func manPages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, cmd := range append(verbs(tree()), completions(tree())...) {
		pages["man/"+manName(cmd)+".1"] = verbManual(cmd)
	}
	offers := builtinOffers(t)
	for _, topic := range topics() {
		pages["man/klingctl-"+topic.name+".7"] = topicManual(topic, offers)
	}
	return pages
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manual is a page in the language of man.
type manual struct{ strings.Builder }

// newManual begins a page without a date, so that it changes only when its
// text does.
func newManual(name, section, what string) *manual {
	m := &manual{}
	m.line(`.\" Made by the program: go test ./cmd -run TestGeneratedDocs -update`)
	m.line(`.TH "` + strings.ToUpper(roff(name)) + `" "` + section + `" "" "klingctl" "klingctl manual"`)
	m.line(".ad l\n.nh\n.SH NAME") // as it was written: no filling up with blanks, no hyphens
	m.line(roff(name) + ` \- ` + roff(what))
	return m
}

func (m *manual) line(text string) { m.WriteString(text + "\n") }

// roff is a text as man reads it back: no escape, and hyphens that can be
// copied into a shell.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}

// paragraphs adds a text; what is indented keeps its lines.
func (m *manual) paragraphs(text string) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, "\t") || strings.HasPrefix(paragraph, "  ") {
			m.literal(paragraph)
			continue
		}
		m.line(".PP")
		for line := range strings.Lines(paragraph) {
			m.line(roff(strings.TrimSpace(line)))
		}
	}
}

// literal adds lines as they stand.
func (m *manual) literal(text string) {
	m.line(".PP\n.RS 4\n.nf")
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		m.line(roff(strings.TrimSpace(line)))
	}
	m.line(".fi\n.RE")
}

func (m *manual) item(word, what string) {
	m.line(".TP\n" + word)
	m.line(roff(what))
}

func (m *manual) options(flags *pflag.FlagSet) {
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		word := ""
		if flag.Shorthand != "" {
			word = `\fB` + roff("-"+flag.Shorthand) + `\fR, `
		}
		word += `\fB` + roff("--"+flag.Name) + `\fR`
		value, usage := pflag.UnquoteUsage(flag)
		switch {
		case value != "" && flag.NoOptDefVal != "":
			word += `[=\fI` + roff(value) + `\fR]`
		case value != "":
			word += ` \fI` + roff(value) + `\fR`
		}
		m.item(word, usage)
	})
}

func verbManual(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	m := newManual(manName(cmd), "1", strings.ToLower(cmd.Short[:1])+cmd.Short[1:])
	m.line(".SH SYNOPSIS")
	use := strings.TrimPrefix(cmd.UseLine(), cmd.CommandPath())
	if cmd.HasSubCommands() {
		use = " VERB" + use
	}
	m.line(`\fB` + roff(cmd.CommandPath()) + `\fR` + roff(use))
	m.line(".SH DESCRIPTION")
	m.paragraphs(cmd.Long)
	if cmd.Example != "" {
		m.line(".SH EXAMPLES")
		m.literal(cmd.Example)
	}
	if own := cmd.NonInheritedFlags(); own.HasAvailableFlags() {
		m.line(".SH OPTIONS")
		m.options(own)
	}
	if cmd.HasAvailableInheritedFlags() {
		m.line(".PP\nThe options of every verb are in\n.BR klingctl (1).")
	}
	m.line(".SH EXIT STATUS\n0 when all is done; every other code has a next step of its own, in\n.BR klingctl\\-exit\\-codes (7).")
	m.line(".SH SEE ALSO")
	var others []string
	if cmd.HasParent() {
		others = append(others, `.BR `+roff(manName(cmd.Parent()))+` (1)`)
	}
	for _, verb := range listed(cmd) {
		others = append(others, `.BR `+roff(manName(verb))+` (1)`)
	}
	if !cmd.HasParent() {
		for _, topic := range topics() {
			others = append(others, `.BR klingctl\-`+roff(topic.name)+` (7)`)
		}
	}
	m.line(strings.Join(others, ",\n"))
	return m.String()
}

func topicManual(topic topic, offers *catalog.Catalog) string {
	m := newManual("klingctl-"+topic.name, "7", strings.ToLower(topic.short[:1])+topic.short[1:])
	m.line(".SH DESCRIPTION")
	for _, section := range topic.sections(offers) {
		if section.title != "" {
			m.line(".SH " + strings.ToUpper(roff(section.title)))
		}
		for _, line := range wrapped(section.text, "") {
			m.line(roff(line))
		}
		for _, entry := range section.entries {
			m.item(`\fB`+roff(entry.word)+`\fR`, entry.what)
			if entry.next != "" {
				m.line(".br\n" + roff("next: "+entry.next))
			}
		}
	}
	m.line(".SH SEE ALSO\n.BR klingctl (1)")
	return m.String()
}

// Every page reads without a complaint of the program that shows it.
func TestManualPagesAreSound(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("needs groff to read the pages")
	}
	pages, err := filepath.Glob(filepath.Join("..", "docs", "man", "*.[17]"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("there are no pages: %v", err)
	}
	arguments := append([]string{"-man", "-Tutf8", "-ww", "-z"}, pages...)
	if said, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("groff %v: %v\n%s", arguments, err, said)
	}
}
