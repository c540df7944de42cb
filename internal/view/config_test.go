package view_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/view"
)

// settingsRecords has a full record and a bare one of each kind.
func settingsRecords() map[string]any {
	return map[string]any{
		"setting": view.Setting{
			SchemaVersion: view.SchemaVersion, Key: "color", Value: "never", Set: true, Type: "choice",
			Words: []string{"auto", "always", "never"}, Default: "auto", Env: "KLINGCTL_COLOR", Flag: "--color", Help: "colour", Project: true,
			Origin: view.SettingOrigin{Layer: "user", File: "/c.yaml", Line: 3, Profile: "work"},
		},
		"setting_bare": view.Setting{
			SchemaVersion: view.SchemaVersion, Key: "providers.kie.api_key", Secret: true, Type: "text",
			Env: "KLINGCTL_PROVIDERS_KIE_API_KEY", Help: "bearer key", Origin: view.SettingOrigin{Layer: "default"},
		},
		"settings_file":       view.SettingsFile{SchemaVersion: view.SchemaVersion, Layer: "user", Path: "/c.yaml", Exists: true},
		"settings_check_bare": view.SettingsCheck{SchemaVersion: view.SchemaVersion, Files: []string{}, Problems: []view.SettingsProblem{}},
		"settings_check": view.SettingsCheck{
			SchemaVersion: view.SchemaVersion, Files: []string{"/c.yaml"}, Problems: []view.SettingsProblem{
				{Key: "color", File: "/c.yaml", Line: 1, Column: 8, Message: "takes auto, always or never"},
				{Variable: "KLINGCTL_COLOR", Message: "takes auto, always or never"},
			},
		},
	}
}

func TestSettingsTable(t *testing.T) {
	t.Parallel()
	records := []view.Setting{
		{Key: "color", Value: "auto", Origin: view.SettingOrigin{Layer: "default"}},
		{Key: "model", Value: "a\tb\x1b[2J", Set: true, Origin: view.SettingOrigin{Layer: "user", File: "/c.yaml", Line: 3}},
		{Key: "timeout", Value: "5m", Set: true, Origin: view.SettingOrigin{Layer: "flag", Flag: "--timeout"}},
		{Key: "provider", Value: "kie", Set: true, Origin: view.SettingOrigin{Layer: "user", File: "/c.yaml", Line: 9, Profile: "work"}},
		{Key: "providers.kie.api_key", Set: true, Secret: true, Origin: view.SettingOrigin{Layer: "environment", Variable: "KIE_API_KEY"}},
	}
	want := []string{
		"color\tauto\tdefault",
		"model\ta b\\u001b[2J\tuser /c.yaml:3",
		"timeout\t5m\tflag --timeout",
		"provider\tkie\tprofile work /c.yaml:9",
		"providers.kie.api_key\tset\tenvironment KIE_API_KEY",
	}
	if diff := cmp.Diff(want, view.SettingsTable(records).Lines(false, 0)); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
}
