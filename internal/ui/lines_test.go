package ui_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

func TestWithoutATerminalEachChangeIsALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := ui.NewMeter(ui.Terminal{Err: &out}, time.Now)
	now := time.Now()
	m.State("submitting to kling", now, 0, 0)
	for range 100 {
		m.State("3f2a queued at kling", now, time.Minute, 4*time.Minute)
	}
	m.State("3f2a running at kling", now, time.Minute, 4*time.Minute)
	m.Line("kling asks for patience")
	m.State("3f2a succeeded", now, time.Minute, 4*time.Minute)
	for i := range int64(100) {
		m.Bytes("clip.mp4", i<<20, 100<<20)
	}
	m.Bytes("two.mp4", 0, -1)
	m.Line("saved \x1b[31mclip.mp4")
	m.Close()
	m.Close()
	want := `submitting to kling
3f2a queued at kling (usually 1m to 4m)
3f2a running at kling
kling asks for patience
3f2a succeeded
downloading clip.mp4 (100.0 MiB)
downloading two.mp4
saved \u001b[31mclip.mp4
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQuietTellsNothingButProblems(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	terminal := ui.Terminal{Err: &out, ErrTTY: true, Quiet: true}.Dress(ui.Look{Progress: true})
	m := ui.NewMeter(terminal, time.Now)
	m.State("running", time.Now(), 0, 0)
	m.Bytes("a", 1, 2)
	m.Line("a notice")
	m.Close()
	terminal.Notice("another")
	if out.Len() != 0 {
		t.Errorf("a quiet terminal got %q", out.String())
	}
	ui.Terminal{Err: &out, Quiet: true}.Problem("it broke", "no", "try again")
	if want := "error: it broke\n  charged: no\n  next: try again\n"; out.String() != want {
		t.Errorf("the problem reads %q, want %q", out.String(), want)
	}
}
