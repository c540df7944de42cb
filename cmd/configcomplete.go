package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/config"
)

// completeSettings completes the name of a setting, and for config set its
// value as well.
func (a *app) completeSettings(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return a.settingKeys(word), cobra.ShellCompDirectiveNoFileComp
	case len(args) == 1 && cmd.Name() == "set":
		return a.settingValues(args[0])
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeProfiles completes --profile.
func (a *app) completeProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	source, err := a.source()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return config.Profiles(source), cobra.ShellCompDirectiveNoFileComp
}

// settingKeys are all keys; those of the many providers only once it is clear
// that one of them is wanted.
func (a *app) settingKeys(word string) []string {
	var keys []string
	for _, setting := range config.General() {
		keys = append(keys, setting.Key+"\t"+setting.Help)
	}
	if word == "" || !strings.HasPrefix(word, "p") {
		return keys
	}
	source, err := a.source()
	if err != nil {
		return keys
	}
	for _, name := range knownProviders(source) {
		for _, setting := range config.PerProvider() {
			keys = append(keys, "providers."+name+"."+setting.Key+"\t"+setting.Help)
		}
	}
	return keys
}

func (a *app) settingValues(key string) ([]string, cobra.ShellCompDirective) {
	setting, ok := config.Find(key)
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	switch setting.Type {
	case config.Boolean:
		return []string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp
	case config.Choice:
		return setting.Words, cobra.ShellCompDirectiveNoFileComp
	case config.ProviderName:
		return a.providerNames(), cobra.ShellCompDirectiveNoFileComp
	case config.ModelName:
		return a.modelNames(""), cobra.ShellCompDirectiveNoFileComp
	case config.Path:
		return nil, cobra.ShellCompDirectiveDefault
	case config.Text, config.Duration, config.Amounts, config.Address:
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
