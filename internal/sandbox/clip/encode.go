package clip

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
)

const (
	defaultFPS = 24
	maxFPS     = 120
	maxSeconds = 3600
	minSide    = 16
	maxSide    = 4096

	// ticksPerFrame divides a frame so that a duration which is no whole number
	// of frames can be told by the length of the last one.
	ticksPerFrame = 1000
)

var (
	errSeconds = fmt.Errorf("seconds must be above 0 and at most %d", maxSeconds)
	errFPS     = fmt.Errorf("frames per second must be 1 to %d", maxFPS)
	errSides   = fmt.Errorf("width and height must be even, %d to %d", minSide, maxSide)
	errLevel   = errors.New("no H.264 level allows this size at this frame rate")
)

// Options says how long a clip lasts and how it is paced.
type Options struct {
	// Seconds is the duration, above 0 and at most 3600. It need not be a whole
	// number of frames: the last frame is then held shorter or longer.
	Seconds float64
	// FPS is the number of frames a second, at most 120; 0 means 24.
	FPS int
	// Seed colours the test card that [Encode] shows when it is given no image.
	Seed string
}

// Encode writes img to w as an MP4 that shows it for o.Seconds. Both sides of
// img must be even and within 16 to 4096 pixels, as those of [Picture] are; a nil
// img stands for the test card of o.Seed. Transparent parts show white. Nothing
// is written when the options or the image are refused.
//
// A picture that cannot be predicted takes 1.5 bytes a pixel, a second of 24
// frames about 400 bytes more; memory is about 3 bytes a pixel.
func Encode(w io.Writer, img image.Image, o Options) error {
	if img == nil {
		img = card(o.Seed)
	}
	size := img.Bounds().Size()
	if !sideAllowed(size.X) || !sideAllowed(size.Y) {
		return fmt.Errorf("clip of %dx%d: %w", size.X, size.Y, errSides)
	}
	t, err := timingOf(o)
	if err != nil {
		return fmt.Errorf("clip of %v s at %d fps: %w", o.Seconds, o.FPS, err)
	}
	level, ok := levelFor(macroblocks(size.X), macroblocks(size.Y), t.fps)
	if !ok {
		return fmt.Errorf("clip of %dx%d at %d fps: %w", size.X, size.Y, t.fps, errLevel)
	}
	pl := newPlanes(img)
	m := movie{
		width: size.X, height: size.Y, timing: t,
		sps:   sequenceParameters(pl, level, t),
		pps:   pictureParameters(),
		first: firstPicture(pl),
		held:  heldPictures(pl.mbWidth*pl.mbHeight, t.frames-1),
	}
	if err := m.write(w); err != nil {
		return fmt.Errorf("writing clip: %w", err)
	}
	return nil
}

func sideAllowed(n int) bool { return n%2 == 0 && n >= minSide && n <= maxSide }

// timing is the clock of a clip: the timescale is fps*ticksPerFrame.
type timing struct {
	fps    int
	frames int
	ticks  int // of the whole clip
	last   int // of the last frame; ticksPerFrame when the duration is whole
}

func timingOf(o Options) (timing, error) {
	fps := o.FPS
	if fps == 0 {
		fps = defaultFPS
	}
	if fps < 0 || fps > maxFPS {
		return timing{}, errFPS
	}
	if math.IsNaN(o.Seconds) || o.Seconds <= 0 || o.Seconds > maxSeconds {
		return timing{}, errSeconds
	}
	ticks := max(1, int(math.Round(o.Seconds*float64(fps*ticksPerFrame))))
	frames := max(1, (ticks+ticksPerFrame/2)/ticksPerFrame)
	return timing{fps: fps, frames: frames, ticks: ticks, last: ticks - (frames-1)*ticksPerFrame}, nil
}

// timescale is the number of ticks a second.
func (t timing) timescale() int { return t.fps * ticksPerFrame }

// steady reports whether all frames last equally long.
func (t timing) steady() bool { return t.last == ticksPerFrame }
