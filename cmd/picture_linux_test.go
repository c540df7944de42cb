package cmd

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDrawPicture draws docs/terminal.svg from what the program writes on a
// terminal: commands to their end, and a batch under way.
//
//	make picture
func TestDrawPicture(t *testing.T) {
	t.Parallel()
	into := os.Getenv("KLINGCTL_PICTURE")
	if into == "" {
		t.Skip("not drawn: KLINGCTL_PICTURE names no file")
	}
	p := newPlace(t, "KLINGCTL_SANDBOX=1", "TERM=xterm-256color", "KLINGCTL_SANDBOX_GENERATION_TIME=2s")
	shots := filepath.Join(p.work, "shots")
	if err := os.Mkdir(shots, 0o700); err != nil {
		t.Fatal(err)
	}
	lighthouse, err := os.ReadFile(filepath.Join("..", "docs", "lighthouse.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(shots, "lighthouse.png"), lighthouse, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"beach", "city", "forest", "harbour", "meadow"} {
		paintShot(t, filepath.Join(shots, name+".png"), uint8(40*i)) //nolint:gosec // below 256
	}

	s := &screen{width: 96}
	s.play("\x1b[1m$ export KLINGCTL_SANDBOX=1\x1b[0m\r\n")
	p.typed(t, s, `klingctl submit -i shots/lighthouse.png -p "the lamp turns" -o clip.mp4`)
	p.typed(t, s, `klingctl submit -i shots/harbour.png -p "rain [[lost-reply]]"`)
	p.typed(t, s, `klingctl reconcile`)
	shown := p.typed(t, s, `klingctl batch run shots/ -p "slow pan over {stem}" -o out/ --concurrency 2`)
	if !shown {
		t.Error("the batch drew no bar")
	}
	if err := os.WriteFile(into, []byte(s.svg()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// typed runs a command on a terminal and shows it; one that draws a bar on more
// than one line is shown as it stood in the middle.
func (p place) typed(t *testing.T, s *screen, line string) bool {
	t.Helper()
	commands, err := shellCommands(line)
	if err != nil || len(commands) != 1 {
		t.Fatalf("%q is not one command: %v", line, err)
	}
	control, terminal := openTerminal(t)
	size := &unix.Winsize{Row: 40, Col: uint16(s.width)} //nolint:gosec // as wide as the picture
	if err := unix.IoctlSetWinsize(int(control.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	command := p.program(t.Context(), t, commands[0][1:]...)
	command.Stdout, command.Stderr = terminal, terminal
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	drawn, _ := io.ReadAll(control) // ends with EIO once nobody holds the terminal
	_ = command.Wait()              // one of them ends with 11, as it is to show

	s.play("\x1b[1m$ " + line + "\x1b[0m\r\n")
	text := string(drawn)
	if strings.Contains(line, "batch run") {
		const drawnWhole = "\x1b[?7h"
		frames := strings.SplitAfter(text, drawnWhole)
		s.play(strings.Join(frames[:len(frames)*2/3], ""))
		return len(frames) > 3
	}
	s.play(text)
	return false
}

// paintShot writes a picture that no other shot is the same as.
func paintShot(t *testing.T, path string, shade uint8) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	drawn := image.NewPaletted(image.Rect(0, 0, 320, 320), color.Palette{color.RGBA{R: shade, G: 120, B: 200, A: 255}})
	if err := png.Encode(file, drawn); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
