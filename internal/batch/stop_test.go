package batch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// A row whose job succeeded has its video only when the file is there, also
// when the run is told to end before it could be brought.
func TestAVideoThatWasNotBroughtIsNotDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		p.Fetcher = func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Now: time.Now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done() // a link that brings nothing
				return nil, r.Context().Err()
			})})
		}
		o := p.options(t, rows("kling", klingModel, 12, plain))
		ctx, cancel := context.WithCancelCause(t.Context())
		timer := time.AfterFunc(generation+time.Minute, func() { cancel(errors.New("signal")) })
		defer timer.Stop()
		wantEnds(t, p.run(ctx, t, o), ends{batch.Unsaved, 12})
		for id, r := range p.results {
			if failure := fault.Of(r.Err); failure == nil || failure.Spent() != fault.Charged {
				t.Errorf("%s: %v, want a fault that says it was charged", id, r.Err)
			}
		}
	})
}

// What the run did not get to look at stays what it is.
func TestAStoppedRunKnowsTheVideosOfEarlierOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 6, plain))
		p.run(t.Context(), t, o)
		if err := os.Remove(p.results["kling-2"].Job.Artifacts[0].Path); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		lane := o.Lane
		o.Lane = func(row batch.Row) string {
			cancel() // before any row is begun, after the batch was read
			return lane(row)
		}
		wantEnds(t, p.run(ended, t, o), ends{batch.Kept, 5}, ends{batch.Unsaved, 1})
	})
}

// Who cancels a batch does not wait for a provider that asked for patience.
func TestCancelEndsAPauseThatAProviderAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 5, func(i int) string { return plain(i) + " [[429:1:800]]" }))
		began := time.Now()
		o.Cancelled = func(context.Context) bool { return time.Since(began) > 20*time.Second }
		wantEnds(t, p.run(t.Context(), t, o), ends{batch.Waiting, 5})
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it ended after %s", took)
		}
	})
}

// A provider that is busy all the time is asked ever more seldom.
func TestAStormOfBusyAnswersIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		began := time.Now()
		const storm = 5 * time.Minute
		asked := 0
		p.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
			if time.Since(began) > storm {
				return p.server.Transport().RoundTrip(r)
			}
			p.mu.Lock()
			asked++
			p.mu.Unlock()
			return reply(r, http.StatusTooManyRequests, `{"code":1303,"message":"parallel task over resource pack limit"}`), nil
		})
		summary := p.run(t.Context(), t, p.options(t, rows("kling", klingModel, 40, plain)))
		wantEnds(t, summary, ends{batch.Done, 40})
		// All that were under way at first, and then one each half minute.
		if asked > 32+30 {
			t.Errorf("%d creates in %s of a provider that took none", asked, storm)
		}
		p.wantJournal(t, 40, 40)
	})
}

// A row that another process is just bringing ends when that one is done.
func TestAFileThatAnotherProcessBringsIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 1, plain))
		cut := errors.New("the connection broke")
		tries := 0
		p.Fetcher = func(provider.Settings) *fetch.Fetcher {
			tries++
			if tries > 1 {
				return fetch.New(fetch.Options{Transport: p.server.Transport(), Now: time.Now})
			}
			return fetch.New(fetch.Options{Now: time.Now, Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, cut })})
		}
		wantEnds(t, p.run(t.Context(), t, o), ends{batch.Done, 1})
		if found, err := filepath.Glob(filepath.Join(p.out, "*.mp4")); err != nil || len(found) != 1 {
			t.Errorf("files %q, %v", found, err)
		}
	})
}

// reply is an answer that no emulator gives.
func reply(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// A row that comes back after a busy answer carries our id like at first: its
// lost answer is found again, and not taken for a create that made nothing.
func TestARowThatComesBackIsFoundByOurID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		busy := true
		p.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if busy {
				busy = false
				return reply(r, http.StatusTooManyRequests, `{"code":1303,"message":"parallel task over resource pack limit"}`), nil
			}
			return p.server.Transport().RoundTrip(r)
		})
		o := p.options(t, rows("kling", klingModel, 1, func(int) string { return "x [[lost-reply]]" }))
		wantEnds(t, p.run(t.Context(), t, o), ends{batch.Done, 1})
		p.wantJournal(t, 1, 1)
	})
}

// A run that was killed between the renaming of a video and the note of it
// leaves a row that the next one completes without a download.
func TestAVideoThatAKilledRunRenamedIsTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 1, plain))
		p.run(t.Context(), t, o)
		made := p.results["kling-0"].Job
		_, err := p.Ledger.Update(t.Context(), made.ID, time.Now(), func(j kling.Job) (kling.Job, error) {
			j.Artifacts = slices.Clone(j.Artifacts)
			j.Artifacts[0].Placing = true
			return j, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		p.run(t.Context(), t, o)
		if r := p.results["kling-0"]; r.End != batch.Done || !r.Job.Artifacts[0].OnDisk() || p.files(t) != 1 {
			t.Errorf("it is %s, artifact %+v, %d files", r.End, r.Job.Artifacts[0], p.files(t))
		}
	})
}

// That a row was changed is news once, however often it is come back to.
func TestAChangedRowIsToldOfOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := rows("kling", klingModel, 1, func(int) string { return "x [[500]]" })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		wantEnds(t, p.run(ctx, t, p.options(t, all)), ends{batch.Doubtful, 1})
		all[0].Flags["prompt"] = []string{"another"}
		wantEnds(t, p.run(t.Context(), t, p.options(t, all)), ends{batch.Done, 1})
		if len(p.notices) != 1 {
			t.Errorf("%d notices: %q", len(p.notices), p.notices)
		}
		p.wantJournal(t, 2, 1)
	})
}
