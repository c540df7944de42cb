package media

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// maxDecoded bounds, in pixels, what is held in memory: 64 Mi.
	maxDecoded = 64 << 20
	// maxEnlarged is the largest factor by which a small image is enlarged:
	// beyond it there is nothing to see.
	maxEnlarged = 2
)

// size is in pixels, of an image as it is seen.
type size struct{ w, h int }

func (s size) String() string { return fmt.Sprintf("%dx%d", s.w, s.h) }
func (s size) pixels() int64  { return int64(s.w) * int64(s.h) }
func (s size) turned() size   { return size{s.h, s.w} }

// frame is how an image comes to stand within limits of pixels and ratio.
type frame struct {
	// from is the image, upright.
	from size
	// bars is from with the bars that its ratio needs.
	bars size
	// factor is by how much bars is scaled to get within the pixels.
	factor float64
}

// takes tells whether a file may stay of a type: it is allowed and one that is
// sent at all.
func (l Limits) takes(kind string) bool {
	config, _ := formatOf(kind)
	return config != nil && (len(l.Types) == 0 || slices.Contains(l.Types, kind))
}

// plan finds the way for an image from its figures. Its errors read on from
// the name of the image.
func (l Limits) plan(img Image) (frame, error) {
	from := upright(img)
	switch {
	case img.Animated && img.Type != TypeGIF:
		return frame{}, fmt.Errorf("is an animated %s, which must be saved as a still image first", formatName(img.Type))
	case from.pixels() > maxDecoded:
		return frame{}, fmt.Errorf("is %s pixels, too many to be decoded here (at most %d); scale it down first", from, maxDecoded)
	case !l.takes(TypePNG) && !l.takes(TypeJPEG):
		return frame{}, errors.New("cannot be converted: neither PNG nor JPEG is allowed")
	case l.Exact:
		return l.planExact(img, from)
	}
	found := frame{from: from, bars: l.barred(from), factor: 1}
	if least := min(found.bars.w, found.bars.h); least < l.MinPixels {
		found.factor = float64(l.MinPixels) / float64(least)
	} else if most := max(found.bars.w, found.bars.h); l.MaxPixels > 0 && most > l.MaxPixels {
		found.factor = float64(l.MaxPixels) / float64(most)
	}
	if found.factor > maxEnlarged {
		return frame{}, fmt.Errorf("is %s pixels: to reach %d it would have to be enlarged more than %d times", from, l.MinPixels, maxEnlarged)
	}
	_, canvas := l.at(found, 1)
	if canvas.pixels() > maxDecoded {
		return frame{}, fmt.Errorf("is %s pixels, which becomes too many (%s) with bars of black", from, canvas)
	}
	return found, l.geometry(canvas)
}

// planExact is the plan for an image of which no pixel may move.
func (l Limits) planExact(img Image, from size) (frame, error) {
	switch {
	case img.Orientation > 1:
		return frame{}, fmt.Errorf("must keep its pixels in place but has EXIF orientation %d; save it upright first", img.Orientation)
	case l.geometry(from) != nil:
		return frame{}, fmt.Errorf("must keep its %s pixels, so it is neither scaled nor padded", from)
	}
	return frame{from: from, bars: from, factor: 1}, nil
}

// upright is the size after EXIF orientation.
func upright(img Image) size {
	if img.Orientation >= 5 {
		return size{img.Height, img.Width}
	}
	return size{img.Width, img.Height}
}

// geometry is an error when a size is not within pixels and ratio.
func (l Limits) geometry(s size) error {
	only := Limits{MinPixels: l.MinPixels, MaxPixels: l.MaxPixels, MinRatio: l.MinRatio, MaxRatio: l.MaxRatio}
	if problems := only.Check(Image{Width: s.w, Height: s.h}); len(problems) > 0 {
		return errors.New(problems[0])
	}
	return nil
}

// ratios are the bounds of the ratio, those that the pixels imply included: a
// side of 300 beside one of 8000 is as far as it goes.
func (l Limits) ratios() (low, high float64) {
	low, high = l.MinRatio, l.MaxRatio
	if l.MinPixels > 0 && l.MaxPixels > 0 {
		narrow := float64(l.MinPixels) / float64(l.MaxPixels)
		low = max(low, narrow)
		if wide := 1 / narrow; high <= 0 || high > wide {
			high = wide
		}
	}
	return low, high
}

// barred is the smallest size around another one whose ratio is allowed.
func (l Limits) barred(s size) size {
	low, high := l.ratios()
	if low > 0 && compareRatio(s.w, s.h, low) < 0 {
		w := int(math.Ceil(float64(s.h) * low))
		for w > s.w && compareRatio(w-1, s.h, low) >= 0 {
			w--
		}
		return size{max(w, s.w), s.h}
	}
	if high > 0 && compareRatio(s.w, s.h, high) > 0 {
		h := int(math.Ceil(float64(s.w) / high))
		for h > s.h && compareRatio(s.w, h-1, high) <= 0 {
			h--
		}
		return size{s.w, max(h, s.h)}
	}
	return s
}

// at is the size of the image and of the canvas around it, when it is scaled
// by shrink beyond what the pixels ask for.
func (l Limits) at(f frame, shrink float64) (content, canvas size) {
	factor := f.factor * shrink
	scaled := func(n int) int { return max(1, int(math.Round(float64(n)*factor))) }
	canvas = l.settle(size{scaled(f.bars.w), scaled(f.bars.h)})
	content = canvas
	if f.bars.w > f.from.w {
		content.w = min(canvas.w, scaled(f.from.w))
	}
	if f.bars.h > f.from.h {
		content.h = min(canvas.h, scaled(f.from.h))
	}
	return content, canvas
}

// settle moves a rounded size by the pixel or two that it is off.
func (l Limits) settle(s size) size {
	low, high := max(l.MinPixels, 1), l.MaxPixels
	if high <= 0 {
		high = math.MaxInt32
	}
	s.w, s.h = min(max(s.w, low), high), min(max(s.h, low), high)
	for range 1000 {
		switch {
		case l.MinRatio > 0 && compareRatio(s.w, s.h, l.MinRatio) < 0:
			if s.h > low {
				s.h--
			} else {
				s.w++
			}
		case l.MaxRatio > 0 && compareRatio(s.w, s.h, l.MaxRatio) > 0:
			if s.w > low {
				s.w--
			} else {
				s.h++
			}
		default:
			return s
		}
	}
	return s
}
