package cmd

import (
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/config"
)

// otherVariables are the variables that are no setting of ours.
func otherVariables() []entry {
	return []entry{
		{word: "KLINGCTL_CONFIG", what: "file to read the user's settings from"},
		{word: "NO_COLOR", what: "no colour when it is set"},
		{word: "CLICOLOR_FORCE", what: "colour also without a terminal when it is set and not 0"},
		{word: "TERM", what: "dumb: nothing is drawn over"},
		{word: "XDG_CONFIG_HOME", what: "folder of klingctl/config.yaml; by default ~/.config, on Windows %AppData%"},
		{word: "XDG_STATE_HOME", what: "folder of the ledger; by default ~/.local/state, on Windows %LocalAppData%"},
		{word: "CI_NODE_INDEX", what: "with CI_NODE_TOTAL: the part of a batch to carry, from 1 on, as with --shard"},
		{word: "JOB_COMPLETION_INDEX", what: "with JOB_COMPLETIONS or KLINGCTL_SHARDS: the same, from 0 on"},
		{word: "HTTPS_PROXY", what: "with HTTP_PROXY and NO_PROXY: the way out"},
		{word: "PGPASSWORD", what: "password of a ledger on PostgreSQL; PGHOST and its other variables are read as well"},
		{word: "AWS_ACCESS_KEY_ID", what: "with AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE and AWS_REGION: keys of the bucket for images"},
	}
}

func environmentSections(offers *catalog.Catalog) []section {
	return []section{
		{
			title: "Keys of providers",
			text: `Keys never stand on a command line. The first found wins: KLINGCTL_PROVIDERS_<NAME>_API_KEY, then these, then what
				the settings say.`,
			entries: keyEntries(offers),
		},
		{
			title:   "Settings",
			text:    "A flag is stronger than its variable, and a variable than what stands in a file.",
			entries: settingEntries("", config.General()),
		},
		{
			title:   "Settings of a provider",
			text:    "<NAME> is the provider in capitals, with _ for -.",
			entries: settingEntries("providers.<name>.", config.PerProvider()),
		},
		{title: "Others", entries: otherVariables()},
	}
}

func keyEntries(offers *catalog.Catalog) []entry {
	var entries []entry
	for _, preset := range offers.Presets() {
		entries = append(entries, entry{word: preset.Name, what: keySources(preset)})
	}
	return entries
}

// keySources are the variables that may hold a preset's key.
func keySources(preset catalog.Preset) string {
	words := append([]string{}, preset.Keys.Env...)
	if len(preset.Keys.Pair) == 2 {
		words = append(words, preset.Keys.Pair[0]+" with "+preset.Keys.Pair[1])
	}
	return strings.Join(words, ", or ")
}

func settingEntries(prefix string, settings []config.Setting) []entry {
	var entries []entry
	for _, setting := range settings {
		setting.Key = prefix + setting.Key
		what := setting.Help
		if !strings.Contains(what, setting.Default) {
			what += " (" + setting.Default + ")"
		}
		entries = append(entries, entry{word: setting.Env(), what: what})
	}
	return entries
}

func providerSections(offers *catalog.Catalog) []section {
	var entries []entry
	for _, preset := range offers.Presets() {
		address := preset.BaseURL
		if address == "" {
			address = "an address that you give: KLINGCTL_PROVIDERS_" + strings.ToUpper(preset.Name) + "_BASE_URL"
		}
		what := preset.Title + " at " + address + "; key in " + keySources(preset)
		if preset.Console != "" {
			what += "; tasks and keys are seen at " + preset.Console
		}
		entries = append(entries, entry{word: preset.Name, what: what})
	}
	return []section{
		{
			text:    `Choose one with --provider, KLINGCTL_PROVIDER or the setting "provider"; the only one with a key needs no choice.`,
			entries: entries,
		},
		{text: `A provider of your own needs no rebuild: docs/adding-a-provider.md. "klingctl models --provider NAME" lists what one offers.`},
	}
}
