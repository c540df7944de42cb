package job_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
)

// uncollected counts the jobs that collect would fetch.
func (s *shop) uncollected(t *testing.T) int {
	t.Helper()
	jobs, err := s.Finished(t.Context(), ledger.Filter{}, func(j kling.Job, err error) { t.Errorf("job %s: %v", j.ID, err) })
	if err != nil {
		t.Fatal(err)
	}
	return len(jobs)
}

// A process that dies between the digest and the end of the rename leaves a
// row that collect still takes, whether the file got its name or not.
func TestDeathAroundTheRenameIsCollected(t *testing.T) {
	t.Parallel()
	for name, there := range map[string]bool{"before it": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, path := open(t), filepath.Join(t.TempDir(), "clip.mp4")
				made := s.succeeded(t, "kling", "a boat")
				if _, err := s.Save(t.Context(), made, parse(t, path)); err != nil {
					t.Fatal(err)
				}
				if n := s.uncollected(t); n != 0 {
					t.Fatalf("%d jobs to collect after a whole download, want none", n)
				}
				if _, err := s.Ledger.Update(t.Context(), made.ID, s.now(), func(j kling.Job) (kling.Job, error) {
					j.Artifacts[0].Placing = true
					return j, nil
				}); err != nil {
					t.Fatal(err)
				}
				downloads := 2
				if there {
					downloads = 1
				} else if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if n := s.uncollected(t); n != 1 {
					t.Errorf("%d jobs to collect, want the one", n)
				}
				if _, err := s.Save(t.Context(), s.row(t, made.ID), parse(t, path)); err != nil {
					t.Fatal(err)
				}
				s.wantSaved(t, made.ID, 0, path)
				if n, again := s.downloads(t), s.uncollected(t); n != downloads || again != 0 {
					t.Errorf("%d downloads and %d jobs left to collect, want %d and none", n, again, downloads)
				}
			})
		})
	}
}

// The name was taken while the bytes came: the file never got it, and the
// ledger does not say that it did.
func TestFileWithoutANameIsNotOnDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, path := open(t), filepath.Join(t.TempDir(), "clip.mp4")
		made := s.succeeded(t, "kling", "a boat")
		inner := s.server.Transport()
		s.Fetcher = func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Now: s.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if err := os.WriteFile(path, []byte("of somebody else"), 0o600); err != nil {
					t.Error(err)
				}
				return inner.RoundTrip(r)
			})})
		}
		if _, err := s.Save(t.Context(), made, parse(t, path)); fault.Of(err) == nil {
			t.Fatalf("Save = %v, want a fault", err)
		}
		if n := s.uncollected(t); n != 1 {
			t.Errorf("%d jobs to collect, want the one", n)
		}
	})
}
