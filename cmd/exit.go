package cmd

import (
	"slices"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Exit codes. The table in exitCodes explains them; help and docs are made
// from it.
const (
	exitDone        = 0
	exitUnexpected  = 1
	exitUsage       = 2
	exitHeld        = 3
	exitAuth        = 4
	exitFailed      = 5
	exitPartial     = 6
	exitRunning     = 7
	exitBusy        = 8
	exitCredit      = 9
	exitDownload    = 10
	exitUnknown     = 11
	exitRefused     = 12
	exitAnswer      = 13
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitCode is one line of the table of exit codes.
type exitCode struct {
	Code          int
	Meaning, Next string
}

// exitCodes is the table of exit codes, the only one there is.
func exitCodes() []exitCode {
	return []exitCode{
		{exitDone, "done", ""},
		{exitUnexpected, "unexpected, or a local fault (disk, bug)", "read the message"},
		{exitUsage, "usage, configuration or input refused here; nothing was sent", "fix the input"},
		{exitHeld, "held back by a guard (budget, duplicate); nothing was sent", "`--again`, or raise the cap"},
		{exitAuth, "key missing or refused", "klingctl auth login --provider NAME"},
		{exitFailed, "the job failed (generation, moderation)", "change the request"},
		{exitPartial, "several jobs ended differently", "look at each"},
		{exitRunning, "still running when the time was up", "klingctl wait REF"},
		{exitBusy, "provider busy or unreachable after retries; nothing was created", "later"},
		{exitCredit, "out of credit or quota", "top up"},
		{exitDownload, "the job succeeded, its file could not be fetched", "klingctl download REF"},
		{exitUnknown, "outcome of the submission unknown: it may have been charged", "klingctl reconcile"},
		{exitRefused, "refused by the provider (validation, policy, unknown model or task); nothing was created", "fix the request"},
		{exitAnswer, "the provider's answer was not understood", "check the endpoint"},
		{exitInterrupted, "interrupted (SIGINT); state saved", "the printed command"},
		{exitTerminated, "terminated (SIGTERM); state saved", "the printed command"},
	}
}

// codeOfKind is the exit code of a fault.
func codeOfKind(kind fault.Kind) int {
	switch kind {
	case fault.Internal, fault.Local:
		return exitUnexpected
	case fault.Usage:
		return exitUsage
	case fault.Held:
		return exitHeld
	case fault.Auth, fault.Stale:
		return exitAuth
	case fault.Busy, fault.Unavailable:
		return exitBusy
	case fault.Credit:
		return exitCredit
	case fault.Ambiguous:
		return exitUnknown
	case fault.Refused, fault.NotFound:
		return exitRefused
	case fault.Answer:
		return exitAnswer
	case fault.Deadline:
		return exitRunning
	case fault.Failed:
		return exitFailed
	case fault.Download:
		return exitDownload
	case fault.Interrupted:
		return exitInterrupted
	}
	return exitUnexpected
}

// codeOfState is the exit code that a job's state stands for.
func codeOfState(state kling.State) int {
	switch state {
	case kling.Succeeded:
		return exitDone
	case kling.Failed:
		return exitFailed
	case kling.Unknown:
		return exitUnknown
	case kling.Refused, kling.Lost:
		return exitRefused
	case kling.Draft, kling.Submitting, kling.Queued, kling.Running:
		return exitRunning
	}
	return exitUnexpected
}

// together is the code of several jobs: the one they share, else 11 when any
// is unknown, else 6.
func together(codes []int) int {
	shared := exitDone
	for i, code := range codes {
		switch {
		case i == 0:
			shared = code
		case code != shared:
			shared = exitPartial
		}
	}
	if shared != exitPartial {
		return shared
	}
	if slices.Contains(codes, exitUnknown) {
		return exitUnknown
	}
	return exitPartial
}
