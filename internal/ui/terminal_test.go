package ui_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fatih/color"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/ui"
)

func TestDress(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tty, quiet bool
		look       ui.Look
		color      bool
		draw       bool
	}{
		"a terminal":                          {true, false, ui.Look{Progress: true}, true, true},
		"a pipe":                              {false, false, ui.Look{Progress: true}, false, false},
		"NO_COLOR keeps the bar":              {true, false, ui.Look{Progress: true, NoColor: true}, false, true},
		"NO_COLOR beats CLICOLOR_FORCE":       {true, false, ui.Look{Progress: true, NoColor: true, ForceColor: true}, false, true},
		"CLICOLOR_FORCE colours a pipe":       {false, false, ui.Look{Progress: true, ForceColor: true}, true, false},
		"--color always beats NO_COLOR":       {false, false, ui.Look{Progress: true, Color: "always", NoColor: true}, true, false},
		"--color never beats CLICOLOR_FORCE":  {true, false, ui.Look{Progress: true, Color: "never", ForceColor: true}, false, true},
		"--color auto obeys NO_COLOR":         {true, false, ui.Look{Progress: true, Color: "auto", NoColor: true}, false, true},
		"TERM=dumb":                           {true, false, ui.Look{Progress: true, Dumb: true}, false, false},
		"TERM=dumb with --color always":       {true, false, ui.Look{Progress: true, Dumb: true, Color: "always"}, true, false},
		"--no-progress":                       {true, false, ui.Look{}, true, false},
		"--quiet":                             {true, true, ui.Look{Progress: true}, true, false},
		"a pipe is not drawn on by any means": {false, false, ui.Look{Progress: true, Color: "always", ForceColor: true}, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ui.Terminal{ErrTTY: test.tty, Quiet: test.quiet}.Dress(test.look)
			if got.Color != test.color || got.Draw != test.draw {
				t.Errorf("colour %v and bars %v, want %v and %v", got.Color, got.Draw, test.color, test.draw)
			}
		})
	}
}

func TestColumnsOfATerminal(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]int{0: 80, -1: 80, 1: 1, 132: 132} {
		if got := (ui.Terminal{Width: func() int { return width }}).Columns(); got != want {
			t.Errorf("a width of %d gives %d columns, want %d", width, got, want)
		}
	}
	if got := (ui.Terminal{}).Columns(); got != 80 {
		t.Errorf("an unknown width gives %d columns, want 80", got)
	}
}

func TestColourIsForThoseWhoWantIt(t *testing.T) {
	t.Parallel()
	for _, colour := range []bool{true, false} {
		var out bytes.Buffer
		terminal := ui.Terminal{Err: &out, Color: colour}
		terminal.Problem("it broke", "unknown", "klingctl wait 3f2a")
		if got := strings.Contains(out.String(), "\x1b["); got != colour {
			t.Errorf("colour %v: %q", colour, out.String())
		}
		if got := terminal.Paint("x", color.FgRed); (got != "x") != colour {
			t.Errorf("colour %v: Paint gives %q", colour, got)
		}
	}
}

func TestAProblemCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ui.Terminal{Err: &out}.Problem("the provider says \x1b[2J\x07\u009b1m\u202e\rhidden\n  - second line", "", "run \x1b]8;;http://x\x07")
	for _, r := range out.String() {
		if r < ' ' && r != '\n' || r >= 0x7f && r <= 0x9f || r == '\u202e' {
			t.Errorf("%U reached the terminal: %q", r, out.String())
		}
	}
	if !strings.Contains(out.String(), "\n  - second line\n") {
		t.Errorf("lines or indentation are gone: %q", out.String())
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		columns int
		want    string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"two words", 5, "two…"},
		{"any", 1, "…"},
		{"any", 0, ""},
		{"any", -3, ""},
		{"", 0, ""},
		{"影片生成", 8, "影片生成"},
		{"影片生成", 7, "影片生…"},
		{"影片生成", 6, "影片…"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
	}
	for _, test := range tests {
		if got := ui.Cut(test.text, test.columns); got != test.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.columns, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		columns := rapid.IntRange(-2, 30).Draw(t, "columns")
		got := ui.Cut(text, columns)
		if ui.Columns(got) > max(0, columns) {
			t.Errorf("Cut(%q, %d) = %q takes %d columns", text, columns, got, ui.Columns(got))
		}
		if head, cut := strings.CutSuffix(got, "…"); cut && !strings.HasPrefix(text, head) {
			t.Errorf("Cut(%q, %d) = %q is no beginning of it", text, columns, got)
		}
	})
}

func TestAgo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{-time.Hour, "0s"},
		{0, "0s"},
		{10 * time.Second, "10s"},
		{59600 * time.Millisecond, "1m"},
		{10 * time.Minute, "10m"},
		{190 * time.Second, "3m10s"},
		{time.Hour, "1h"},
		{125 * time.Minute, "2h5m"},
		{20 * time.Hour, "20h"},
		{48 * time.Hour, "2d"},
		{410 * time.Hour, "17d"},
	} {
		if got := ui.Ago(test.d); got != test.want {
			t.Errorf("Ago(%v) = %q, want %q", test.d, got, test.want)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1 KiB", 533 << 10: "533 KiB", 3 << 19: "1.5 MiB", 5 << 30: "5.0 GiB",
	} {
		if got := ui.Size(size); got != want {
			t.Errorf("Size(%d) = %q, want %q", size, got, want)
		}
	}
}
