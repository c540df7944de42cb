package keyring_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klingctl/klingctl/internal/keyring"
)

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	t.Parallel()
	files := keyring.Files{Folder: filepath.Join(t.TempDir(), "config", "keys")}
	if _, err := files.Get("kie"); !errors.Is(err, keyring.ErrNotKept) {
		t.Errorf("Get = %v, want ErrNotKept", err)
	}
	if err := files.Delete("kie"); !errors.Is(err, keyring.ErrNotKept) {
		t.Errorf("Delete = %v, want ErrNotKept", err)
	}
	for _, entry := range []keyring.Entry{{Origin: "https://a.example"}, bearerEntry()} { // the second in the place of the first
		text, err := entry.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := files.Set("kie", text); err != nil {
			t.Fatal(err)
		}
		kept, err := files.Get("kie")
		if err != nil {
			t.Fatal(err)
		}
		if back, err := keyring.Decode(kept); err != nil || back != entry {
			t.Errorf("it comes back as %v, %v", back, err)
		}
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{files.Path("kie"): 0o600, files.Folder: 0o700, filepath.Dir(files.Folder): 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v (%v), want %o", path, info.Mode(), err, want)
			}
		}
	}
	if left, err := os.ReadDir(files.Folder); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v (%v), want the one file", left, err)
	}
	if err := files.Delete("kie"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(files.Path("kie")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}

// A folder that cannot be written leaves the earlier key as it was.
func TestAFailedSetLeavesNothing(t *testing.T) {
	t.Parallel()
	blocked := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (keyring.Files{Folder: blocked}).Set("kie", canary); err == nil {
		t.Error("a key was kept in a folder that is none")
	}
}
