package cmd

import "github.com/klingctl/klingctl/internal/view"

// settingsSamples have every key of the records of config.
func settingsSamples() (list, files, check sample) {
	const user = "/home/me/.config/klingctl/config.yaml"
	setting := func(key, value string, origin view.SettingOrigin) view.Setting {
		return view.Setting{
			SchemaVersion: view.SchemaVersion, Key: key, Value: value, Set: origin.Layer != "default", Origin: origin,
			Type: "text", Env: "KLINGCTL_...", Help: "what it is",
		}
	}
	color := setting("color", "never", view.SettingOrigin{Layer: "flag", Flag: "--color"})
	color.Type, color.Words, color.Default, color.Flag, color.Project = "choice", []string{"auto", "always", "never"}, "auto", "--color", true
	key := setting("providers.kie.api_key", "", view.SettingOrigin{Layer: "environment", Variable: "KIE_API_KEY"})
	key.Secret = true
	list = sample{
		"The settings", "`config list`; `config get`, `config set` and `config unset` give one of them. `value` is a text always, and empty for a key.",
		[]view.Setting{color, key, setting("model", "kling-v2-1-master", view.SettingOrigin{Layer: "user", File: user, Line: 12, Profile: "work"})},
	}
	files = sample{"The settings files", "`config path`; `config init` gives the one that it made.", []view.SettingsFile{
		{SchemaVersion: view.SchemaVersion, Layer: "project", Path: "/home/me/film/.klingctl.yaml"},
		{SchemaVersion: view.SchemaVersion, Layer: "user", Path: user, Exists: true},
	}}
	check = sample{"A check of the settings", "`config validate`. The exit code is 2 when there is a problem.", view.SettingsCheck{
		SchemaVersion: view.SchemaVersion, Files: []string{user}, Problems: []view.SettingsProblem{
			{Key: "timeout", File: user, Line: 3, Column: 10, Message: `timeout: "90" is no duration such as 90s or 5m`},
			{Key: "color", Variable: "KLINGCTL_COLOR", Message: "color: takes auto, always or never"},
		},
	}}
	return list, files, check
}
