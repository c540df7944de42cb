package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
)

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, process Process) int {
	process.In = interruptible(ctx, process.In)
	app := newApp(process)
	defer app.close()
	root := newRoot(app) //nolint:contextcheck // verbs take their context from Cobra
	root.SetArgs(process.Args)
	err := root.ExecuteContext(ctx)
	return app.finish(ctx, err)
}

// newRoot builds the command tree. Every verb stands in this list; nothing
// registers itself.
func newRoot(app *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "klingctl",
		Short: "Turn images and prompts into Kling videos",
		Long: `klingctl submits images and prompts to Kling models through several API
providers, waits behind a progress bar, and ends with a checked MP4 on disk.

Everything can be tried offline: --sandbox needs no key and no network.`,
		Example: `  klingctl submit --sandbox --image photo.png --prompt "slow pan" -o clip.mp4
  id=$(klingctl submit --image photo.png --prompt "slow pan")
  klingctl wait "$id" && klingctl download "$id" -o clip.mp4`,
		SilenceErrors: true, SilenceUsage: true, SuggestionsMinimumDistance: nearVerb,
		Args: noSuchVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = app.process.Version
	app.global.addFlags(root)
	root.SetIn(app.process.In)
	root.SetOut(app.process.Out)
	root.SetErr(app.process.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// Parsing stopped at the mistake; --json may stand behind it.
		app.global.json = app.global.json || slices.Contains(app.process.Args, "--json")
		return flagFault(cmd, err)
	})
	root.AddGroup(&cobra.Group{ID: groupJobs, Title: "Jobs:"}, &cobra.Group{ID: groupMore, Title: "More:"})
	root.AddCommand(
		newSubmit(app), newStatus(app), newWait(app), newDownload(app),
		newJobs(app), newCollect(app), newReconcile(app), newBalance(app),
		newModels(app), newImage(app), newSandbox(app), newVersion(app),
	)
	root.SetHelpCommand(newHelp(root))
	root.SetHelpCommandGroupID(groupMore)
	root.SetCompletionCommandGroupID(groupMore)
	return root
}

const (
	groupJobs = "jobs"
	groupMore = "more"
)

// nearVerb is how many letters a verb that is suggested may differ in.
const nearVerb = 2

// noSuchVerb refuses an argument that is no verb, naming the nearest.
func noSuchVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = cmd.CommandPath() + " " + near[0]
	}
	return usageFault("run "+cmd.CommandPath(), fmt.Sprintf("there is no verb %q", fault.SafeText(args[0])), hint)
}

// group makes a verb that only holds others; alone it is a usage error, where
// Cobra would print help and exit 0.
func group(use, short, long, example string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: noSuchVerb, SuggestionsMinimumDistance: nearVerb,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var names []string
			for _, verb := range cmd.Commands() {
				names = append(names, verb.Name())
			}
			slices.Sort(names)
			return usageFault("run "+cmd.CommandPath(), "it takes one of: "+strings.Join(names, ", "), cmd.CommandPath()+" --help")
		},
	}
	g.AddCommand(verbs...)
	return g
}

func usageFault(op, detail, hint string) error {
	return &fault.Error{Kind: fault.Usage, Op: op, Detail: detail, Charged: fault.NotCharged, Hint: hint}
}

// flagFault turns pflag's errors into usage faults that name a near flag.
func flagFault(cmd *cobra.Command, err error) error {
	if errors.Is(err, errHelp) {
		return err
	}
	return &fault.Error{
		Kind: fault.Usage, Op: "read the flags of", Subject: cmd.CommandPath(), Charged: fault.NotCharged,
		Detail: fault.SafeText(err.Error()), Hint: cmd.CommandPath() + " --help",
	}
}

// newHelp is Cobra's help verb, but a topic that does not exist is an error.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [verb]",
		Short:   "Show help for a verb",
		Long:    "Show the help of a verb: what it does, examples, and its flags.",
		Example: "  klingctl help submit",
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return usageFault("show help", fmt.Sprintf("there is no topic %q", fault.SafeText(strings.Join(args, " "))), "klingctl --help")
			}
			return found.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, verb := range found.Commands() {
				if verb.IsAvailableCommand() {
					names = append(names, verb.Name()+"\t"+verb.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
