package ledger_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

func TestRescuedTasksAreFoundAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	store, err := ledger.Open(t.Context(), ledger.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if found, err := store.Rescued(); err != nil || len(found) != 0 {
		t.Fatalf("Rescued() of nothing = %v, %v", found, err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, task := range []string{"881", "a/b:c"} {
		job := kling.Job{ID: "abcd1234efgh", Ref: kling.Ref{Provider: "kling", Path: "image2video", Task: task}}
		name, err := store.Rescue(job, now)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, info.Mode(), err)
		}
	}
	torn, err := os.OpenFile(path+".rescued", os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString(`{"id":"torn`); err != nil {
		t.Fatal(err)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := store.Rescued()
	if err != nil || len(found) != 2 || found[1].Ref != "kling:image2video/a%2Fb%3Ac" || !found[0].At.Equal(now) {
		t.Errorf("Rescued() = %+v, %v; want both tasks", found, err)
	}
	if err := store.ForgetRescued(); err != nil {
		t.Fatal(err)
	}
	if found, err := store.Rescued(); err != nil || len(found) != 0 {
		t.Errorf("Rescued() after ForgetRescued = %v, %v", found, err)
	}
}
