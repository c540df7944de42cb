package cmd

import (
	"strconv"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/view"
)

// showJournal prints the emulator's journal.
func (a *app) showJournal() error {
	server, err := a.emulator()
	if err != nil {
		return err
	}
	journal, err := server.Journal()
	if err != nil {
		return &fault.Error{Kind: fault.Local, Op: "read the sandbox's journal", Err: err}
	}
	if a.global.json {
		return a.printJSON(journal)
	}
	table := view.NewTable("TIME", "PROVIDER", "OP", "STATUS", "CHARGED", "TASK", "PROBLEM")
	for _, entry := range journal.Entries {
		charged := ""
		if entry.Charged {
			charged = "charged"
		}
		table.Add(entry.Time.UTC().Format(time.RFC3339), entry.Provider, entry.Op,
			strconv.Itoa(entry.Status), charged, entry.Task, entry.Problem)
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}

// showScenarios prints what the emulator can play.
func (a *app) showScenarios() error {
	table := view.NewTable("MARKER", "WHAT HAPPENS")
	records := make([]view.Scenario, 0)
	for _, s := range sandbox.Scenarios() {
		table.Add(marker(s), s.What)
		records = append(records, view.Scenario{Marker: marker(s), What: s.What})
	}
	if a.global.json {
		return a.printJSON(records)
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}

func marker(s sandbox.ScenarioDoc) string {
	if s.Arg == "" {
		return "[[" + s.Name + "]]"
	}
	return "[[" + s.Name + ":" + s.Arg + "]]"
}
