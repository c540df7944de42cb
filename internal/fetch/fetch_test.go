package fetch_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

func TestFetchBringsACheckedFile(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "folder")
	content := clip(700_000, 0)
	s := serve(honest(content, `"v1"`))
	target := filepath.Join(folder, "clip.mp4")

	var told fetch.Result
	last, total := int64(0), int64(0)
	f := fetcher(s).WithProgress(func(done, of int64) { last, total = done, of })
	got, err := bring(t.Context(), f, folder, fetch.Hooks{BeforeRename: func(r fetch.Result) error {
		told = r
		wantNames(t, folder, "clip.mp4.part", "clip.mp4.part.json")
		return nil
	}})
	if err != nil {
		t.Fatalf("Fetch: %v", err)
	}
	sum := sha256.Sum256(content)
	want := fetch.Result{Path: target, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content)), Seconds: 5, Width: 1280, Height: 720}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("BeforeRename was told (-want +got):\n%s", diff)
	}
	if last != want.Bytes || total != want.Bytes {
		t.Errorf("progress ended at %d of %d, want %d", last, total, want.Bytes)
	}
	wantFile(t, target, content)
	wantNames(t, folder, "clip.mp4")
	if got := s.requests[0].Header.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("Accept-Encoding is %q, want identity", got)
	}
	if digest, size, err := fetch.Digest(t.Context(), target); digest != want.SHA256 || size != want.Bytes || err != nil {
		t.Errorf("Digest = %s, %d, %v, want that of the file", digest, size, err)
	}
}

func TestFetchKeepsAnExistingFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target := filepath.Join(folder, "clip.mp4")
	old, content := []byte("old bytes"), clip(100, 0)
	if err := os.WriteFile(target, old, 0o600); err != nil {
		t.Fatal(err)
	}

	s := serve(status(500, ""))
	_, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
	wantFault(t, err, fault.Usage, "the file exists")
	if s.count() != 0 {
		t.Errorf("%d requests were made, want none", s.count())
	}

	force := fetch.Hooks{Force: true, BeforeRename: func(fetch.Result) error {
		wantFile(t, target, old)
		return nil
	}}
	_, err = bring(t.Context(), fetcher(serve(status(404, ""))), folder, force)
	wantFault(t, err, fault.Download, "404")
	wantFile(t, target, old)
	wantNames(t, folder, "clip.mp4")

	if _, err = bring(t.Context(), fetcher(serve(honest(content, ""))), folder, force); err != nil {
		t.Fatalf("with Force: %v", err)
	}
	wantFile(t, target, content)
	wantNames(t, folder, "clip.mp4")
}

func TestFetchDoesNotReplaceAFileThatCameMeanwhile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target, other := filepath.Join(folder, "clip.mp4"), []byte("somebody else's")
	_, err := bring(t.Context(), fetcher(serve(honest(clip(100, 0), ""))), folder, fetch.Hooks{
		BeforeRename: func(fetch.Result) error { return os.WriteFile(target, other, 0o600) },
	})
	wantFault(t, err, fault.Usage, "the file exists")
	wantFile(t, target, other)
}

func TestFetchRefusesTargetsThatAreNoFile(t *testing.T) {
	t.Parallel()
	s := serve(honest(clip(10, 0), ""))
	folder := t.TempDir()
	for target, words := range map[string]string{
		"": "names no file", folder: "it is a folder", folder + string(os.PathSeparator): "names no file",
	} {
		_, err := fetcher(s).Fetch(t.Context(), fetch.Source{URL: link}, target, fetch.Hooks{Force: true})
		wantFault(t, err, fault.Usage, words)
	}
	if s.count() != 0 {
		t.Errorf("%d requests were made, want none", s.count())
	}
}

func TestFetchOneAtATime(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := fetcher(serve(honest(clip(100, 0), `"v1"`)))
	_, err := bring(t.Context(), f, folder, fetch.Hooks{BeforeRename: func(fetch.Result) error {
		_, second := bring(t.Context(), f, folder, fetch.Hooks{})
		wantFault(t, second, fault.Download, "another process")
		return nil
	}})
	if err != nil {
		t.Errorf("the first Fetch: %v", err)
	}
	wantFile(t, filepath.Join(folder, "clip.mp4"), clip(100, 0))
	wantNames(t, folder, "clip.mp4")
}

// What fails behind a whole and synced file leaves its bytes for a next call
// that needs no request.
func TestFetchWhenTheRenameFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk broke")
	for _, step := range []string{"rename", "hook"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			folder, content := t.TempDir(), clip(100, 0)
			s := serve(honest(content, ""))
			f := fetcher(s)
			f.BreakDisk(step, broken)
			hooks := fetch.Hooks{}
			if step == "hook" {
				hooks.BeforeRename = func(fetch.Result) error { return broken }
			}
			if _, err := bring(t.Context(), f, folder, hooks); !errors.Is(err, broken) {
				t.Errorf("Fetch = %v, want the disk's error", err)
			} else if step == "rename" {
				wantFault(t, err, fault.Local, "download to")
			}
			wantNames(t, folder, "clip.mp4.part", "clip.mp4.part.json")

			got, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
			if err != nil || got.Resumed != int64(len(content)) || s.count() != 1 {
				t.Errorf("the next Fetch took up %d bytes with %d requests in all, %v; want all, 1", got.Resumed, s.count(), err)
			}
			wantFile(t, filepath.Join(folder, "clip.mp4"), content)
			wantNames(t, folder, "clip.mp4")
		})
	}
}

func TestFetchTrustsNothingAfterAFailedSync(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := fetcher(serve(honest(clip(100, 0), `"v1"`)))
	f.BreakDisk("sync", errors.New("input/output error"))
	_, err := bring(t.Context(), f, folder, fetch.Hooks{})
	wantFault(t, err, fault.Local, "input/output error")
	wantNames(t, folder)
}

func TestFetchOnADiskThatFails(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	for name, test := range map[string]struct {
		err  error
		left []string
	}{
		"a full disk gets its room back":     {syscall.ENOSPC, nil},
		"any other keeps what it had before": {syscall.EIO, []string{"clip.mp4.part", "clip.mp4.part.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := serve(cutAfter(9000, honest(content, `"v1"`)), honest(content, `"v1"`))
			_, err := bring(t.Context(), fetcher(s, once), folder, fetch.Hooks{})
			wantFault(t, err, fault.Download, "9000 bytes are kept")
			f := fetcher(s)
			f.BreakDisk("write", test.err)
			_, err = bring(t.Context(), f, folder, fetch.Hooks{})
			wantFault(t, err, fault.Local, test.err.Error())
			wantNames(t, folder, test.left...)
			if _, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{}); err != nil {
				t.Fatalf("with the disk mended: %v", err)
			}
			wantFile(t, filepath.Join(folder, "clip.mp4"), content)
		})
	}
}

func TestFetchTellsWhenTheNameMayNotLast(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := fetcher(serve(honest(clip(100, 0), "")))
	f.BreakDisk("syncDir", errors.New("the disk broke"))
	_, err := bring(t.Context(), f, folder, fetch.Hooks{})
	wantFault(t, err, fault.Local, "the disk broke")
}

func BenchmarkFetch(b *testing.B) {
	content := clip(64<<20, 0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer server.Close()
	f := fetch.New(fetch.Options{AllowPrivate: true})
	defer f.Close()
	target := filepath.Join(b.TempDir(), "clip.mp4")
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Fetch(b.Context(), fetch.Source{URL: server.URL}, target, fetch.Hooks{Force: true}); err != nil {
			b.Fatal(err)
		}
	}
}
