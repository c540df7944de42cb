package media

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Limits is what a model takes as an image. A zero field sets no limit; every
// bound is inclusive.
type Limits struct {
	// Types lists the accepted content types, as in "image/png".
	Types []string
	// MaxBytes is the largest file in bytes.
	MaxBytes int64
	// MinPixels and MaxPixels bound each side.
	MinPixels, MaxPixels int
	// MinRatio and MaxRatio bound width divided by height. They stand for the
	// simple fraction they are nearest to: 0.4 is exactly 2:5.
	MinRatio, MaxRatio float64
	// Exact asks that every pixel stays in its place, as in a mask and in the
	// image below it. It is no limit: it keeps Fix from turning, scaling and
	// padding.
	Exact bool
}

// Check returns every problem of an image, nil when there is none. A problem
// reads on from the name of the image or its flag and says the figure and what
// is allowed: "is 299 pixels wide, at least 300 are needed".
func (l Limits) Check(img Image) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if len(l.Types) > 0 && !slices.Contains(l.Types, img.Type) {
		say("is %s, allowed is %s", img.Type, strings.Join(l.Types, ", "))
	}
	if l.MaxBytes > 0 && img.Bytes > l.MaxBytes {
		say("has %d bytes, at most %d are allowed", img.Bytes, l.MaxBytes)
	}
	for _, side := range []struct {
		pixels int
		word   string
	}{{img.Width, "wide"}, {img.Height, "high"}} {
		if side.pixels < l.MinPixels {
			say("is %d pixels %s, at least %d are needed", side.pixels, side.word, l.MinPixels)
		}
		if l.MaxPixels > 0 && side.pixels > l.MaxPixels {
			say("is %d pixels %s, at most %d are allowed", side.pixels, side.word, l.MaxPixels)
		}
	}
	if img.Width <= 0 || img.Height <= 0 {
		return problems
	}
	if l.MinRatio > 0 && compareRatio(img.Width, img.Height, l.MinRatio) < 0 {
		say("is too tall with a ratio of %s (%dx%d), at least %s is needed",
			ratioText(ratioOf(img)), img.Width, img.Height, ratioText(l.MinRatio))
	}
	if l.MaxRatio > 0 && compareRatio(img.Width, img.Height, l.MaxRatio) > 0 {
		say("is too wide with a ratio of %s (%dx%d), at most %s is allowed",
			ratioText(ratioOf(img)), img.Width, img.Height, ratioText(l.MaxRatio))
	}
	return problems
}

func ratioOf(img Image) float64 { return float64(img.Width) / float64(img.Height) }

// compareRatio tells whether w/h is below (-1), equal to (0) or above (1) a
// limit. Integers are compared wherever the limit is a simple fraction, so that
// 2:5 never misses 0.4 by the last bit of a division.
func compareRatio(w, h int, limit float64) int {
	left, right := float64(w)/float64(h), limit
	if p, q, ok := simpleFraction(limit); ok {
		left, right = float64(w)*float64(q), float64(p)*float64(h)
	}
	switch {
	case left < right:
		return -1
	case left > right:
		return 1
	}
	return 0
}

// simpleFraction finds p/q = f with a q of at most 1,000. The products in
// compareRatio stay below 2^53 and so are exact for sides of an image.
func simpleFraction(f float64) (p, q int, ok bool) {
	if f <= 0 || f > 1000 {
		return 0, 0, false
	}
	for q = 1; q <= 1000; q++ {
		p = int(math.Round(f * float64(q)))
		if float64(p)/float64(q) == f {
			return p, q, true
		}
	}
	return 0, 0, false
}

// ratioText writes a ratio as people do: 2.5:1 or 1:2.5.
func ratioText(ratio float64) string {
	if ratio >= 1 {
		return decimal(ratio) + ":1"
	}
	return "1:" + decimal(1/ratio)
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
