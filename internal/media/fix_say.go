package media

import (
	"fmt"
	"strconv"
	"strings"
)

// say tells what was done to an image, in the order in which a person would
// see it.
func (l Limits) say(img Image, f frame, content, canvas size, way encoding, alpha bool) []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }

	if img.Animated {
		add("took the first frame of the animated %s", formatName(img.Type))
	}
	if img.Orientation > 1 {
		add("turned upright (EXIF orientation %d)", img.Orientation)
	}
	if content != f.from {
		add("scaled from %s to %s%s", f.from, content, l.why(f, content))
	}
	if canvas != content {
		bound := "no taller than " + ratioText(float64(canvas.w)/float64(canvas.h))
		if canvas.h > content.h {
			bound = "no wider than " + ratioText(float64(canvas.w)/float64(canvas.h))
		}
		add("padded with black from %s to %s to be %s", content, canvas, bound)
	}
	if alpha && way.kind == TypeJPEG {
		add("laid on white where it was transparent")
	}
	quality, reason := "", ""
	if way.kind == TypeJPEG {
		quality = fmt.Sprintf(" (quality %d)", way.quality)
	}
	if img.Bytes > l.maxBytes() {
		reason = " to get under " + sizeText(l.maxBytes())
	}
	switch {
	case way.kind != img.Type && !l.takes(img.Type):
		add("converted from %s to %s%s", formatName(img.Type), formatName(way.kind), quality)
	case way.kind != img.Type:
		add("converted from %s to %s%s%s", formatName(img.Type), formatName(way.kind), quality, reason)
	case reason != "":
		add("encoded again as %s%s%s", formatName(way.kind), quality, reason)
	}
	return notes
}

// why names the limit that an image was scaled for.
func (l Limits) why(f frame, content size) string {
	if pixels, _ := l.at(f, 1); pixels != content {
		return " to get under " + sizeText(l.maxBytes())
	}
	if f.factor > 1 {
		return fmt.Sprintf(" to reach %d pixels", l.MinPixels)
	}
	return fmt.Sprintf(" to stay within %d pixels", l.MaxPixels)
}

// sizeText writes a number of bytes as people say it where that is exact.
func sizeText(bytes int64) string {
	switch {
	case bytes%(1<<20) == 0:
		return strconv.FormatInt(bytes>>20, 10) + " MiB"
	case bytes%(1<<10) == 0:
		return strconv.FormatInt(bytes>>10, 10) + " KiB"
	}
	return strconv.FormatInt(bytes, 10) + " bytes"
}

func formatNames(kinds []string) string {
	names := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		names = append(names, formatName(kind))
	}
	return strings.Join(names, " or ")
}
