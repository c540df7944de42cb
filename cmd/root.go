package cmd

import (
	"context"
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

Everything can be tried offline: --sandbox needs no key and no network.

"klingctl help TOPIC" tells more: ` + topicNames() + ".",
		Example: `  klingctl submit --sandbox --image photo.png --prompt "slow pan" -o clip.mp4
  id=$(klingctl submit --image photo.png --prompt "slow pan")
  klingctl wait "$id" && klingctl download "$id" -o clip.mp4`,
		SilenceErrors: true, SilenceUsage: true,
		Args: noSuchVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = app.process.Version
	app.global.addFlags(root)
	_ = root.RegisterFlagCompletionFunc("profile", app.completeProfiles)
	root.SetIn(app.process.In)
	root.SetOut(app.process.Out)
	root.SetErr(app.process.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// Parsing stopped at the mistake; --json or --events may stand behind it.
		app.global.json = app.global.json || slices.Contains(app.process.Args, "--json")
		app.answer.events = app.answer.events || cmd.Flags().Lookup("events") != nil && slices.Contains(app.process.Args, "--events")
		return flagFault(cmd, err, app.process.Args)
	})
	root.AddGroup(&cobra.Group{ID: groupJobs, Title: "Jobs:"}, &cobra.Group{ID: groupMore, Title: "More:"})
	root.AddCommand(
		newSubmit(app), newStatus(app), newWait(app), newDownload(app),
		newBatch(app), newWorker(app), newReport(app), newJobs(app), newCollect(app), newReconcile(app), newBalance(app),
		newModels(app), newImage(app), newConfig(app), newSandbox(app), newAuth(app), newVersion(app),
	)
	root.SetHelpCommand(newHelp(app, root))
	root.SetHelpCommandGroupID(groupMore)
	root.SetCompletionCommandGroupID(groupMore)
	if args := app.process.Args; len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		app.completeRest(root) // a shell asks; other commands need not pay for it
	}
	return root
}

const (
	groupJobs = "jobs"
	groupMore = "more"
)

// group makes a verb that only holds others; alone it is a usage error, where
// Cobra would print help and exit 0.
func group(use, short, long, example string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Args: noSuchVerb,
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
