package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptJournal holds how many creates the emulator received, and how many it
// charged:
//
//	journal CREATES CHARGED [FOLDER]
func scriptJournal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: journal CREATES CHARGED [FOLDER]")
	}
	creates, charged, err := countJournal(emulatorFolder(ts, args[2:]))
	ts.Check(err)
	if got, want := fmt.Sprint(creates, charged), args[0]+" "+args[1]; got != want {
		ts.Fatalf("creates and charged are %s, want %s", got, want)
	}
}

// scriptRequests holds how many requests of an operation the emulator
// received, or of all with "any":
//
//	requests OPERATION COUNT [FOLDER]
func scriptRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: requests OPERATION COUNT [FOLDER]")
	}
	entries, err := readJournal(emulatorFolder(ts, args[2:]))
	ts.Check(err)
	count := 0
	for _, entry := range entries {
		if args[0] == "any" || entry.Op == args[0] {
			count++
		}
	}
	if got := strconv.Itoa(count); got != args[1] {
		ts.Fatalf("%s requests of operation %s, want %s", got, args[0], args[1])
	}
}

// scriptTask puts the id of the last task that the sandbox made under a
// scenario into TASK, as a provider's console would show it:
//
//	task SCENARIO
func scriptTask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: task SCENARIO")
	}
	entries, err := readJournal(emulatorFolder(ts, nil))
	ts.Check(err)
	for _, entry := range slices.Backward(entries) {
		if entry.Charged && entry.Scenario == args[0] {
			ts.Setenv("TASK", entry.Task)
			return
		}
	}
	ts.Fatalf("no task was made under %s", args[0])
}

// emulatorFolder is the folder that was named, else that of the sandbox.
func emulatorFolder(ts *testscript.TestScript, named []string) string {
	if len(named) > 0 {
		return ts.MkAbs(named[0])
	}
	return filepath.Join(ts.Getenv("HOME"), ".local", "state", "klingctl", "sandbox", "emulator")
}

// countJournal counts without the emulator's help.
func countJournal(folder string) (creates, charged int, err error) {
	entries, err := readJournal(folder)
	for _, entry := range entries {
		if entry.Op == "create" {
			creates++
		}
		if entry.Charged {
			charged++
		}
	}
	return creates, charged, err
}

// journalEntry is what tests ask of a line of the emulator's journal.
type journalEntry struct {
	Op       string `json:"op"`
	Task     string `json:"task"`
	Scenario string `json:"scenario"`
	Charged  bool   `json:"charged"`
}

func readJournal(folder string) ([]journalEntry, error) {
	text, err := os.ReadFile(filepath.Join(folder, "journal.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []journalEntry
	for line := range strings.Lines(string(text)) {
		var entry journalEntry
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}
