package media_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/media"
)

// kling is what the official API documents for an image.
func kling() media.Limits {
	return media.Limits{
		Types: []string{"image/jpeg", "image/png"}, MaxBytes: 10485760,
		MinPixels: 300, MaxPixels: 8000, MinRatio: 0.4, MaxRatio: 2.5,
	}
}

func TestLimitsCheckStandsOnTheBoundary(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		img  media.Image
		want []string
	}{
		"the largest file":   {media.Image{Bytes: 10485760}, nil},
		"one byte more":      {media.Image{Bytes: 10485761}, []string{"has 10485761 bytes, at most 10485760 are allowed"}},
		"the smallest sides": {media.Image{Width: 300, Height: 300}, nil},
		"one pixel less":     {media.Image{Width: 299, Height: 300}, []string{"is 299 pixels wide, at least 300 are needed"}},
		"the largest side":   {media.Image{Width: 8000, Height: 8000}, nil},
		"one pixel more":     {media.Image{Width: 8000, Height: 8001}, []string{"is 8001 pixels high, at most 8000 are allowed"}},
		"1:2.5":              {media.Image{Width: 300, Height: 750}, nil},
		"1:2.5 with odd figures, where a division would miss": {media.Image{Width: 1398, Height: 3495}, nil},
		"taller than 1:2.5": {
			media.Image{Width: 300, Height: 751},
			[]string{"is too tall with a ratio of 1:2.50333 (300x751), at least 1:2.5 is needed"},
		},
		"2.5:1": {media.Image{Width: 750, Height: 300}, nil},
		"wider than 2.5:1": {
			media.Image{Width: 751, Height: 300},
			[]string{"is too wide with a ratio of 2.50333:1 (751x300), at most 2.5:1 is allowed"},
		},
		"a type that is not taken": {media.Image{Type: "image/webp"}, []string{"is image/webp, allowed is image/jpeg, image/png"}},
		"everything at once": {
			media.Image{Type: "image/gif", Bytes: 99999999, Width: 100, Height: 10},
			[]string{
				"is image/gif, allowed is image/jpeg, image/png",
				"has 99999999 bytes, at most 10485760 are allowed",
				"is 100 pixels wide, at least 300 are needed",
				"is 10 pixels high, at least 300 are needed",
				"is too wide with a ratio of 10:1 (100x10), at most 2.5:1 is allowed",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := test.img
			if img.Type == "" {
				img.Type = "image/png"
			}
			if img.Width == 0 {
				img.Width, img.Height = 1000, 1000
			}
			if diff := cmp.Diff(test.want, kling().Check(img)); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoLimitsAllowEverything(t *testing.T) {
	t.Parallel()
	if got := (media.Limits{}).Check(media.Image{Type: "image/gif", Bytes: 1 << 40, Width: 1, Height: 9999}); got != nil {
		t.Errorf("Check = %q, want nothing", got)
	}
}

func TestRatioLimitsAreExactFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, q := rapid.IntRange(1, 99).Draw(t, "p"), rapid.IntRange(1, 99).Draw(t, "q")
		scale := rapid.IntRange(1, 400).Draw(t, "scale")
		limit := float64(p) / float64(q)
		limits := media.Limits{MinRatio: limit, MaxRatio: limit}
		img := media.Image{Width: p * scale, Height: q * scale}
		if got := limits.Check(img); got != nil {
			t.Errorf("Check of exactly %d:%d = %q, want nothing", p, q, got)
		}
		img.Width++
		if got := limits.Check(img); len(got) != 1 {
			t.Errorf("Check of one pixel wider than %d:%d = %q, want one problem", p, q, got)
		}
	})
}
