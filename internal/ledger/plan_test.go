package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

func TestFrequentQuestionsAreAnsweredFromAnIndex(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	last := draft("aaaabbbbcccc", epoch())
	question := func(f Filter, last *kling.Job) string {
		text, _ := f.query(last, 50)
		return text
	}
	f := func(f Filter) string {
		text, _ := f.counting()
		return text
	}
	for name, test := range map[string]struct {
		query string
		index string
		// sorts allows a sort of what the index gave.
		sorts bool
	}{
		"newest":          {query: question(Filter{}, nil), index: "jobs_newest"},
		"next page":       {query: question(Filter{}, &last), index: "jobs_newest"},
		"one state":       {query: question(Filter{States: []kling.State{kling.Failed}}, &last), index: "jobs_state"},
		"open":            {query: question(Filter{States: []kling.State{kling.Queued, kling.Running}}, nil), index: "jobs_state", sorts: true},
		"provider":        {query: question(Filter{Provider: "kie"}, nil), index: "jobs_newest"},
		"key":             {query: question(Filter{Key: "k"}, nil), index: "jobs_key"},
		"key and state":   {query: question(Filter{Key: "k", States: kling.States()[1:3]}, nil), index: "jobs_key"},
		"unsaved":         {query: question(Filter{Unsaved: true}, nil), index: "jobs_unsaved"},
		"since":           {query: question(Filter{Since: epoch().Add(time.Hour)}, nil), index: "jobs_newest"},
		"batch":           {query: question(Filter{Batch: "b"}, &last), index: "jobs_batch"},
		"row of a batch":  {query: question(Filter{Batch: "b", Row: "r"}, nil), index: "jobs_row"},
		"twin":            {query: selectTwin, index: "jobs_key", sorts: true},
		"states of batch": {query: f(Filter{Batch: "b"}), index: "jobs_batch_state"},
		"states of all":   {query: f(Filter{}), index: "jobs_state"},
		"sums of a scope": {query: selectTotals, index: "sqlite_autoindex_totals_1"},
		"spending":        {query: selectEntry, index: "sqlite_autoindex_spend_1"},
		"upload":          {query: selectUpload, index: "sqlite_autoindex_uploads_1"},
		"expired uploads": {query: deleteExpired, index: "uploads_expiring"},
		"abandoned":       {query: selectStale, index: "jobs_state"},
		"in flight":       {query: countInFlight, index: "jobs_in_flight"},
		"past durations":  {query: selectDurations, index: "jobs_history"},
		"task":            {query: selectRef, index: "jobs_task", sorts: true},
		"prefix of an id": {query: selectPrefix, index: "sqlite_autoindex_jobs_1"},
	} {
		plan := explain(t, s, test.query)
		if !strings.Contains(plan, " "+test.index) || !test.sorts && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: the plan is %q, want %s", name, plan, test.index)
		}
	}
}

// explain gives SQLite's plan for a query of any arguments.
func explain(t *testing.T, s *Store, query string) string {
	t.Helper()
	arguments := make([]any, strings.Count(query, "?"))
	rows, err := inFile(s).writer.conn.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	plan := ""
	for rows.Next() {
		var id, parent, unused int
		detail := ""
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "; "
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
