//go:build unix && !solaris && !illumos && !aix

package fetch_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

func TestFetchKeepsThePartPrivateAndTheFileOrdinary(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	probe := filepath.Join(folder, "probe")
	if err := os.WriteFile(probe, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mode := func(name string) os.FileMode {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	content := clip(50_000, 0)
	_, err := bring(t.Context(), fetcher(serve(cutAfter(9000, honest(content, `"v1"`))), once), folder, fetch.Hooks{})
	wantFault(t, err, fault.Download, "")
	if got := mode("clip.mp4.part"); got != 0o600 {
		t.Errorf("the part has mode %o, want 600", got)
	}
	if _, err := bring(t.Context(), fetcher(serve(honest(content, `"v1"`))), folder, fetch.Hooks{}); err != nil {
		t.Fatal(err)
	}
	if got, want := mode("clip.mp4"), mode("probe"); got != want {
		t.Errorf("the file has mode %o, want %o as the umask has it", got, want)
	}
}

// Nothing that stands under the name of our part is followed or waited for.
func TestFetchDistrustsWhatIsInItsPlace(t *testing.T) {
	t.Parallel()
	precious := []byte("precious")
	for name, plant := range map[string]func(part, victim string) error{
		"a link":   func(part, victim string) error { return os.Symlink(victim, part) },
		"a FIFO":   func(part, _ string) error { return syscall.Mkfifo(part, 0o600) },
		"a folder": func(part, _ string) error { return os.Mkdir(part, 0o700) },
	} {
		for _, suffix := range []string{".part", ".part.json"} {
			t.Run(name+" at "+suffix, func(t *testing.T) {
				t.Parallel()
				folder, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
				if err := os.WriteFile(victim, precious, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := plant(filepath.Join(folder, "clip.mp4"+suffix), victim); err != nil {
					t.Fatal(err)
				}
				_, err := bring(t.Context(), fetcher(serve(honest(clip(10, 0), ""))), folder, fetch.Hooks{})
				wantFault(t, err, fault.Local, "download to")
				wantFile(t, victim, precious)
				wantNames(t, folder, "clip.mp4"+suffix)
			})
		}
	}
}
