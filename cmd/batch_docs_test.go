//go:build unix

package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The commands of docs/batches.md do what the page says when they are typed one
// after the other.
func TestBatchesPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "batches.md"))
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	p.pictures(t, "shots", 3)
	for old, name := range map[string]string{"00000.png": "a.png", "00001.png": "b.png"} {
		if err := os.Rename(filepath.Join(p.work, "shots", old), filepath.Join(p.work, "shots", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(p.work, "shots", "b.txt"), []byte("a boat at dawn"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-e", "-x")
	command.Dir = p.work
	command.Env = append(p.environ, "PATH="+filepath.Dir(killBinary(t))+":"+os.Getenv("PATH"))
	command.Stdin = strings.NewReader(strings.Join(fenced(string(text)), "\n"))
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, tail(out.Bytes()))
	}
	for folder, videos := range map[string]int{"out": 3, "made": 2, "part-*": 3, "looped": 3, "more": 3, "third": 3} {
		found, err := filepath.Glob(filepath.Join(p.work, folder, "*.mp4"))
		if err != nil || len(found) != videos {
			t.Errorf("%s holds %d videos (%v), want %d", folder, len(found), err, videos)
		}
	}
}
