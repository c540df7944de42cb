package ledger

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
)

func (c contract) batches() {
	t, s := c.t, c.s
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	one := Batch{ID: "one", Source: "/shots", Output: "out/", Rows: 3, Options: []byte(`{"a":1}`)}
	two := Batch{ID: "two", Sandbox: true, Source: "m.csv", Output: "{row}.mp4", Rows: 1}
	for i, b := range []Batch{one, two} {
		if err := s.BeginBatch(t.Context(), b, at.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	one.CreatedAt, one.BegunAt = at, at
	two.CreatedAt, two.BegunAt = at.Add(time.Minute), at.Add(time.Minute)
	all, err := s.Batches(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Batch{two, one}, all); diff != "" {
		t.Error(diff)
	}

	cancelled, err := s.CancelBatch(t.Context(), "one", at.Add(time.Hour))
	if err != nil || !cancelled.CancelledAt.Equal(at.Add(time.Hour)) {
		t.Errorf("cancelled: %v, %v", cancelled, err)
	}
	have, err := s.Batch(t.Context(), "one")
	if err != nil || !have.CancelledAt.Equal(at.Add(time.Hour)) || have.Rows != 3 {
		t.Errorf("it is %v, %v", have, err)
	}

	one.Rows = 5
	if err := s.BeginBatch(t.Context(), one, at.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	have, err = s.Batch(t.Context(), "one")
	one.BegunAt = at.Add(2 * time.Hour)
	if diff := cmp.Diff(one, have); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}

	for _, id := range []string{"three", ""} {
		if _, err := s.Batch(t.Context(), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("batch %q: %v", id, err)
		}
	}
	if _, err := s.CancelBatch(t.Context(), "three", at); !fault.Is(err, fault.NotFound) {
		t.Errorf("cancelled what is not there: %v", err)
	}
	if err := s.BeginBatch(t.Context(), Batch{}, at); err == nil {
		t.Error("a batch without an id was begun")
	}
}
