package sandbox

import (
	"io"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// clipRate is the frame rate of result files, frames a second.
const clipRate = 24

// The longest sides that clips may have, in pixels.
const (
	leastSide = 64
	mostSide  = 1280
)

// renderClip writes a video that shows the picture for the given seconds, or a
// card coloured by the seed where the bytes are no picture.
func renderClip(w io.Writer, data []byte, seed string, seconds float64, side int) error {
	return clip.Encode(w, clip.PictureWithin(data, seed, side), clip.Options{Seconds: seconds, FPS: clipRate})
}
