package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

var errOther = errors.New("the provider answered with another task")

// Settle tries to find out what became of an unknown job. It gives the job
// back unchanged, beside an Ambiguous fault, when that cannot be told.
func (s *Service) Settle(ctx context.Context, job kling.Job) (kling.Job, error) {
	if job.State != kling.Unknown {
		return job, nil
	}
	client, settings, err := s.client(job)
	if err != nil {
		return job, err
	}
	if !client.Dialect().Traits().Finds || !findable(job, settings) {
		return job, unsettled(job, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	seen, err := client.Find(ctx, job.Ref.Path, job.ExternalID)
	if err == nil && seen.ExternalID != "" && seen.ExternalID != job.ExternalID {
		return job, unsettled(job, errOther)
	}
	if err == nil && seen.Task != "" {
		s.notice(job, "found at "+settings.Name+" by our own id: nothing was lost")
		return s.seen(ctx, client, job, seen)
	}
	if fault.Is(err, fault.Auth) {
		return job, withJob(err, job)
	}
	return job, unsettled(job, err)
}

// unsettled says honestly that nobody here can tell.
func unsettled(job kling.Job, cause error) error {
	return &fault.Error{
		Kind: fault.Ambiguous, Op: "find out what became of job", Subject: job.ID, Charged: fault.MayBeCharged,
		Detail: "the create got no clear answer: " + order(job),
		Job:    job.ID, Hint: unsettledHint(job), RequestID: job.RequestID, Err: cause,
	}
}

// unsettledHint is unknownHint after a look by our own id: asking again helps
// only where the provider is known to look tasks up by it.
func unsettledHint(job kling.Job) string {
	if settings, err := SettingsOf(job); err == nil && settings.Lookup == "yes" {
		return unknownHint(job)
	}
	return resolveHint(job)
}

// findable reports whether asking for a job by our own id can find it.
func findable(job kling.Job, settings provider.Settings) bool {
	return job.ExternalID != "" && settings.Lookup != "no"
}

// promptStart is how much of a prompt a message shows, in characters.
const promptStart = 40

// order names what may have been bought: where, which model, when, for which
// prompt, and for how much.
func order(job kling.Job) string {
	text := fmt.Sprintf("%s at %s, %s", job.Model, job.Ref.Provider, job.CreatedAt.UTC().Format(time.RFC3339))
	if prompt := []rune(fault.SafeText(job.Prompt)); len(prompt) > promptStart {
		text += fmt.Sprintf(", %q", string(prompt[:promptStart])+"…")
	} else if len(prompt) > 0 {
		text += fmt.Sprintf(", %q", string(prompt))
	}
	if kept, err := recordOf(job); err == nil && kept.Price != nil {
		return text + ", which costs " + kept.Price.Amount + " " + kept.Price.Unit + " by the published list"
	}
	return text + ", at a price that is not known here"
}

// unknownHint names what can be done about an unknown job.
func unknownHint(job kling.Job) string {
	if settings, err := SettingsOf(job); err == nil && findable(job, settings) {
		return notAgain + "klingctl reconcile " + job.ID + " looks for it by our own id"
	}
	return resolveHint(job)
}

const notAgain = "do not submit again before you know what became of it: "

// resolveHint leads the user to the provider's own list.
func resolveHint(job kling.Job) string {
	where := "at the provider"
	if settings, err := SettingsOf(job); err == nil && settings.Console != "" {
		where = "at " + settings.Console
	}
	return notAgain + "look for the task " + where + ", then klingctl jobs resolve " + job.ID + " --task-id ID, or --not-created"
}

// Unsettled says of an unknown job what may have been bought and what to do.
func Unsettled(job kling.Job) error { return unsettled(job, nil) }
