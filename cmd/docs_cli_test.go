package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// cliPages are the pages of all verbs, by their place under docs.
func cliPages() map[string]string {
	pages := map[string]string{}
	for _, cmd := range append(verbs(tree()), completions(tree())...) {
		pages["cli/"+pageOf(cmd)] = cliPage(cmd)
	}
	return pages
}

// completions are the verbs that Cobra brings.
func completions(root *cobra.Command) []*cobra.Command {
	found, _, err := root.Find([]string{"completion"})
	if err != nil {
		return nil
	}
	return append([]*cobra.Command{found}, found.Commands()...)
}

func pageOf(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".md"
}

func cliPage(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	p := newPage(cmd.CommandPath())
	p.text(cmd.Short + ".")
	if cmd.Long != "" && !strings.HasPrefix(cmd.Long, cmd.Short) {
		long := cmd.Long
		if strings.Contains(long, "\n\t") || strings.Contains(long, "\n  ") {
			p.code("text", long)
		} else {
			p.text(long)
		}
	}
	if cmd.Runnable() {
		p.code("text", cmd.UseLine())
	}
	if cmd.Example != "" {
		p.printf("\n## Examples\n")
		p.code("sh", unindented(cmd.Example))
	}
	if flags := cmd.NonInheritedFlags(); flags.HasAvailableFlags() {
		p.printf("\n## Flags\n")
		p.code("text", strings.TrimRight(flags.FlagUsages(), "\n"))
	}
	if cmd.HasAvailableInheritedFlags() {
		p.text("The flags of every verb are on [klingctl](klingctl.md), the exit codes on [their page](../exit-codes.md).")
	}
	if verbs := listed(cmd); len(verbs) > 0 {
		p.printf("\n## Verbs\n\n")
		for _, verb := range verbs {
			p.printf("- [%s](%s): %s\n", verb.CommandPath(), pageOf(verb), verb.Short)
		}
	}
	if cmd.HasParent() {
		p.text("Up: [" + cmd.Parent().CommandPath() + "](" + pageOf(cmd.Parent()) + ")")
	}
	return p.String()
}

func listed(cmd *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, child := range cmd.Commands() {
		if !child.Hidden {
			found = append(found, child)
		}
	}
	return found
}

func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}
