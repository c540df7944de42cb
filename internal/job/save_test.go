package job_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

func parse(t *testing.T, text string) job.Output {
	t.Helper()
	output, err := job.ParseOutput(text)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// files lists a folder.
func files(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

// wantSaved checks that an artifact's file is the one that is remembered.
func (s *shop) wantSaved(t *testing.T, id string, index int, path string) {
	t.Helper()
	artifact := s.row(t, id).Artifacts[index]
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if artifact.Path != path || artifact.SHA256 != hex.EncodeToString(sum[:]) || artifact.Bytes != int64(len(text)) || len(text) < 1000 {
		t.Errorf("remembered %+v for %s of %d bytes", artifact, path, len(text))
	}
}

func (s *shop) downloads(t *testing.T) int {
	t.Helper()
	journal, err := s.server.Journal()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range journal.Entries {
		if entry.Op == "download" && entry.Status < 300 {
			n++
		}
	}
	return n
}

func TestSaveBringsACheckedFileOnce(t *testing.T) {
	t.Parallel()
	for name := range models() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, folder := open(t), t.TempDir()
				made := s.succeeded(t, name, "a boat")
				path := filepath.Join(folder, "photo.mp4")
				for range 3 {
					saved, err := s.Save(t.Context(), made, parse(t, folder))
					if err != nil || len(saved.Artifacts) != 1 || saved.Artifacts[0].Path != path {
						t.Fatalf("Save = %+v, %v, want %s", saved.Artifacts, err, path)
					}
					s.wantSaved(t, made.ID, 0, path)
					made = s.row(t, made.ID)
				}
				if n := s.downloads(t); n != 1 || files(t, folder) != "photo.mp4" {
					t.Errorf("%d downloads, files %q, want one", n, files(t, folder))
				}

				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Save(t.Context(), made, parse(t, folder)); err != nil {
					t.Errorf("after the file was deleted: %v", err)
				}
				s.wantSaved(t, made.ID, 0, path)
				s.wantJournal(t, 1, 1)
			})
		})
	}
}

func TestSaveWritesDownWhatItIsAboutToDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		path := filepath.Join(folder, "clip.mp4")
		var during kling.Artifact
		inner := s.server.Transport()
		s.Fetcher = func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Now: s.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				during = s.row(t, made.ID).Artifacts[0]
				return inner.RoundTrip(r)
			})})
		}
		var renamed []bool
		s.Observe = func(event job.Event) {
			if event.Stage == job.Saved {
				_, err := os.Stat(path)
				renamed = append(renamed, err == nil)
			}
		}
		saved, err := s.Save(t.Context(), made, parse(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if during.Path != path || during.SHA256 != "" {
			t.Errorf("during the fetch the ledger has %+v, want the path and no digest yet", during)
		}
		if len(renamed) != 1 || !renamed[0] || saved.Files() != 1 {
			t.Errorf("told %v with %d files, want once, when it is in its place", renamed, saved.Files())
		}
	})
}

// A process that died between the digest and the rename leaves a part that the
// next one only has to rename.
func TestSaveGoesOnWhereAKilledProcessStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		path := filepath.Join(folder, "clip.mp4")
		if _, err := s.Save(t.Context(), made, parse(t, path)); err != nil {
			t.Fatal(err)
		}
		// The digest is stored and the file is gone: the row of such a process.
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Save(t.Context(), s.row(t, made.ID), parse(t, path)); err != nil {
			t.Fatal(err)
		}
		s.wantSaved(t, made.ID, 0, path)
	})
}

func TestTwoVideosGetTwoNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ output, prompt, want string }{
		{"clip.mp4", "a boat [[two-videos]]", "clip-2.mp4 clip.mp4"},
		{"{stem}.mp4", "a boat [[two-videos]]", "photo-2.mp4 photo.mp4"},
		{"clip.mp4", "a boat [[watermark]]", "clip-watermark.mp4 clip.mp4"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, folder := open(t), t.TempDir()
			made := s.succeeded(t, "kling", test.prompt)
			saved, err := s.Save(t.Context(), made, parse(t, filepath.Join(folder, test.output)))
			if err != nil || saved.Files() != len(saved.Artifacts) || files(t, folder) != test.want {
				t.Errorf("%d of %d results as %q, %v, want %q", saved.Files(), len(saved.Artifacts), files(t, folder), err, test.want)
			}
			for i, artifact := range saved.Artifacts {
				s.wantSaved(t, made.ID, i, artifact.Path)
			}
		})
	}
}

func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		theirs := filepath.Join(folder, "photo.mp4")
		if err := os.WriteFile(theirs, []byte("theirs"), 0o600); err != nil {
			t.Fatal(err)
		}
		made := s.succeeded(t, "kling", "a boat")
		_, err := s.Save(t.Context(), made, parse(t, theirs))
		if e := faultOf(t, err, fault.Usage, fault.Charged); e.Job != made.ID {
			t.Errorf("job %q, want %s", e.Job, made.ID)
		}
		made = s.row(t, made.ID)
		saved, err := s.Save(t.Context(), made, parse(t, folder))
		if err != nil || saved.Artifacts[0].Path != filepath.Join(folder, "photo-2.mp4") {
			t.Errorf("Save = %+v, %v, want a name of its own", saved.Artifacts, err)
		}

		// One of ours that somebody has edited since is theirs as well.
		if err := os.WriteFile(saved.Artifacts[0].Path, []byte("edited"), 0o600); err != nil {
			t.Fatal(err)
		}
		saved, err = s.Save(t.Context(), saved, parse(t, folder))
		if err != nil || saved.Artifacts[0].Path != filepath.Join(folder, "photo-3.mp4") {
			t.Errorf("Save = %+v, %v, want another name", saved.Artifacts, err)
		}
		for name, want := range map[string]string{"photo.mp4": "theirs", "photo-2.mp4": "edited"} {
			if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(text) != want {
				t.Errorf("%s holds %q, %v, want %q", name, text, err, want)
			}
		}
		forced := parse(t, theirs)
		forced.Force = true
		if _, err := s.Save(t.Context(), saved, forced); err != nil {
			t.Fatal(err)
		}
		s.wantSaved(t, made.ID, 0, theirs)
	})
}

// A file that is being brought by somebody keeps its name.
func TestTwoJobsOfOneNameGetTwoFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		one, two := s.succeeded(t, "kling", "a boat"), s.succeeded(t, "kling", "another")
		if err := os.WriteFile(filepath.Join(folder, "photo.mp4.part"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for i, made := range []kling.Job{one, two} {
			want := filepath.Join(folder, []string{"photo-2.mp4", "photo-3.mp4"}[i])
			if saved, err := s.Save(t.Context(), made, parse(t, folder)); err != nil || saved.Artifacts[0].Path != want {
				t.Errorf("Save = %+v, %v, want %s", saved.Artifacts, err, want)
			}
		}
	})
}

func TestAFileThatIsSomewhereElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, here, there := open(t), t.TempDir(), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		saved, err := s.Save(t.Context(), made, parse(t, filepath.Join(here, "clip.mp4")))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Save(t.Context(), saved, parse(t, "")); err != nil || again.Artifacts[0].Path != filepath.Join(here, "clip.mp4") {
			t.Errorf("without a wish: %+v, %v, want the file there is", again.Artifacts, err)
		}
		if again, err := s.Save(t.Context(), saved, parse(t, there)); err != nil || again.Artifacts[0].Path != filepath.Join(there, "photo.mp4") {
			t.Errorf("with another folder: %+v, %v, want a file in it", again.Artifacts, err)
		}
		s.wantJournal(t, 1, 1)
	})
}

func TestAnExpiredLinkIsAskedForOnce(t *testing.T) {
	t.Parallel()
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s, folder := open(t), t.TempDir()
			made := s.succeeded(t, name, "a boat [[expired:1]]")
			looks := len(s.looks)
			if _, err := s.Save(t.Context(), made, parse(t, folder)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(s.looks) != looks+1 || s.row(t, made.ID).Artifacts[0].URL == made.Artifacts[0].URL {
				t.Errorf("%s: %d looks, want one for a fresh link", name, len(s.looks)-looks)
			}
			s.wantSaved(t, made.ID, 0, filepath.Join(folder, "photo.mp4"))

			made = s.succeeded(t, name, "another boat [[expired]]")
			_, err := s.Save(t.Context(), made, parse(t, folder))
			if e := faultOf(t, err, fault.Download, fault.Charged); !strings.Contains(e.Hint, "klingctl download "+made.ID) {
				t.Errorf("%s: hint %q, want how to try again", name, e.Hint)
			}
			if files(t, folder) != "photo.mp4" {
				t.Errorf("%s: files %q", name, files(t, folder))
			}
		})
	}
}

func TestStoppingADownloadKeepsTheJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		inner := s.server.Transport()
		hold := true
		s.Fetcher = func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Now: s.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if hold {
					<-r.Context().Done()
					return nil, context.Cause(r.Context())
				}
				return inner.RoundTrip(r)
			})})
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("Ctrl-C")) })
		began := time.Now()
		_, err := s.Save(ctx, made, parse(t, folder))
		if e := faultOf(t, err, fault.Interrupted, fault.Charged); time.Since(began) != time.Second || !strings.Contains(e.Hint, made.ID) {
			t.Errorf("ended after %s, hint %q", time.Since(began), e.Hint)
		}
		hold = false
		if _, err := s.Save(t.Context(), s.row(t, made.ID), parse(t, folder)); err != nil || files(t, folder) != "photo.mp4" {
			t.Errorf("afterwards: %v, files %q", err, files(t, folder))
		}
	})
}

func TestSaveNeedsASuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		_, err := s.Save(t.Context(), s.submit(t, "kling", "a boat"), parse(t, folder))
		wantFault(t, err, fault.Usage, fault.Charged)

		outcome := s.waitFor(t.Context(), s.submit(t, "kling", "a boat [[no-url]]"))
		_, err = s.Save(t.Context(), outcome.Job, parse(t, folder))
		wantFault(t, err, fault.Answer, fault.Charged)
		if files(t, folder) != "" {
			t.Errorf("files %q, want none", files(t, folder))
		}
	})
}

// A reference from another machine is saved without a ledger.
func TestAForeignJobIsSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, other, folder := open(t), open(t), t.TempDir()
		reference := s.succeeded(t, "apixo", "a boat [[two-videos]]").Ref.String()
		other.reads = s.server.Transport()
		other.Fetcher = s.Fetcher
		found, err := other.Find(t.Context(), reference, other.settingsOf(t))
		if err != nil {
			t.Fatal(err)
		}
		outcome := other.waitFor(t.Context(), found)
		saved, err := other.Save(t.Context(), outcome.Job, parse(t, folder))
		if err != nil || saved.Files() != 2 || files(t, folder) != "video-2.mp4 video.mp4" {
			t.Errorf("Save = %+v, %v, files %q", saved.Artifacts, err, files(t, folder))
		}
	})
}
