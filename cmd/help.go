package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
)

// newHelp is Cobra's help verb with topics beside the verbs; a topic that does
// not exist is an error.
func newHelp(app *app, root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB|TOPIC]",
		Short: "Show help for a verb or a topic",
		Long: `Show the help of a verb: what it does, examples, and its flags. Topics are what
several verbs share: ` + topicNames() + ".",
		Example: "  klingctl help submit\n  klingctl help exit-codes",
		RunE: func(_ *cobra.Command, args []string) error {
			return app.help(root, args)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return helpWords(root, args), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// help shows the help of a verb or of a topic; without a name that of the
// program, and the topics there are.
func (a *app) help(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		if err := root.Help(); err != nil {
			return err
		}
		return a.print(append([]string{"", "Topics:"}, topicList()...)...)
	}
	if t, is := topicOf(args[0]); is && len(args) == 1 {
		text, err := a.topicText(t)
		if err != nil {
			return err
		}
		return a.print(text...)
	}
	found, rest, err := root.Find(args)
	if err == nil && found != nil && len(rest) == 0 {
		return found.Help()
	}
	hint := "klingctl help"
	if names := near(args[0], helpNames(root)); len(args) == 1 && len(names) > 0 {
		hint = "klingctl help " + names[0]
	}
	return usageFault("show help", fmt.Sprintf("there is no topic %q", fault.SafeText(strings.Join(args, " "))), hint)
}

// helpNames are the verbs and topics that help has a text for.
func helpNames(root *cobra.Command) []string {
	var names []string
	for _, word := range helpWords(root, nil) {
		name, _, _ := strings.Cut(word, "\t")
		names = append(names, name)
	}
	return names
}

// helpWords are what may follow on the line, with a word about each: verbs
// below the one that is named, and topics.
func helpWords(root *cobra.Command, args []string) []string {
	found, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		return nil
	}
	var words []string
	for _, verb := range found.Commands() {
		if verb.IsAvailableCommand() {
			words = append(words, verb.Name()+"\t"+verb.Short)
		}
	}
	if len(args) == 0 {
		for _, t := range topics() {
			words = append(words, t.name+"\t"+t.short)
		}
	}
	slices.Sort(words)
	return words
}
