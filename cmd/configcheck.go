package cmd

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/view"
)

func newConfigValidate(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE]",
		Short: "Find everything that is wrong with the settings",
		Long: `Check the user file, the project file and the environment, or one file alone,
and tell all problems at once with file, line and column. A file named
.klingctl.yaml is held to what a project file may set. The exit code is 2 when
anything is wrong.`,
		Example: "  klingctl config validate\n  klingctl config validate .klingctl.yaml\n  klingctl config validate --json | jq -r '.problems[].message'",
		Args:    someArgs(0, 1, ""),
		RunE:    func(_ *cobra.Command, args []string) error { return app.validate(args) },
	}
}

func (a *app) validate(args []string) error {
	source, err := a.source()
	if err != nil {
		return err
	}
	record := view.SettingsCheck{SchemaVersion: view.SchemaVersion, Files: []string{}, Problems: []view.SettingsProblem{}}
	var problems []config.Problem
	if len(args) == 1 {
		record.Files = args
		problems, err = config.CheckFile(source, args[0])
	} else {
		problems, err = config.Check(source)
		if err == nil {
			record.Files, err = filesThatExist(source)
		}
	}
	if err != nil {
		return err
	}
	lines := make([]string, 0, len(problems))
	for _, problem := range problems {
		lines = append(lines, problem.String())
		record.Problems = append(record.Problems, problemRecord(problem))
	}
	if len(problems) == 0 {
		lines = append(lines, strings.TrimSuffix("no problems in "+strings.Join(record.Files, " and "), " in "))
	}
	if a.global.json {
		err = a.printJSON(record)
	} else {
		err = a.print(view.Plain(lines)...)
	}
	if err != nil || len(problems) == 0 {
		return err
	}
	count := "1 problem"
	if len(problems) > 1 {
		count = strconv.Itoa(len(problems)) + " problems"
	}
	return usageFault("check the settings", count, "klingctl config set KEY VALUE, or edit the file")
}

func filesThatExist(source config.Source) ([]string, error) {
	files, err := config.Files(source)
	paths := []string{}
	for _, file := range files {
		if file.Exists {
			paths = append(paths, file.Path)
		}
	}
	return paths, err
}

func problemRecord(problem config.Problem) view.SettingsProblem {
	record := view.SettingsProblem{Key: problem.Key, Message: problem.Message, Line: problem.Origin.Line, Column: problem.Column}
	if problem.Origin.Layer == "environment" {
		record.Variable = problem.Origin.Where
	} else {
		record.File = problem.Origin.Where
	}
	return record
}
