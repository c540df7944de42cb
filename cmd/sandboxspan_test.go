package cmd

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]span{
		"3s":       {least: 3 * time.Second, most: 3 * time.Second},
		"60s..4m":  {least: time.Minute, most: 4 * time.Minute},
		"40ms..1h": {least: 40 * time.Millisecond, most: time.Hour},
	} {
		var got, again span
		if err := got.Set(text); err != nil || got != want {
			t.Errorf("%s: got %v (%v), want %v", text, got, err, want)
		}
		if err := again.Set(got.String()); err != nil || again != want {
			t.Errorf("%s shows as %s, which reads as %v (%v)", text, &got, again, err)
		}
	}
	for _, text := range []string{"", "0s", "-1s", "4m..60s", "1s..", "..2s", "1s..2s..3s", "soon"} {
		var got span
		if err := got.Set(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
