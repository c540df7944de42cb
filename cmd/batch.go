package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/ledger"
)

func newBatch(app *app) *cobra.Command {
	g := group("batch", "Make videos of a folder of images, or of a manifest",
		`A batch is many jobs with one name. Each row, an image of a folder or a line of
a manifest, has a stable id, so that running the same command again goes on
where it stopped: finished rows are skipped, jobs under way are taken up,
nothing is bought twice.`,
		`  klingctl batch run shots/ --prompt "slow pan over {stem}" -o out/ --dry-run
  klingctl batch run shots.csv -o out/ --max-spend "20 USD"
  klingctl batch status`,
		newBatchRun(app), newBatchList(app), newBatchStatus(app), newBatchWait(app), newBatchCancel(app),
	)
	g.GroupID = groupJobs
	return g
}

// batchOptions are the flags of batch run.
type batchOptions struct {
	saveOptions

	request      requestOptions
	flags        *pflag.FlagSet
	name, shard  string
	rate         string
	deadline     string
	concurrency  int
	maxFailures  int
	maxJobs      int
	maxSpend     string
	allowUnknown bool
	retryFailed  bool
	redoChanged  bool
	dryRun       bool
	detach       bool
	interval     time.Duration
}

func newBatchRun(app *app) *cobra.Command {
	o := &batchOptions{}
	cmd := &cobra.Command{
		Use:   "run SOURCE",
		Short: "Carry every row of a batch to its video",
		Long: `Make one video of each row of SOURCE: a folder of images, a pattern in quotes,
a .csv, .tsv, .jsonl or .txt file, or - for standard input.

Columns are named as flags (image, prompt, duration, ...), and id, provider,
model, kind and param.NAME; all others can stand in --prompt as {column}, beside
{stem}, {name} and {dir} of the image, {caption} and {row}. The text of x.txt
beside x.png is its prompt. What a row does not say, the flags say, and then
batch.yaml in the folder or the file of --from.

results.jsonl and errors.jsonl grow in the folder of -o. The same command again
goes on where this one stopped, also after a crash. Exit code 0 when every row
has its video, 6 when some do not, or that of what stopped the batch.`,
		Example: `  klingctl batch run shots/ --sandbox --prompt "slow pan over {stem}" -o out/
  klingctl batch run shots/ -m kling-v2-1-master --provider kling -o out/ --dry-run
  klingctl batch run orders.csv -o "out/{row}.mp4" --concurrency 20 --max-spend "50 USD"
  klingctl batch run orders.csv -o out/ --retry-failed`,
		Args: someArgs(1, 1, "a folder, a pattern in quotes, a manifest, or -"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error { return app.runBatch(cmd.Context(), o, args[0]) },
	}
	o.request.addFlags(cmd)
	flags := cmd.Flags()
	o.flags = flags
	o.addFlags(flags, "save the videos into this folder/, or by a `template` such as out/{row}.mp4")
	flags.StringVar(&o.name, "name", "", "call the batch this `name`; by default one that SOURCE and -o decide")
	flags.IntVar(&o.concurrency, "concurrency", 0, "at most this `number` of jobs in flight at a provider; by default what it documents")
	flags.StringVar(&o.rate, "rate", "", "send at most so many creates in a time, such as 20/10s; by default what the provider documents")
	flags.IntVar(&o.maxJobs, "max-jobs", 0, "buy no more than this `number` of jobs for the batch, all runs together; 0 for no bound")
	flags.StringVar(&o.maxSpend, "max-spend", "", "buy nothing that would make the batch cost more than this `amount`, such as 20 USD or 500 credits")
	flags.BoolVar(&o.allowUnknown, "allow-unknown-price", false, "let jobs of unknown price pass a cap on money")
	flags.IntVar(&o.maxFailures, "max-failures", 0, "buy nothing more after this `number` of rows has failed; 0 for no bound")
	flags.StringVar(&o.deadline, "deadline", "", "end at this `time`: a duration from now, 15:04, or RFC 3339")
	flags.StringVar(&o.shard, "shard", "", "carry one part of the rows, such as 1/4; by default what JOB_COMPLETION_INDEX or CI_NODE_INDEX say")
	flags.BoolVar(&o.retryFailed, "retry-failed", false, "order rows again whose job failed or was refused")
	flags.BoolVar(&o.redoChanged, "redo-changed", false, "order rows again that were changed since they were bought")
	flags.BoolVar(&o.dryRun, "dry-run", false, "check every row and price them all, and send nothing")
	flags.BoolVar(&o.detach, "detach", false, "leave the rows to klingctl worker, on any machine that shares the database of the ledger")
	flags.DurationVar(&o.interval, "poll-interval", 0, "look at the jobs at this fixed `pace`")
	app.answer.addFlags(cmd, &app.global)
	app.completeRequest(cmd, &o.request)
	return cmd
}

// check refuses flags that bound nothing or mean nothing.
func (o *batchOptions) check() error {
	for name, value := range map[string]int{"concurrency": o.concurrency, "max-jobs": o.maxJobs, "max-failures": o.maxFailures} {
		if value < 0 || value == 0 && name == "concurrency" && o.flags.Changed(name) {
			return usageFault("read --"+name, fmt.Sprintf("%d is no number of jobs", value), "")
		}
	}
	if o.maxSpend == "" && o.flags.Changed("max-spend") {
		return usageFault("read --max-spend", "it is empty: "+errCap.Error(), "leave it out to set no bound")
	}
	if o.detach {
		return o.detachable()
	}
	return nil
}

// parseRate reads 20/10s; "" is the zero Pace.
func parseRate(text string) (ledger.Pace, error) {
	if text == "" {
		return ledger.Pace{}, nil
	}
	count, span, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if span != "" && strings.Trim(span, "0123456789.") == span {
		span = "1" + span // 5/s is 5 in 1 s
	}
	per, perErr := time.ParseDuration(span)
	if err != nil || perErr != nil || n < 1 || per <= 0 {
		return ledger.Pace{}, usageFault("read --rate", fmt.Sprintf("%q is no rate", fault.SafeText(text)), "20/10s is 20 creates in 10 seconds, 5/s is 5 in one")
	}
	return ledger.Pace{Count: n, Per: per}, nil
}

// parseDeadline reads a duration from now, a time of the day, or RFC 3339; the
// zero time for "".
func parseDeadline(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := time.ParseDuration(text); err == nil && span > 0 {
		return now.Add(span), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if clock, err := time.Parse("15:04", text); err == nil {
		local := now.Local()
		at := time.Date(local.Year(), local.Month(), local.Day(), clock.Hour(), clock.Minute(), 0, 0, local.Location())
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, nil
	}
	return time.Time{}, usageFault("read --deadline", fmt.Sprintf("%q is no time", fault.SafeText(text)), "2h, 18:30 or 2026-11-20T18:30:00Z")
}

// shardOf is --shard, else what a cluster or a CI system tells its members:
// Kubernetes counts from 0, GitLab from 1.
func (a *app) shardOf(flag string) (batch.Shard, error) {
	if flag != "" {
		return batch.ParseShard(flag)
	}
	if index, total := a.process.env("CI_NODE_INDEX"), a.process.env("CI_NODE_TOTAL"); index != "" && total != "" {
		return batch.ParseShard(index + "/" + total)
	}
	index, err := strconv.Atoi(a.process.env("JOB_COMPLETION_INDEX"))
	total := firstOf(a.process.env("JOB_COMPLETIONS"), a.process.env("KLINGCTL_SHARDS"))
	if err != nil || total == "" {
		return batch.Shard{}, nil //nolint:nilerr // nobody shares the rows
	}
	return batch.ParseShard(strconv.Itoa(index+1) + "/" + total)
}
