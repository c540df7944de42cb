package cmd

import (
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/config"
)

// keyless is our environment without the variables that hold providers' keys.
func (a *app) keyless() []string {
	hidden := a.keyVariables()
	var kept []string
	for _, line := range a.process.Environ {
		name, _, _ := strings.Cut(line, "=")
		if a.process.OS == "windows" {
			name = strings.ToUpper(name)
		}
		if !hidden[name] && !isKeySetting(name) && name != "PGPASSWORD" && name != "KLINGCTL_LEDGER" {
			kept = append(kept, line)
		}
	}
	return kept
}

// keyVariables are the variables in which keys usually stand.
func (a *app) keyVariables() map[string]bool {
	names := map[string]bool{}
	if offers, err := a.builtin(); err == nil {
		for _, preset := range offers.Presets() {
			for _, name := range slices.Concat(preset.Keys.Env, preset.Keys.Pair) {
				names[name] = true
			}
		}
	}
	if a.settings != nil {
		for name := range a.settings.Providers {
			names[strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"_API_KEY"] = true
		}
	}
	return names
}

// isKeySetting reports whether a variable is a secret setting of a provider,
// also of one that is not known.
func isKeySetting(variable string) bool {
	rest, ours := strings.CutPrefix(variable, "KLINGCTL_PROVIDERS_")
	return ours && slices.ContainsFunc(config.PerProvider(), func(setting config.Setting) bool {
		return setting.Secret && strings.HasSuffix(rest, "_"+strings.ToUpper(setting.Key))
	})
}
