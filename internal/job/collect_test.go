package job_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

func TestFinishedAsksForAllThatIsOpenAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 1, 3600, 1, 3600, 1, 3600)
		<-time.After(2 * time.Second)
		began := time.Now()
		found, err := s.Finished(t.Context(), ledger.Filter{}, func(j kling.Job, err error) { t.Errorf("%s: %v", j.ID, err) })
		if err != nil || len(found) != 3 || time.Since(began) > 5*time.Second || w.requests() != 1 {
			t.Errorf("%d jobs after %d requests in %s (%v), want 3 after one list", len(found), w.requests(), time.Since(began), err)
		}
		if state := s.row(t, jobs[1].ID).State; state != kling.Running {
			t.Errorf("one that goes on is stored as %s", state)
		}
	})
}

func TestFinishedTellsWhomItCouldNotAskFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 1, 1)
		w.answer = func(r *http.Request, _ bool) *http.Response { return w.says(r, 401, `{"code":1001,"message":"no"}`) }
		told := map[string]error{}
		found, err := s.Finished(t.Context(), ledger.Filter{}, func(j kling.Job, err error) { told[j.ID] = err })
		if err != nil || len(found) != 0 || !fault.Is(told[jobs[0].ID], fault.Auth) || !fault.Is(told[jobs[1].ID], fault.Auth) {
			t.Errorf("%d found, %v; told %v, want the refused key for both", len(found), err, told)
		}
	})
}
