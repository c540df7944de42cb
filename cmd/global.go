package cmd

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// errHelp is what pflag returns for --help.
var errHelp = pflag.ErrHelp

// globalOptions are the flags of every verb.
type globalOptions struct {
	config, profile, ledger, color   string
	json, sandbox, quiet, noProgress bool
	timeout                          time.Duration
	set                              map[string]string
}

func (o *globalOptions) addFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&o.config, "config", "", "read settings from this `file`")
	flags.StringVar(&o.profile, "profile", "", "lay this profile of the user file over the rest of it: a `name`")
	flags.StringVar(&o.ledger, "ledger", "", "keep jobs in this `file`")
	flags.BoolVar(&o.json, "json", false, "print one JSON document")
	flags.BoolVar(&o.sandbox, "sandbox", false, "use the offline emulator: no key, no network, no charge")
	flags.StringVar(&o.color, "color", "", "colour: `when` is auto, always or never")
	flags.BoolVar(&o.noProgress, "no-progress", false, "draw no progress bar")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing but data and errors")
	flags.DurationVar(&o.timeout, "timeout", 0, "bound the whole command, for example 15m")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		o.set = map[string]string{}
		for flag, key := range map[string]string{
			"ledger": "ledger", "profile": "profile", "sandbox": "sandbox", "color": "color", "timeout": "timeout",
		} {
			if given := cmd.Flags().Lookup(flag); given != nil && given.Changed {
				o.set[key] = given.Value.String()
			}
		}
		if o.noProgress {
			o.set["progress"] = "false"
		}
	}
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
}
