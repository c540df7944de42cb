package job_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/provider"
)

// With no more requests than a fixed 10 s pace makes, a quarter of its lag
// where times are spread evenly and a third where they gather.
func TestLooksComeSoonerThanAFixedPaceForNoMore(t *testing.T) {
	t.Parallel()
	for _, w := range stillWorlds() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got, pace := simulate(peers()[0], w), simulate(fixedPace(), w)
			share := map[string]float64{"U": 1.0 / 4, "LN narrow": 1.0 / 3, "LN wide": 2.0 / 3}[w.name]
			if got.lag > share*pace.lag || got.requests > pace.requests {
				t.Errorf("lag / 95th / requests are %s, want %.2f of the lag of %s", got, share, pace)
			}
		})
	}
}

// A service that became faster or slower is noticed before the history says so.
func TestLooksBearAServiceThatChanged(t *testing.T) {
	t.Parallel()
	for _, w := range driftedWorlds() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got, pace := simulate(peers()[0], w), simulate(fixedPace(), w)
			if got.lag > 15 || got.lag95 > 30 || got.requests > 2*pace.requests {
				t.Errorf("lag / 95th / requests are %s, want 15 / 30 / twice those of %s", got, pace)
			}
		})
	}
}

// Whatever the law, ours is hardly worse than a fixed pace in anything.
func TestLooksBearAnyLaw(t *testing.T) {
	t.Parallel()
	for _, w := range oddWorlds() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got, pace := simulate(peers()[0], w), simulate(fixedPace(), w)
			if got.lag > 1.2*pace.lag || got.requests > 1.05*pace.requests+0.5 {
				t.Errorf("lag / 95th / requests are %s, a fixed pace has %s", got, pace)
			}
		})
	}
}

// Of fifty jobs that began together, a third or fewer are looked at in any
// fifth of a second.
func TestManyThatBeganTogetherAreNotLookedAtTogether(t *testing.T) {
	t.Parallel()
	const together, window = 50, 200 * time.Millisecond
	polls := map[string]provider.Poll{
		"no bounds":     {},
		"3 s to 15 s":   {First: 3 * time.Second, Min: 3 * time.Second, Max: 15 * time.Second},
		"10 s":          {First: 10 * time.Second, Min: 10 * time.Second, Max: 10 * time.Second},
		"5 s from 60 s": {First: time.Minute, Min: 5 * time.Second, Max: 5 * time.Second},
	}
	for name, poll := range polls {
		for _, w := range stillWorlds() {
			r := rand.New(rand.NewPCG(20, 26))
			begin := ours(name, poll).with(r, w.remembered(r))
			var looks []time.Duration
			for range together {
				pause := begin()
				for age := pause(0, 0); age < 5*time.Minute; age += pause(age, 1) {
					looks = append(looks, age)
				}
			}
			slices.Sort(looks)
			for i, at := range looks {
				until, _ := slices.BinarySearch(looks, at+window)
				if until-i > together/3+1 {
					t.Fatalf("%s, %s: %d looks within %s at %s", name, w.name, until-i, window, at)
				}
			}
		}
	}
}
