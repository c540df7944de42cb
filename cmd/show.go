package cmd

import (
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// printPaths prints the path of every file that is in its place.
func (a *app) printPaths(jobs []kling.Job) error {
	var paths []string
	for _, j := range jobs {
		for _, artifact := range j.Artifacts {
			if artifact.OnDisk() {
				paths = append(paths, a.shown(artifact.Path))
			}
		}
	}
	return a.print(paths...)
}

// printTable prints one row a job.
func (a *app) printTable(jobs []kling.Job) error {
	if len(jobs) == 0 {
		a.term().Notice("no open jobs")
		return nil
	}
	terminal := a.process.OutTTY
	table := view.NewTable("ID", "STATE", "PROVIDER", "MODEL", "CREATED", "REF", "RESULT")
	for _, j := range jobs {
		table.Add(job.Name(j), string(j.State), j.Ref.Provider, j.Model,
			view.Moment(j.CreatedAt, a.process.Now(), terminal), j.Ref.String(), a.result(j))
	}
	return a.print(table.Lines(terminal, a.term().Columns())...)
}

// result is what came of a job, in a word: files, else why not.
func (a *app) result(j kling.Job) string {
	for _, artifact := range j.Artifacts {
		if artifact.OnDisk() {
			return a.shown(artifact.Path)
		}
	}
	if j.Message != "" {
		return fault.SafeText(j.Message)
	}
	if j.State == kling.Succeeded && a.process.OutTTY {
		return "klingctl download " + job.Name(j)
	}
	return ""
}
