package cmd

import (
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// hint is the next step for a fault that came without one.
func (a *app) hint(problem *fault.Error) string {
	if problem.Hint != "" {
		return problem.Hint
	}
	switch problem.Kind {
	case fault.Auth, fault.Stale:
		return a.keyHint(problem.Subject)
	case fault.Credit:
		if console := a.console(problem.Subject); console != "" {
			return "top up, then submit again; your account is at " + console
		}
		return "top up, then submit again"
	case fault.Busy, fault.Unavailable:
		return "run the same command again later; nothing was bought by this one"
	case fault.Answer:
		return "check the provider's endpoint (providers." + problem.Subject + ".base_url)"
	case fault.Refused:
		return "change the request; klingctl submit --dry-run shows what would be sent"
	case fault.Local:
		return "see to the disk or the permissions, then run the same command again"
	case fault.Internal, fault.Usage, fault.Held, fault.Ambiguous, fault.NotFound, fault.Deadline,
		fault.Download, fault.Failed, fault.Interrupted:
	}
	return ""
}

// keyHint says where the refused key came from and where a good one is to be
// had.
func (a *app) keyHint(name string) string {
	if a.settings == nil {
		return ""
	}
	configured, known := a.settings.Providers[name]
	if !known {
		return "" // the subject is where the key was read, and says enough
	}
	hint := "put a good key into " + strings.Join(a.keyNames(name), " or ")
	if from := configured.Key.From; from != "" {
		hint = "the key came from " + from + "; replace it"
	}
	if console := a.console(name); console != "" {
		hint += "; keys are made at " + console
	}
	return hint
}

// keyNames are the variables that may hold a provider's key.
func (a *app) keyNames(name string) []string {
	var names []string
	if offers, err := a.catalog(); err == nil {
		if preset, ok := offers.Preset(name); ok {
			names = append(names, preset.Keys.Env...)
			if len(preset.Keys.Pair) == 2 {
				names = append(names, preset.Keys.Pair[0]+" and "+preset.Keys.Pair[1])
			}
		}
	}
	if len(names) == 0 {
		names = append(names, "KLINGCTL_PROVIDERS_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"_API_KEY")
	}
	return names
}

func (a *app) console(name string) string {
	settings, err := a.providerSettings(name)
	if err != nil {
		return ""
	}
	return settings.Console
}
