package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/fault"
)

// offerLength is the longest command line that is worth showing, in bytes.
const offerLength = 200

// offer is a corrected command line, quoted for a shell, to be shown as the
// next step. It is "" for one that would not be understood either, that does
// not fit a line, or that may hold a secret: what is shown ends up in logs.
func offer(args []string) string {
	words := make([]string, 0, len(args)+1)
	words = append(words, "klingctl")
	for _, arg := range args {
		if fault.SafeText(arg) != arg || signedURL(arg) {
			return ""
		}
		words = append(words, quoted(arg))
	}
	line := strings.Join(words, " ")
	if len(line) > offerLength || !understood(args) {
		return ""
	}
	return line
}

// understood reports whether a command line names verbs and flags that exist,
// and as many arguments as its verb takes. Lines of verbs that are told keys
// are never understood.
func understood(args []string) bool {
	root := newRoot(newApp(Process{}))
	root.InitDefaultCompletionCmd(args...)
	verb, rest, err := root.Find(args)
	if err != nil || verb.HasSubCommands() || toldKeys(verb) || verb.ParseFlags(rest) != nil {
		return false
	}
	return verb.Args == nil || verb.Args(verb, verb.Flags().Args()) == nil
}

// toldKeys reports verbs behind which somebody may have typed a key.
func toldKeys(verb *cobra.Command) bool {
	names := strings.Fields(verb.CommandPath())
	return slices.Contains(names, "auth") || slices.Contains(names, "config")
}

// signedURL reports an address that may carry a secret: a password, or a query
// that signs it.
func signedURL(word string) bool {
	_, rest, isURL := strings.Cut(word, "://")
	return isURL && strings.ContainsAny(rest, "?@")
}

// quoted is a word as a shell reads it back.
func quoted(word string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// renamed is a command line with another name of a flag.
func renamed(args []string, wrong, right string) []string {
	changed := slices.Clone(args)
	for i, arg := range args {
		if rest, found := strings.CutPrefix(arg, "--"+wrong); found && (rest == "" || rest[0] == '=') {
			changed[i] = "--" + right + rest
			break
		}
	}
	return changed
}

// revalued is a command line with another value of a flag.
func revalued(args []string, flag *pflag.Flag, wrong, right string) []string {
	changed := slices.Clone(args)
	for i, arg := range args {
		switch {
		case arg == "--"+flag.Name+"="+wrong:
			changed[i] = "--" + flag.Name + "=" + right
		case arg == wrong && i > 0 && (args[i-1] == "--"+flag.Name || args[i-1] == "-"+flag.Shorthand):
			changed[i] = right
		}
	}
	return changed
}
