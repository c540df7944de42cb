package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

func newConfig(app *app) *cobra.Command {
	g := group("config", "Show, change and check the settings",
		`Settings come from flags, the environment, the project file .klingctl.yaml, the
user file and defaults, the strongest first. config list shows which of them
decided.`,
		`  klingctl config init
  klingctl config list
  klingctl config set provider kie
  klingctl config validate`,
		newConfigInit(app), newConfigList(app), newConfigGet(app), newConfigSet(app), newConfigUnset(app),
		newConfigPath(app), newConfigValidate(app))
	g.GroupID = groupMore
	return g
}

// source is what the settings come from.
func (a *app) source() (config.Source, error) {
	built, err := a.builtin()
	if err != nil {
		return config.Source{}, err
	}
	var known []config.Known
	for _, preset := range built.Presets() {
		known = append(known, config.Known{
			Name: preset.Name, Env: preset.Keys.Env, Pair: preset.Keys.Pair,
			Defaults: map[string]string{
				"base_url": preset.BaseURL, "title": preset.Title, "dialect": preset.Dialect,
				"console": preset.Console, "lookup": preset.Lookup, "upload.method": preset.Upload.Method,
			},
		})
	}
	return config.Source{
		Environ: a.process.Environ, OS: a.process.OS, Folder: a.process.Folder,
		File: a.global.config, Flags: a.global.set, Known: known, Value: checkAmounts,
	}, nil
}

// checkAmounts judges the values that config leaves to others.
func checkAmounts(setting config.Setting, value string) error {
	if setting.Type != config.Amounts {
		return nil
	}
	if _, err := parseCaps(setting.Key, ledger.ScopeJob, value); err != nil {
		return errCap
	}
	return nil
}

// configListOptions are the flags of config list.
type configListOptions struct{ all bool }

func newConfigList(app *app) *cobra.Command {
	o := &configListOptions{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show settings and where they come from",
		Long: `Show the settings with their values and where each value comes from. Of the
providers only what somebody set is shown, unless --all or --json asks for the
rest. Of a key it is only said that it is set.`,
		Example: "  klingctl config list\n  klingctl config list --json | jq '.[] | select(.set)'\n  klingctl config list --all --profile work",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return app.listSettings(o) },
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "every setting of every provider as well")
	return cmd
}

func (a *app) listSettings(o *configListOptions) error {
	settings, err := a.config()
	if err != nil {
		return err
	}
	alone := len(config.General())
	var records []view.Setting
	for i, value := range settings.Values() {
		if i < alone || value.Given() || o.all || a.global.json {
			records = append(records, settingRecord(value))
		}
	}
	if a.global.json {
		return a.printJSON(records)
	}
	return a.print(view.SettingsTable(records).Lines(a.process.OutTTY, a.term().Columns())...)
}

func newConfigGet(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "get KEY",
		Short: "Print one setting",
		Long: `Print the value that holds for a setting, and an empty line for one that is not
set. Keys of providers are never printed; --json tells whether one is set.`,
		Example:           "  klingctl config get provider\n  klingctl config get guard.window --json",
		Args:              someArgs(1, 1, "the name of a setting"),
		ValidArgsFunction: app.completeSettings,
		RunE:              func(_ *cobra.Command, args []string) error { return app.getSetting(args[0]) },
	}
}

func (a *app) getSetting(key string) error {
	settings, err := a.config()
	if err != nil {
		return err
	}
	key = strings.ToLower(key)
	value, ok := settings.Value(key)
	switch {
	case !ok:
		return noSuchSetting(key, "get", "")
	case a.global.json:
		return a.printJSON(settingRecord(value))
	case value.Secret:
		return usageFault("print "+key, "a key is never shown", "klingctl config get "+key+" --json tells whether it is set, and where")
	}
	return a.print(view.Plain([]string{value.Text})...)
}

// noSuchSetting names the setting that was probably meant, in a command to run.
func noSuchSetting(key, verb, more string) error {
	detail, hint := fmt.Sprintf("there is no setting %q", fault.SafeText(key)), "klingctl config list --all"
	if _, inProfile := config.Find(key); inProfile {
		detail, hint = "it stands in a profile", "name the profile with --profile, and the setting alone"
	} else if near := config.Near(key); near != "" {
		detail += fmt.Sprintf("; did you mean %s?", fault.SafeText(near))
		hint = "klingctl config " + verb + " " + fault.SafeText(near) + more
	}
	return usageFault("find the setting", detail, hint)
}

func newConfigPath(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "path",
		Short:   "Show which files settings are read from",
		Long:    "Show the files that settings are read from, the strongest first, and whether\nthey exist.",
		Example: "  klingctl config path\n  klingctl config path --json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return app.showSettingsFiles() },
	}
}

func (a *app) showSettingsFiles() error {
	source, err := a.source()
	if err != nil {
		return err
	}
	files, err := config.Files(source)
	if err != nil {
		return err
	}
	records := make([]view.SettingsFile, 0, len(files))
	for _, file := range files {
		records = append(records, view.SettingsFile{SchemaVersion: view.SchemaVersion, Layer: file.Layer, Path: file.Path, Exists: file.Exists})
	}
	if a.global.json {
		return a.printJSON(records)
	}
	return a.print(view.SettingsFilesTable(records).Lines(a.process.OutTTY, a.term().Columns())...)
}

func settingRecord(value config.Value) view.Setting {
	record := view.Setting{
		SchemaVersion: view.SchemaVersion, Key: value.Key, Value: value.Text, Set: value.Given(), Secret: value.Secret,
		Origin: view.SettingOrigin{Layer: value.Origin.Layer},
		Type:   string(value.Type), Words: value.Words, Default: value.Default,
		Env: value.Env(), Flag: value.Flag, Help: value.Help, Project: value.Project,
	}
	switch o := value.Origin; o.Layer {
	case "flag":
		record.Origin.Flag = o.Where
	case "environment":
		record.Origin.Variable = o.Where
	default:
		record.Origin.File, record.Origin.Line, record.Origin.Profile = o.Where, o.Line, o.Profile
	}
	return record
}
