package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// What --print puts on standard output, one line each.
const (
	printPath = "path"
	printURL  = "url"
	printRef  = "ref"
	printID   = "id"
	printJSON = "json"
)

func printWords() []string { return []string{printPath, printURL, printRef, printID, printJSON} }

// answerHelp tells of the flags in the long help of verbs.
const answerHelp = `--print chooses the lines of standard output: the path or the URL of each video,
the id or the reference of each job, or json for the record. --events writes a
line of JSON for each event as it happens instead, and a summary at the end.`

// answerOptions are the flags that choose what standard output holds.
type answerOptions struct {
	events bool
	// word is what --print asks for, "" for what the verb prints by itself.
	word string
}

// addFlags declares them. --print json is --json, also for an error that comes
// before the verb begins.
func (o *answerOptions) addFlags(cmd *cobra.Command, global *globalOptions) {
	flags := cmd.Flags()
	flags.BoolVar(&o.events, "events", false, "print what happens as it happens: one line of JSON an event, the last one a summary")
	flags.Func("print", "print this `word` of each job or video instead: path, url, ref, id or json", func(word string) error {
		if !slices.Contains(printWords(), word) {
			return fmt.Errorf("takes one of: %s", strings.Join(printWords(), ", "))
		}
		o.word, global.json = word, global.json || word == printJSON
		return nil
	})
	_ = cmd.RegisterFlagCompletionFunc("print", cobra.FixedCompletions(printWords(), cobra.ShellCompDirectiveNoFileComp))
}

// check refuses answers that exclude one another, and those that the verb will
// not have: ends says that it sees jobs end, saves that it writes their files.
func (o *answerOptions) check(json, ends, saves bool) error {
	refused := func(detail, hint string) error { return usageFault("choose what to print", detail, hint) }
	switch {
	case o.events && json:
		return refused("--events and --json exclude one another", "the lines of --events are JSON already; job.ended holds the record")
	case o.events && o.word != "":
		return refused("--events and --print exclude one another", "leave one out")
	case json && o.word != "" && o.word != printJSON:
		return refused("--json and --print "+o.word+" exclude one another", "leave one out")
	case o.word == printPath && !saves:
		return refused("there is no path without a file", "add -o")
	case o.word == printURL && !ends:
		return refused("there is no URL before the job has ended", "add --wait or -o")
	}
	return nil
}

// answers settles what standard output holds and begins --events; ctx ends with
// a signal.
func (a *app) answers(ctx context.Context, ends, saves bool) error {
	if err := a.answer.check(a.global.json, ends, saves); err != nil {
		return err
	}
	a.openStream(ctx)
	return nil
}

// words are the lines that --print asks for, of jobs in their order.
func (a *app) words(jobs []kling.Job) []string {
	var lines []string
	for _, j := range jobs {
		switch a.answer.word {
		case printRef:
			lines = append(lines, firstOf(j.Ref.String(), job.Name(j)))
		case printID:
			lines = append(lines, job.Name(j))
		case printURL:
			for _, artifact := range j.Artifacts {
				lines = append(lines, inertURL(artifact.URL))
			}
		case printPath:
			for _, artifact := range j.Artifacts {
				if artifact.OnDisk() {
					lines = append(lines, a.shown(artifact.Path))
				}
			}
		}
	}
	return lines
}

// inertURL is a provider's link on one line: whatever belongs into no URL, and
// could steer a terminal, is percent-encoded.
func inertURL(link string) string {
	var clean strings.Builder
	for i := range len(link) {
		if link[i] > 0x20 && link[i] < 0x7f {
			clean.WriteByte(link[i])
		} else {
			clean.WriteString("%" + fmt.Sprintf("%02X", link[i]))
		}
	}
	return clean.String()
}
