package ledger

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTwentyAtOnceStayWithinFiveInTenSeconds(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		stores := []*Store{openAt(t, place), openAt(t, place)}
		for i := range 20 {
			add(t, stores[0], draft(fmt.Sprintf("aaaa%08d", i), epoch()))
		}
		pace := Pace{Count: 5, Per: 10 * time.Second}
		var admitted []time.Duration
		waiting := map[int]bool{}
		for i := range 20 {
			waiting[i] = true
		}
		for at := time.Duration(0); at <= 31*time.Second; at += 500 * time.Millisecond {
			now := epoch().Add(at)
			var mu sync.Mutex
			var group sync.WaitGroup
			var through []int
			for i := range waiting {
				group.Go(func() {
					id := fmt.Sprintf("aaaa%08d", i)
					_, wait, err := intend(t.Context(), stores[i%2], id, now, now.Add(time.Minute), pace)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err != nil:
						t.Errorf("Intend at %v: %v", at, err)
					case wait == 0:
						through = append(through, i)
						admitted = append(admitted, at)
					case wait > pace.Per:
						t.Errorf("at %v a create must wait %v, want no more than the span", at, wait)
					}
				})
			}
			group.Wait()
			for _, i := range through {
				delete(waiting, i)
			}
		}
		slices.Sort(admitted)
		var want []time.Duration
		for span := range 4 {
			want = append(want, slices.Repeat([]time.Duration{time.Duration(span) * pace.Per}, 5)...)
		}
		if !slices.Equal(admitted, want) {
			t.Errorf("creates went at %v, want five at once and five more every ten seconds", admitted)
		}
	})
}

func TestNoSpanHoldsMoreThanThePace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pace := Pace{
			Count: rapid.IntRange(1, 450).Draw(t, "count"),
			Per:   time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "per")),
		}
		var w window
		var admitted []time.Time
		now := epoch()
		for range 3 * pace.Count {
			now = now.Add(time.Duration(rapid.Int64Range(0, 2*int64(pace.Per)/int64(pace.Count)).Draw(t, "pause")))
			next, wait := w.take(now, pace)
			for ; wait > 0; next, wait = w.take(now, pace) {
				now = now.Add(wait)
			}
			w = next
			admitted = append(admitted, now.Truncate(time.Millisecond))
		}
		for i := pace.Count; i < len(admitted); i++ {
			if span := admitted[i].Sub(admitted[i-pace.Count]); span < pace.Per {
				t.Fatalf("%d creates within %v, want no more than %d in %v", pace.Count+1, span, pace.Count, pace.Per)
			}
		}
		if len(w.recent) > maxRecent {
			t.Fatalf("%d times are kept, want at most %d", len(w.recent), maxRecent)
		}
	})
}

func TestAClockSetBackDoesNotStopTheWork(t *testing.T) {
	t.Parallel()
	pace := Pace{Count: 1, Per: time.Minute}
	w, _ := window{}.take(epoch().AddDate(1, 0, 0), pace)
	w.notBefore = millis(epoch().AddDate(1, 0, 0))
	if _, wait := w.take(epoch(), pace); wait <= 0 || wait > pace.Per {
		t.Errorf("a year back the wait is %v, want at most %v", wait, pace.Per)
	}
}
