package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/klingctl/klingctl/internal/view"
)

func TestASidecarIsReplacedInOneStep(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, plain := filepath.Join(folder, "clip.mp4.json"), filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil { //nolint:gosec // to see the umask
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v2"} {
		record := view.Sidecar{SchemaVersion: view.SchemaVersion, Klingctl: version, Provider: "kling\u202e"}
		if err := writeSidecar(path, record); err != nil {
			t.Fatal(err)
		}
		if err := sidecarFree(path, false); err != nil {
			t.Errorf("our own sidecar is not to be replaced: %v", err)
		}
	}
	got, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v as any file of the user's", got.Mode(), want.Mode())
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("%d files (%v), want nothing left beside the sidecar", len(entries), err)
	}
	if err := writeSidecar(filepath.Join(folder, "nowhere", "clip.json"), view.Sidecar{}); err == nil {
		t.Error("wrote into a folder that does not exist")
	}
}

func TestOnlyASidecarIsReplaced(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{"mine.json": `{"a":1}`, "text": "hello", "empty": ""} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sidecarFree(path, false); err == nil {
			t.Errorf("%s would be replaced", name)
		}
		if err := sidecarFree(path, true); err != nil {
			t.Errorf("%s is kept in spite of --force: %v", name, err)
		}
	}
	if err := sidecarFree(folder, false); err == nil {
		t.Error("a folder would be replaced")
	}
	if err := sidecarFree(filepath.Join(folder, "new"), false); err != nil {
		t.Errorf("a free name: %v", err)
	}
}
