package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
)

// noArgs refuses arguments. The usual reason for one is a value behind a flag
// that stands alone.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help"
	if cmd.Flags().Lookup("sound") != nil {
		hint = "write values of --sound and --watermark with an equals sign, as in --sound=off; quote a prompt with spaces"
	}
	return usageFault("run "+cmd.CommandPath(), fmt.Sprintf("it takes no argument %q", fault.SafeText(args[0])), hint)
}

// someArgs wants between least and most arguments; most < 0 sets no limit.
func someArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageFault("run "+cmd.CommandPath(), "it needs "+what, stepBefore(cmd))
		case most >= 0 && len(args) > most:
			return usageFault("run "+cmd.CommandPath(), fmt.Sprintf("it takes one argument at most, not %d", len(args)), cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// stepBefore is the command that shows what a verb may be given, or an example
// of the verb.
func stepBefore(cmd *cobra.Command) string {
	switch {
	case strings.Contains(cmd.Use, "REF"):
		return "klingctl jobs list"
	case cmd.Parent().Name() == "batch" && strings.Contains(cmd.Use, "ID"):
		return "klingctl batch list"
	}
	example, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	return example
}
