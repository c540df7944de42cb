package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// tree is the whole command tree, with what Cobra adds when it runs.
func tree() *cobra.Command {
	root := newRoot(newApp(Process{}))
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpFlag()
	return root
}

// verbs are all commands below one, itself included. Hidden ones, and Cobra's
// own below completion, are left out.
func verbs(cmd *cobra.Command) []*cobra.Command {
	if cmd.Hidden || cmd.Name() == "completion" {
		return nil
	}
	found := []*cobra.Command{cmd}
	for _, child := range cmd.Commands() {
		found = append(found, verbs(child)...)
	}
	return found
}

func TestHelpStyle(t *testing.T) {
	t.Parallel()
	root := tree()
	for _, cmd := range verbs(root) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			t.Parallel()
			first := []rune(cmd.Short + " ")[0]
			switch {
			case !unicode.IsUpper(first):
				t.Errorf("Short %q does not begin with a capital", cmd.Short)
			case strings.HasSuffix(cmd.Short, "."):
				t.Errorf("Short %q ends with a full stop", cmd.Short)
			case len(cmd.Short) > 60:
				t.Errorf("Short %q is longer than 60 characters", cmd.Short)
			case regexp.MustCompile(`^[A-Z][a-z]+s `).MatchString(cmd.Short):
				t.Errorf("Short %q is not in the imperative", cmd.Short)
			}
			if cmd.Long == "" || !strings.HasSuffix(strings.TrimSpace(cmd.Long), ".") {
				t.Errorf("Long %q is no text of sentences", cmd.Long)
			}
			for line := range strings.Lines(cmd.Long) {
				if length := len([]rune(strings.TrimSuffix(line, "\n"))); length > 80 {
					t.Errorf("a line of Long has %d characters, want 80 at most: %s", length, line)
				}
			}
			if cmd.Example == "" {
				t.Error("there is no example")
			}
			for line := range strings.Lines(cmd.Example) {
				if !strings.HasPrefix(line, "  ") {
					t.Errorf("an example is not indented by two: %s", line)
				}
			}
			if cmd.Parent() == root && cmd.GroupID == "" && cmd.Name() != "help" {
				t.Error("the verb stands in no group")
			}
			if cmd.Args == nil && cmd.RunE != nil && !strings.Contains(cmd.Use, "...") && cmd.Name() != "help" {
				t.Error("nothing checks its arguments")
			}
		})
	}
}

// Every flag says what it does, in one manner, and no letter stands for two.
func TestFlagHelp(t *testing.T) {
	t.Parallel()
	root := tree()
	for _, cmd := range verbs(root) {
		letters := map[string]string{}
		check := func(flag *pflag.Flag) {
			name := cmd.CommandPath() + " --" + flag.Name
			switch {
			case flag.Usage == "":
				t.Errorf("%s has no help", name)
			case strings.HasSuffix(flag.Usage, "."), unicode.IsUpper([]rune(flag.Usage)[0]):
				t.Errorf("%s: help %q is no phrase in lower case without a full stop", name, flag.Usage)
			}
			if flag.Shorthand == "" {
				return
			}
			if other, taken := letters[flag.Shorthand]; taken && other != flag.Name {
				t.Errorf("%s: -%s stands for --%s as well", name, flag.Shorthand, other)
			}
			letters[flag.Shorthand] = flag.Name
		}
		cmd.LocalFlags().VisitAll(check)
		cmd.InheritedFlags().VisitAll(check)
	}
}

// What help says, works: every example names verbs and flags that exist.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	for _, cmd := range verbs(tree()) {
		if !strings.Contains(cmd.Example, "klingctl") {
			t.Errorf("%s: no example runs klingctl", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			checkCommands(t, cmd.CommandPath(), line)
		}
	}
}

// The same holds for the pages that people wrote.
func TestPagesParse(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join("..", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range fenced(string(text)) {
			checkCommands(t, page, strings.Replace(line, "go run . ", "klingctl ", 1))
		}
	}
}

func checkCommands(t *testing.T, where, line string) {
	t.Helper()
	commands, err := klingctlCommands(line)
	if err != nil {
		t.Errorf("%s: %q: %v", where, line, err)
	}
	for _, args := range commands {
		if err := parses(args); err != nil {
			t.Errorf("%s: klingctl %s: %v", where, strings.Join(args, " "), err)
		}
	}
}

// Recipes for pipelines are YAML; their commands hold as well.
func TestRecipesParse(t *testing.T) {
	t.Parallel()
	page := filepath.Join("..", "docs", "ci.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	step := regexp.MustCompile(`^(- )?(run: )?(klingctl .*)$`)
	found := 0
	for _, block := range strings.Split(strings.ReplaceAll(string(text), "\n          -p ", " -p "), "```yaml")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(block) {
			if match := step.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
				found++
				checkCommands(t, page, match[3])
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d commands were found in %s", found, page)
	}
}

// parses reads a command line as far as its verb, flags and arguments.
func parses(args []string) error {
	found, rest, err := tree().Find(args)
	if err != nil {
		return err
	}
	if err := found.ParseFlags(rest); err != nil {
		return err
	}
	if left := found.Flags().Args(); found.Args != nil {
		return found.Args(found, left)
	}
	if !found.Runnable() {
		return fmt.Errorf("%s cannot be run", found.CommandPath())
	}
	return nil
}

// The examples of submit give requests that the models take.
func TestSubmitExamplesAreValid(t *testing.T) {
	t.Parallel()
	submit, _, err := tree().Find([]string{"submit"})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, "KLINGCTL_PROVIDER=")
	for line := range strings.Lines(submit.Example) {
		commands, err := klingctlCommands(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range commands {
			for _, word := range args {
				if strings.HasSuffix(word, ".png") && !strings.Contains(word, "/") {
					writePicture(t, filepath.Join(p.work, word))
				}
			}
			p.run(t, append(args, "--dry-run")...)
		}
	}
}

// Every exit code of the table has a meaning and, but for success, a next
// step; every kind of fault and every state ends in a code of the table.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	known := map[int]bool{}
	last := -1
	for _, code := range exitCodes() {
		if code.Code <= last {
			t.Errorf("code %d stands behind %d", code.Code, last)
		}
		last = code.Code
		known[code.Code] = true
		if code.Meaning == "" || code.Next == "" && code.Code != exitDone {
			t.Errorf("code %d has no meaning or no next step", code.Code)
		}
	}
	for _, kind := range fault.Kinds() {
		if code := codeOfKind(kind); !known[code] {
			t.Errorf("a fault of kind %s ends with %d, which is not in the table", kind, code)
		}
	}
	for _, state := range kling.States() {
		if code := codeOfState(state); !known[code] {
			t.Errorf("the state %s ends with %d, which is not in the table", state, code)
		}
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		codes []int
		want  int
	}{
		{"no job", nil, exitDone},
		{"one code is shared", []int{5, 5}, exitFailed},
		{"different ends", []int{0, 5}, exitPartial},
		{"unknown wins over different", []int{0, 11, 5}, exitUnknown},
		{"all unknown", []int{11, 11}, exitUnknown},
	} {
		if got := together(test.codes); got != test.want {
			t.Errorf("%s: together(%v) = %d, want %d", test.name, test.codes, got, test.want)
		}
	}
}
