package view_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/ui"
	"github.com/klingctl/klingctl/internal/view"
)

func TestTable(t *testing.T) {
	t.Parallel()
	table := view.NewTable("ID", "STATE", "MODEL")
	table.Add("3f2a", "succeeded", "kling-v2-1")
	table.Add("7c1d9", "running", "影片 model")
	table.Add("9e", "影片", "")
	table.Add("few")
	table.Add("a", "b", "c", "too much")
	tests := map[string]struct {
		terminal bool
		width    int
		want     []string
	}{
		"off a terminal": {false, 5, []string{
			"3f2a\tsucceeded\tkling-v2-1", "7c1d9\trunning\t影片 model", "9e\t影片\t", "few\t\t", "a\tb\tc",
		}},
		"on a terminal": {true, 80, []string{
			"ID     STATE      MODEL",
			"3f2a   succeeded  kling-v2-1",
			"7c1d9  running    影片 model",
			"9e     影片",
			"few",
			"a      b          c",
		}},
		"on a narrow terminal": {true, 20, []string{
			"ID     STATE      M…",
			"3f2a   succeeded  k…",
			"7c1d9  running…",
			"9e     影片",
			"few",
			"a      b          c",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, table.Lines(test.terminal, test.width)); diff != "" {
				t.Errorf("Lines (-want +got):\n%s", diff)
			}
		})
	}
	if got := view.NewTable("ID").Lines(true, 80); len(got) != 0 {
		t.Errorf("an empty table has the lines %q", got)
	}
}

func TestCellsCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	table := view.NewTable("A", "B")
	table.Add("x\x1b]0;title\ay\tz\r\nw\u009b1m", "\u202egnp.\u2066\u2028\ufeff\xff👨‍👩‍👧 é")
	want := `x\u001b]0;title\u0007y z  w\u009b1m` + "\t" + `\u202egnp.\u2066\u2028\ufeff` + "\ufffd👨‍👩‍👧 é"
	if got := table.Lines(false, 0)[0]; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTableHolds(t *testing.T) {
	t.Parallel()
	anything := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		table := view.NewTable("A", "B", "C")
		rows := rapid.SliceOfN(rapid.SliceOfN(anything, 0, 5), 1, 5).Draw(t, "rows")
		for _, row := range rows {
			table.Add(row...)
		}
		width := rapid.IntRange(-1, 40).Draw(t, "width")
		plain, drawn := table.Lines(false, width), table.Lines(true, width)
		if len(plain) != len(rows) || len(drawn) != len(rows)+1 {
			t.Fatalf("%d rows give %d plain and %d drawn lines", len(rows), len(plain), len(drawn))
		}
		for _, line := range plain {
			if strings.Count(line, "\t") != 2 {
				t.Errorf("%q has not three cells", line)
			}
		}
		for _, line := range drawn {
			if ui.Columns(line) > max(0, width) {
				t.Errorf("%q takes more than %d columns", line, width)
			}
		}
		for _, line := range append(plain, drawn...) {
			for _, r := range line {
				if r < ' ' && r != '\t' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
					t.Errorf("%q lets %U through", line, r)
				}
			}
			if !utf8.ValidString(line) {
				t.Errorf("%q is not UTF-8", line)
			}
		}
	})
}

func TestMoment(t *testing.T) {
	t.Parallel()
	now := at(30)
	for _, test := range []struct {
		ago  time.Duration
		want string
	}{
		{0, "0s ago"},
		{10 * time.Second, "10s ago"},
		{10 * time.Minute, "10m ago"},
		{100 * time.Minute, "1h40m ago"},
		{30 * 24 * time.Hour, "30d ago"},
		{-time.Minute, "0s ago"},
	} {
		if got := view.Moment(now.Add(-test.ago), now, true); got != test.want {
			t.Errorf("%v ago reads %q, want %q", test.ago, got, test.want)
		}
	}
	if got, want := view.Moment(at(0), now, false), "2026-03-02T04:00:05Z"; got != want {
		t.Errorf("off a terminal it reads %q, want %q", got, want)
	}
	if got := view.Moment(time.Time{}, now, true) + view.Moment(time.Time{}, now, false); got != "" {
		t.Errorf("no time reads %q", got)
	}
}
