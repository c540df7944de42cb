package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/fault"
)

// noSuchVerb refuses an argument that is no verb, naming the nearest.
func noSuchVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help"
	if _, is := topicOf(args[0]); is && !cmd.HasParent() {
		hint = "klingctl help " + args[0]
	}
	for i, verb := range meant(cmd, args[0]) {
		if offered := offer(append(strings.Fields(verb.CommandPath())[1:], args[1:]...)); offered != "" {
			hint = offered
			break
		}
		if i == 0 {
			hint = verb.CommandPath() + " --help"
		}
	}
	return usageFault("run "+cmd.CommandPath(), fmt.Sprintf("there is no verb %q", fault.SafeText(args[0])), hint)
}

// meant are the verbs that a word may stand for, the likeliest first: a verb
// beside it that is spelled alike, what other programs call by that name, and one
// deeper down that is called so.
func meant(cmd *cobra.Command, word string) []*cobra.Command {
	beside := map[string]*cobra.Command{}
	var names []string
	var found, deeper []*cobra.Command
	for _, verb := range cmd.Commands() {
		if !verb.IsAvailableCommand() {
			continue
		}
		beside[verb.Name()] = verb
		names = append(names, verb.Name())
		for _, below := range verb.Commands() {
			if below.Name() == word {
				deeper = append(deeper, below)
			}
		}
	}
	for _, name := range near(word, names) {
		found = append(found, beside[name])
	}
	if path := elsewhere(word); path != "" && !cmd.HasParent() {
		if verb, rest, err := cmd.Find(strings.Fields(path)); err == nil && len(rest) == 0 {
			found = append(found, verb)
		}
	}
	return append(found, deeper...)
}

// elsewhere is the verb that does what other programs call by a word, "" for
// none.
func elsewhere(word string) string {
	switch word {
	case "create", "generate", "make", "run", "new":
		return "submit"
	case "get", "fetch", "pull":
		return "download"
	case "ls", "ps", "list":
		return "jobs list"
	case "rm", "remove":
		return "jobs delete"
	case "watch", "poll":
		return "wait"
	}
	return ""
}

// flagFault turns pflag's errors into usage faults that offer the command line
// as it was meant.
func flagFault(cmd *cobra.Command, err error, args []string) error {
	if errors.Is(err, errHelp) {
		return err
	}
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		// It was read with the flags of the group, because the verb is none.
		if at := slices.Index(args, words[0]); at >= 0 {
			words = args[at:]
		}
		return noSuchVerb(cmd, words)
	}
	problem := &fault.Error{
		Kind: fault.Usage, Op: "read the flags of", Subject: cmd.CommandPath(), Charged: fault.NotCharged,
		Detail: fault.SafeText(err.Error()), Hint: cmd.CommandPath() + " --help",
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		unknownFlag(cmd, unknown.GetSpecifiedName(), args, problem)
	}
	if lacking, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		flag := lacking.GetFlag()
		name, _ := pflag.UnquoteUsage(flag)
		problem.Detail = "--" + flag.Name + " needs a value: " + name
		problem.Hint = firstOf(exampleOf(cmd, flag.Name), problem.Hint)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		wrongValue(cmd, wrong, args, problem)
	}
	return problem
}

// unknownFlag names the flags that are like the given one, and offers the line
// with the only one that is.
func unknownFlag(cmd *cobra.Command, name string, args []string, problem *fault.Error) {
	if slices.Contains([]string{"key", "api-key", "token", "secret-key", "access-key"}, name) {
		problem.Detail += "; a key never stands on a command line, where others can read it"
		problem.Hint = "klingctl help environment"
		return
	}
	var known []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			known = append(known, flag.Name)
		}
	})
	similar := near(name, known)
	if len(similar) > 0 {
		problem.Detail += "; there is --" + strings.Join(similar, ", --")
	}
	if len(similar) == 1 {
		problem.Hint = firstOf(offer(renamed(args, name, similar[0])), problem.Hint)
		return
	}
	if !cmd.HasParent() {
		problem.Hint = firstOf(offer(append([]string{"submit"}, args...)), problem.Hint)
	}
}

// wrongValue says what a flag takes, in words for people.
func wrongValue(cmd *cobra.Command, wrong *pflag.InvalidValueError, args []string, problem *fault.Error) {
	flag, given := wrong.GetFlag(), wrong.GetValue()
	problem.Hint = firstOf(exampleOf(cmd, flag.Name), problem.Hint)
	var takes string
	switch flag.Value.Type() {
	case "int":
		takes = "a whole number"
	case "duration":
		takes = "a time with its unit, such as 90s or 15m"
		problem.Hint = firstOf(offer(revalued(args, flag, given, given+"s")), problem.Hint)
	case "bool":
		takes = "no value, or =false"
	default:
		problem.Detail = "--" + flag.Name + " " + fault.SafeText(wrong.Unwrap().Error())
		return
	}
	problem.Detail = fmt.Sprintf("--%s takes %s, not %q", flag.Name, takes, fault.SafeText(given))
}

// exampleOf is an example of a verb that uses a flag, "" when none does.
func exampleOf(cmd *cobra.Command, flag string) string {
	for line := range strings.Lines(cmd.Example) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "klingctl ") && slices.Contains(strings.Fields(line), "--"+flag) {
			return line
		}
	}
	return ""
}
