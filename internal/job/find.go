package job

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// Find resolves an argument to a job: a local id or a prefix of one, or a
// portable reference. A reference that the ledger does not hold gives a job of
// its own that lives in memory only; settingsOf configures its provider.
func (s *Service) Find(ctx context.Context, arg string, settingsOf func(name string) (provider.Settings, error)) (kling.Job, error) {
	if !kling.IsRef(arg) {
		arg = strings.ToLower(arg)
		if !kling.ValidIDPrefix(arg) {
			return kling.Job{}, &fault.Error{
				Kind: fault.Usage, Op: "find job", Subject: fault.SafeText(arg),
				Detail: "an id is 4 to 12 letters and digits as submit printed it, a reference reads provider:task",
				Hint:   "klingctl status",
			}
		}
		return s.Ledger.Find(ctx, arg)
	}
	ref, err := kling.ParseRef(arg)
	if err != nil {
		return kling.Job{}, &fault.Error{Kind: fault.Usage, Op: "read the reference", Subject: fault.SafeText(arg), Err: err}
	}
	if known, ok, err := s.Ledger.FindRef(ctx, ref); err != nil || ok {
		return known, err
	}
	settings, err := settingsOf(ref.Provider)
	if err != nil {
		return kling.Job{}, err
	}
	return foreign(ref, settings)
}

// foreign is a job that somebody else submitted, known by its reference.
func foreign(ref kling.Ref, settings provider.Settings) (kling.Job, error) {
	encoded, err := json.Marshal(settings)
	if err != nil {
		return kling.Job{}, &fault.Error{Kind: fault.Internal, Op: "describe the provider", Err: err}
	}
	return kling.Job{Ref: ref, State: kling.Queued, Settings: encoded}, nil
}
