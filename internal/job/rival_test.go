package job_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/provider"
)

// Two processes that save one job at the same time both end well.
func TestAFileThatAnotherProcessBroughtMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder, state := t.TempDir(), t.TempDir()
		s := openIn(t, state)
		rival := openIn(t, state)
		made := s.succeeded(t, "kling", "a boat")
		path := filepath.Join(folder, "clip.mp4")
		inner := s.server.Transport()
		s.Fetcher = func(provider.Settings) *fetch.Fetcher {
			// Between the choice of the name and the fetch, the rival saves.
			if _, err := rival.Save(t.Context(), rival.row(t, made.ID), parse(t, path)); err != nil {
				t.Errorf("the rival: %v", err)
			}
			return fetch.New(fetch.Options{Now: s.now, Transport: inner})
		}
		saved, err := s.Save(t.Context(), made, parse(t, path))
		if err != nil || !saved.Artifacts[0].OnDisk() {
			t.Errorf("Save = %+v, %v, want the rival's file", saved.Artifacts, err)
		}
		s.wantSaved(t, made.ID, 0, path)
		if n := s.downloads(t); n != 1 {
			t.Errorf("%d downloads, want 1", n)
		}
	})
}

// Another process may be between the digest and the rename: one that fails
// beside it must not take the digest out of the ledger.
func TestAFailedFetchKeepsTheDigestOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		path := filepath.Join(folder, "clip.mp4")
		saved, err := s.Save(t.Context(), made, parse(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		s.Fetcher = func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Now: s.now, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return nil, errors.New("down")
			})})
		}
		_, err = s.Save(t.Context(), saved, parse(t, path))
		wantFault(t, err, fault.Download, fault.Charged)
		if got := s.row(t, made.ID).Artifacts[0]; got.SHA256 != saved.Artifacts[0].SHA256 || got.Path != path {
			t.Errorf("the ledger has %+v, want the digest that was there", got)
		}
	})
}
