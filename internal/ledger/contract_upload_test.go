package ledger

import (
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
)

func (c contract) wantUpload(place, sha256 string, at time.Time, want *Upload) {
	c.t.Helper()
	got, found, err := c.s.Recall(c.t.Context(), place, sha256, at)
	if err != nil || found != (want != nil) {
		c.t.Errorf("Recall(%s, %s) found %v (%v), want %v", place, sha256, found, err, want != nil)
		return
	}
	if want == nil {
		want = &Upload{}
	}
	if diff := cmp.Diff(*want, got); diff != "" {
		c.t.Errorf("Recall(%s, %s) is another (-want +got):\n%s", place, sha256, diff)
	}
}

func (c contract) remember(place, sha256 string, u Upload) {
	c.t.Helper()
	if err := c.s.Remember(c.t.Context(), place, sha256, u, epoch()); err != nil {
		c.t.Fatal(err)
	}
}

func (c contract) upload() {
	t, s := c.t, c.s
	expires := epoch().Add(time.Hour)
	linked := Upload{URL: "https://example.org/a.png", Method: "provider", Expires: expires}
	object := Upload{Method: "s3", Key: "in/ab.png"}
	c.remember("kie", "ab", linked)
	c.remember("bucket", "ab", object)
	c.wantUpload("kie", "ab", expires.Add(-time.Millisecond), &linked)
	c.wantUpload("kie", "ab", expires, nil)
	c.wantUpload("bucket", "ab", epoch().AddDate(9, 0, 0), &object)
	c.wantUpload("kie", "cd", epoch(), nil)
	c.wantUpload("elsewhere", "ab", epoch(), nil)

	later := Upload{URL: "https://example.org/b.png", Method: "provider", Expires: expires.Add(time.Hour)}
	c.remember("kie", "ab", later)
	c.wantUpload("kie", "ab", expires, &later)

	for range 2 {
		if err := s.Forget(t.Context(), "kie", "ab"); err != nil {
			t.Error(err)
		}
		c.wantUpload("kie", "ab", epoch(), nil)
	}
	c.wantUpload("bucket", "ab", epoch(), &object)
	wantKind(t, s.Remember(t.Context(), "", "ab", object, epoch()), fault.Internal)
	wantKind(t, s.Remember(t.Context(), "kie", "", object, epoch()), fault.Internal)
}

func (c contract) uploadPruned() {
	t, s := c.t, c.s
	for sha256, expires := range map[string]time.Time{
		"aa": epoch().Add(-time.Second), "bb": epoch(), "cc": epoch().Add(time.Second), "dd": {},
	} {
		err := s.Remember(t.Context(), "kie", sha256, Upload{Expires: expires}, epoch().AddDate(-1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
	}
	c.remember("kie", "ee", Upload{})
	left := 0
	err := s.change(t.Context(), "count", func(tx tx) error { return tx.row("SELECT COUNT(*) FROM uploads", nil, &left) })
	if err != nil || left != 3 {
		t.Errorf("%d uploads (%v) are left, want the 3 that have not expired", left, err)
	}
}
