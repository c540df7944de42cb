package sandbox

import (
	"io"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// clipRate is the frame rate of result files, frames a second.
const clipRate = 24

// renderClip writes a video that shows the picture for the given seconds, or a
// card coloured by the seed where the bytes are no picture.
func renderClip(w io.Writer, data []byte, seed string, seconds float64) error {
	return clip.Encode(w, clip.Picture(data, seed), clip.Options{Seconds: seconds, FPS: clipRate})
}
