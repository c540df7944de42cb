package media

import (
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"slices"
)

const (
	// smallPicture, in pixels, is written as a PNG even where a JPEG would do.
	smallPicture = 1 << 20
	// maxLine is the longest side that a JPEG can have.
	maxLine = 1<<16 - 1
)

// encoding is a way to write a picture; quality is that of a JPEG.
type encoding struct {
	kind    string
	quality int
}

// encodings are the ways to try, best first.
func (l Limits) encodings(img Image, canvas size, alpha bool) []encoding {
	var ways []encoding
	// A mask must not lose what it lets through.
	allowJPEG := l.takes(TypeJPEG) && max(canvas.w, canvas.h) <= maxLine && (!l.Exact || !alpha)
	lossless := img.Type == TypePNG || img.Type != TypeJPEG && (alpha || canvas.pixels() <= smallPicture)
	if l.takes(TypePNG) && (lossless || !allowJPEG) {
		ways = append(ways, encoding{kind: TypePNG})
	}
	if !allowJPEG {
		return ways
	}
	best := 92
	if img.Type != TypeJPEG && img.Type != TypePNG {
		best = 90
	}
	for _, quality := range []int{best, 85, 80, 75} {
		ways = append(ways, encoding{TypeJPEG, quality})
	}
	return ways
}

func (e encoding) write(w io.Writer, picture image.Image) error {
	if e.kind == TypeJPEG {
		return jpeg.Encode(w, flatten(picture), &jpeg.Options{Quality: e.quality})
	}
	return png.Encode(w, picture)
}

// maxBytes is the limit with that of any file.
func (l Limits) maxBytes() int64 {
	if l.MaxBytes > 0 {
		return min(l.MaxBytes, MaxFile)
	}
	return MaxFile
}

// mend tries the encodings, then smaller pictures, until one is small enough.
func (l Limits) mend(ctx context.Context, img Image, picture image.Image, f frame, to scratch) (Fixed, error) {
	alpha := !opaque(picture)
	floor := float64(max(l.MinPixels, 1)) / (float64(min(f.bars.w, f.bars.h)) * f.factor)
	for shrink := 1.0; ; {
		content, canvas := l.at(f, shrink)
		if err := l.geometry(canvas); err != nil {
			return Fixed{}, l.tooManyBytes(img)
		}
		drawn := render(picture, img.Orientation, content, canvas)
		ways := l.encodings(img, canvas, alpha)
		if len(ways) == 0 {
			return Fixed{}, unmendable(img, fmt.Errorf("cannot be written as %s without a loss", formatNames(l.Types)))
		}
		bytes := int64(0)
		for _, way := range ways {
			n, err := to.write(ctx, l.maxBytes(), func(w io.Writer) error { return way.write(w, drawn) })
			if err != nil {
				return Fixed{}, stopped(ctx, img, err)
			}
			if bytes = n; n <= l.maxBytes() {
				return l.looked(ctx, img, to, l.say(img, f, content, canvas, way, alpha))
			}
		}
		if l.Exact || shrink <= floor {
			return Fixed{}, l.tooManyBytes(img)
		}
		step := 0.97 * math.Sqrt(float64(l.maxBytes())/float64(bytes))
		shrink = max(shrink*min(max(step, 0.25), 0.9), floor)
	}
}

// looked reads the copy again, so that what is sent was seen.
func (l Limits) looked(ctx context.Context, img Image, from scratch, notes []string) (Fixed, error) {
	found, err := Inspect(ctx, from.path)
	if err != nil {
		return Fixed{}, err
	}
	found.Source, found.Path = img.Source, from.path
	if problems := l.Check(found); len(problems) > 0 {
		return Fixed{}, unmendable(img, fmt.Errorf("was mended and still %s", problems[0]))
	}
	return Fixed{Image: found, Notes: slices.Clip(notes)}, nil
}

func (l Limits) tooManyBytes(img Image) error {
	least := ""
	if l.MinPixels > 0 && !l.Exact {
		least = fmt.Sprintf(" with sides of at least %d pixels", l.MinPixels)
	}
	return unmendable(img, fmt.Errorf("does not get under %s%s", sizeText(l.maxBytes()), least))
}
