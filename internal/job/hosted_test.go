package job_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/upload"
)

const signed = "https://bucket.example/photo.png?X-Amz-Signature=5161"

// hosting is a shop whose local images go to a bucket, and are to be deleted
// after success.
func hosting(t *testing.T) (*shop, *hoster) {
	t.Helper()
	s := open(t)
	h := &hoster{link: upload.Link{URL: signed, Method: upload.MethodS3, Key: "bucket/photo.png"}}
	s.Hoster = func(provider.Settings) job.Hoster { return h }
	s.DeleteHosted = true
	return s, h
}

func (s *shop) buy(t *testing.T, prompt, path string) kling.Job {
	t.Helper()
	made, err := s.Submit(t.Context(), s.order(t, "apikley", prompt, path))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAHostedImageIsDeletedOnceItsJobSucceeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, h := hosting(t)
		made := s.buy(t, "a boat", drawing(t))
		kept := string(s.row(t, made.ID).Request)
		if strings.Contains(kept, "5161") || !strings.Contains(kept, `"key":"bucket/photo.png"`) || !strings.Contains(kept, `"place":"shelf"`) {
			t.Errorf("the ledger keeps %s, want the key and no signature", kept)
		}
		if len(h.deleted) != 0 {
			t.Errorf("deleted %v while the job was open", h.deleted)
		}
		for range 3 {
			if outcome := s.waitFor(t.Context(), s.row(t, made.ID)); outcome.Job.State != kling.Succeeded {
				t.Fatalf("the job is %s: %v", outcome.Job.State, outcome.Err)
			}
		}
		if diff := cmp.Diff([]string{"s3 bucket/photo.png"}, h.deleted); diff != "" {
			t.Errorf("deleted (-want +got):\n%s", diff)
		}
	})
}

func TestAHostedImageStays(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(s *shop, h *hoster) string{
		"when nobody asked to delete it": func(s *shop, _ *hoster) string { s.DeleteHosted = false; return "" },
		"when its job failed":            func(*shop, *hoster) string { return " [[failed]]" },
		"when it has no key":             func(_ *shop, h *hoster) string { h.link.Key = ""; return "" },
	} {
		synctest.Test(t, func(t *testing.T) {
			s, h := hosting(t)
			prompt := "a boat" + set(s, h)
			_ = s.waitFor(t.Context(), s.buy(t, prompt, drawing(t)))
			if len(h.deleted) != 0 {
				t.Errorf("%s: deleted %v", name, h.deleted)
			}
		})
	}
}

// The provider fetches the image some time after the create: it must be there
// for every job that was ordered with it.
func TestAnImageThatAnotherJobNeedsStaysUntilTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, h := hosting(t)
		path := drawing(t)
		first := s.buy(t, "a boat", path)
		<-time.After(generation / 2)
		second := s.buy(t, "a kite", path)
		if outcome := s.waitFor(t.Context(), first); outcome.Err != nil || len(h.deleted) != 0 {
			t.Errorf("%v, deleted %v, want the image kept for the other job", outcome.Err, h.deleted)
		}
		if outcome := s.waitFor(t.Context(), second); outcome.Err != nil || len(h.deleted) != 1 {
			t.Errorf("%v, deleted %v, want the image deleted by the last", outcome.Err, h.deleted)
		}
	})
}

func TestAnImageThatCannotBeDeletedIsOnlyTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, h := hosting(t)
		made := s.buy(t, "a boat", drawing(t))
		h.err = &fault.Error{Kind: fault.Refused, Op: "delete the image", Detail: "access denied"}
		outcome := s.waitFor(t.Context(), made)
		if outcome.Err != nil || outcome.Job.State != kling.Succeeded || s.row(t, made.ID).State != kling.Succeeded {
			t.Errorf("the job is %s (%v), want its success", outcome.Job.State, outcome.Err)
		}
		if !strings.Contains(s.notices(), "access denied") || !strings.Contains(s.notices(), made.ID) {
			t.Errorf("notices %q, want what stays and why", s.notices())
		}
	})
}
