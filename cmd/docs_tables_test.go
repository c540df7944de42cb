package cmd

import (
	"strconv"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/sandbox"
)

func exitCodesPage() string {
	p := newPage("Exit codes")
	p.text(`
The exit code says what to do next. "Just run it again" can cost money, so three situations have codes of their own:
7 (the job goes on), 10 (the video is there, only its file is missing) and 11 (nobody can tell whether the job was
bought).`)
	var rows [][]string
	for _, code := range exitCodes() {
		rows = append(rows, []string{strconv.Itoa(code.Code), code.Meaning, code.Next})
	}
	p.table([]string{"code", "meaning", "next step"}, rows)
	p.text(`
Verbs on several jobs end with the code that all share; else with 11 when one of them is unknown, else with 6.

## Kinds of errors

Under ` + "`--json`" + ` an error has a kind, which is finer than its exit code. New kinds may be added.`)
	rows = nil
	for _, kind := range fault.Kinds() {
		rows = append(rows, []string{ticked(string(kind)), strconv.Itoa(codeOfKind(kind))})
	}
	p.table([]string{"kind", "code"}, rows)
	p.text(`
## States of a job

` + "`wait` and `status --exit-status`" + ` end with the code of the job's state.`)
	rows = nil
	for _, state := range kling.States() {
		rows = append(rows, []string{ticked(string(state)), strconv.Itoa(codeOfState(state))})
	}
	p.table([]string{"state", "code"}, rows)
	return p.String()
}

func settingsPage(t *testing.T) string {
	t.Helper()
	p := newPage("Settings")
	p.text(`
Strongest first: flag, environment, project file (` + "`.klingctl.yaml`" + ` in the working folder), user file
(` + "`~/.config/klingctl/config.yaml`" + `, or under ` + "`$XDG_CONFIG_HOME`" + `, ` + "`%AppData%`" + ` on Windows), default.
The project file may hold only what is marked so: it comes with somebody's repository, and must not send keys
elsewhere. ` + "`klingctl config list`" + ` shows which of them decided, ` + "`config set`" + ` changes the user file and
` + "`config validate`" + ` finds what is wrong.

A profile is a section ` + "`profiles.NAME`" + ` of the user file with the same keys, laid over the rest of that file by
` + "`--profile NAME`, `KLINGCTL_PROFILE`" + ` or the setting ` + "`profile`" + `.`)
	var rows [][]string
	for _, setting := range config.General() {
		rows = append(rows, settingRow(setting.Key, setting))
	}
	p.table([]string{"key", "variable", "flag", "takes", "default", "project file", "what it is"}, rows)
	p.text(`
## Of a provider

Under ` + "`providers.NAME`" + `; in variables the name is in capitals, with ` + "`_`" + ` for ` + "`-`" + `. Keys never stand on a command line.`)
	rows = nil
	for _, setting := range config.PerProvider() {
		rows = append(rows, settingRow("providers.NAME."+setting.Key, setting))
	}
	p.table([]string{"key", "variable", "flag", "takes", "default", "project file", "what it is"}, rows)
	p.text(`
## Keys

The first found wins: ` + "`KLINGCTL_PROVIDERS_NAME_API_KEY`" + `, these variables, then a key file or a command that the
environment names; then the same of the profile, and of the rest of the user file: ` + "`api_key`, `api_key_file`, `api_key_cmd`" + `;
then what ` + "[`klingctl auth login`](cli/klingctl-auth-login.md)" + ` kept, in the keyring of the system or in a file. A command has
10 s and runs without a shell and without other keys in its environment; a keyring that does not answer within 3 s is taken
for empty. A key that was logged in goes only to the address for which it was.`)
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	rows = nil
	for _, preset := range offers.Presets() {
		names := preset.Keys.Env
		if len(preset.Keys.Pair) == 2 {
			names = append(names, preset.Keys.Pair[0]+"` with `"+preset.Keys.Pair[1])
		}
		rows = append(rows, []string{ticked(preset.Name), "`" + strings.Join(names, "`, `") + "`", preset.BaseURL})
	}
	p.table([]string{"provider", "variables", "address"}, rows)
	return p.String()
}

func settingRow(key string, setting config.Setting) []string {
	project := ""
	if setting.Project {
		project = "yes"
	}
	setting.Key = key
	variable := strings.Replace(setting.Env(), "_NAME_", "_<NAME>_", 1)
	takes := string(setting.Type)
	if len(setting.Words) > 0 {
		takes = strings.Join(setting.Words, ", ")
	}
	return []string{ticked(key), ticked(variable), ticked(setting.Flag), takes, ticked(setting.Default), project, setting.Help}
}

func scenariosPage() string {
	p := newPage("Scenarios of the sandbox")
	p.text(`
A marker in the prompt makes the offline emulator play something: ` + "`-p \"a boat [[moderated]]\"`" + `. Arguments follow
behind a colon, as in ` + "`[[429:2]]`" + ` or ` + "`[[slow:30s]]`" + `. One marker counts, the last; a shape may stand beside it.
` + "`klingctl sandbox serve --scenario NAME`" + ` plays one for every request without a marker.`)
	var rows [][]string
	for _, scenario := range sandbox.Scenarios() {
		rows = append(rows, []string{ticked(marker(scenario)), scenario.What})
	}
	p.table([]string{"marker", "what happens"}, rows)
	p.text(`
Keys play as well: one that begins with ` + "`invalid`" + ` is refused, one that begins with ` + "`poor`" + ` has no credit, any other
is good.`)
	return p.String()
}
