package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
)

// maxValue bounds a value that is read from standard input, in bytes.
const maxValue = 64 << 10

func newConfigSet(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Change one setting of the user file",
		Long: `Write one setting into the user file, which is made when there is none. Comments
and the order of the file stay. With --profile it goes into that profile.

A value of - is read from standard input. A key of a provider is taken in no
other way, because everybody on the machine can read command lines; the keyring
(auth login) or the environment is a better place for it than a file.`,
		Example: `  klingctl config set provider kie
  klingctl config set limits.per_day "20 USD, 50 jobs"
  klingctl config set --profile work provider kling
  klingctl config set providers.kie.api_key - < key.txt`,
		Args:              exactArgs(2, "a setting and its value"),
		ValidArgsFunction: app.completeSettings,
		RunE:              func(_ *cobra.Command, args []string) error { return app.setSetting(args[0], args[1]) },
	}
}

func newConfigUnset(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "unset KEY",
		Short:             "Take one setting out of the user file",
		Long:              "Take one setting out of the user file, so that a weaker layer or the default\ndecides. Comments stay.",
		Example:           "  klingctl config unset model\n  klingctl config unset --profile work provider",
		Args:              someArgs(1, 1, "the name of a setting"),
		ValidArgsFunction: app.completeSettings,
		RunE:              func(_ *cobra.Command, args []string) error { return app.unsetSetting(args[0]) },
	}
}

// exactArgs wants a number of arguments.
func exactArgs(number int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != number {
			return usageFault("run "+cmd.CommandPath(), fmt.Sprintf("it needs %s, not %d arguments; quote a value with spaces", what, len(args)), cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// editing is one change of the user file.
type editing struct {
	source  config.Source
	setting config.Setting
	// path is the user file; key is the setting's place in it, inside of a
	// profile where one is asked for.
	path, key string
	// written is the value that now stands there, nil for none.
	written *string
}

// edit finds out what a change is about. It does not read the settings: a file
// that is wrong must not keep anybody from putting it right. Verb and more make
// the command that is told for a key that is none.
func (a *app) edit(key, verb, more string) (editing, error) {
	key = strings.ToLower(key)
	source, err := a.source()
	if err != nil {
		return editing{}, err
	}
	setting, ok := config.Find(key)
	if !ok {
		return editing{}, noSuchSetting(key, verb, more)
	}
	path, err := a.userFile(source)
	if err != nil {
		return editing{}, err
	}
	e := editing{source: source, setting: setting, path: path, key: key}
	if key != "profile" {
		e.key = config.ProfileKey(source.Profile(), key)
	}
	if _, ok := config.Find(e.key); !ok {
		return editing{}, usageFault("change the profile "+fault.SafeText(source.Profile()), "a profile's name is lower-case letters, digits and dashes, and begins with a letter", "")
	}
	return e, nil
}

// userFile is the file that settings are written to.
func (a *app) userFile(source config.Source) (string, error) {
	files, err := config.Files(source)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(files, func(file config.File) bool { return file.Layer == "user" })
	if at < 0 {
		return "", usageFault("find the user file", "neither HOME nor XDG_CONFIG_HOME is set", "name one with --config")
	}
	return files[at].Path, nil
}

func (a *app) setSetting(key, value string) error {
	e, err := a.edit(key, "set", " VALUE")
	if err != nil {
		return err
	}
	if value, err = a.settingValue(e.setting, value); err != nil {
		return err
	}
	if err := a.checkValue(e, value); err != nil {
		return usageFault("set "+e.setting.Key, err.Error(), "")
	}
	if err := config.Set(e.path, e.key, value); err != nil {
		return err
	}
	e.written = &value
	if e.setting.Secret {
		a.term().Notice("the key stands in " + e.path + " as plain text that only you can read; klingctl auth login keeps it in the keyring")
	}
	return a.changed(e)
}

func (a *app) unsetSetting(key string) error {
	e, err := a.edit(key, "unset", "")
	if err != nil {
		return err
	}
	was, err := config.Unset(e.path, e.key)
	if err != nil {
		return err
	}
	if !was {
		a.term().Notice(e.key + " is not set in " + e.path)
	}
	return a.changed(e)
}

// settingValue is the value as it was given, or as standard input has it.
func (a *app) settingValue(setting config.Setting, value string) (string, error) {
	secret := setting.Secret || config.HoldsPassword(value)
	switch {
	case value != "-" && secret:
		return "", usageFault("set "+setting.Key, "a key or a password on a command line can be read by others",
			"klingctl config set "+setting.Key+" - < FILE")
	case value != "-":
		return value, nil
	case setting.Secret && a.process.InTTY:
		return "", usageFault("set "+setting.Key, "the terminal would show the key", "klingctl auth login --provider "+strings.Split(setting.Key, ".")[1])
	}
	text, err := io.ReadAll(io.LimitReader(a.process.In, maxValue+1))
	if err != nil {
		return "", &fault.Error{Kind: fault.Local, Op: "read the value from standard input", Charged: fault.NotCharged, Err: err}
	}
	value = strings.Trim(string(text), "\ufeff \t\r\n")
	if value == "" || len(text) > maxValue {
		return "", usageFault("set "+setting.Key, "standard input holds no value, or too much", "klingctl config unset "+setting.Key+" takes the setting out")
	}
	return value, nil
}

// checkValue refuses what the setting does not take.
func (a *app) checkValue(e editing, value string) error {
	if err := e.setting.Check(value); err != nil {
		return err
	}
	if e.setting.Secret {
		return config.BearerKey(value, "standard input").Err
	}
	if e.setting.Type == config.ProviderName && value != "" {
		return a.checkProvider(e.source, value)
	}
	return checkAmounts(e.setting, value)
}

// checkProvider refuses a provider that neither the program nor the settings
// know.
func (a *app) checkProvider(source config.Source, name string) error {
	names := knownProviders(source)
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("there is no provider %q; there are %s", fault.SafeText(name), strings.Join(names, ", "))
}

// knownProviders are those of the program, and of the settings where these
// can be read.
func knownProviders(source config.Source) []string {
	var names []string
	for _, known := range source.Known {
		names = append(names, known.Name)
	}
	source.Flags = nil
	if settings, err := config.Load(source); err == nil {
		for name := range settings.Providers {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// changed tells what holds after a change, which a stronger layer may decide.
func (a *app) changed(e editing) error {
	now := config.Value{Setting: e.setting, Origin: config.Origin{Layer: "default"}}
	now.Key = e.key
	if e.written != nil {
		now.Origin = config.Origin{Layer: "user", Where: e.path}
		if !e.setting.Secret {
			now.Text = *e.written
		}
	}
	settings, err := config.Load(e.source)
	if err != nil {
		a.term().Notice("warning: the settings cannot be read yet: " + err.Error())
	} else {
		for _, warning := range settings.Warnings {
			a.term().Notice("warning: " + warning)
		}
		if value, ok := settings.Value(strings.TrimPrefix(e.key, config.ProfileKey(e.source.Profile(), ""))); ok {
			now = value
		}
	}
	overlaid := now.Origin.Profile != "" && !strings.HasPrefix(e.key, "profiles.")
	if now.Given() && (now.Origin.Layer != "user" || overlaid) {
		a.term().Notice("note: " + now.Origin.String() + " is stronger and decides")
	}
	if a.global.json {
		return a.printJSON(settingRecord(now))
	}
	return nil
}
