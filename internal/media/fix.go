package media

import (
	"context"
	"errors"

	"github.com/klingctl/klingctl/internal/fault"
)

// Fixed is an image that was mended into a temporary copy.
type Fixed struct {
	// Image has the Source of the original; its Path is the copy. Without a
	// change it is the original as it was.
	Image Image
	// Notes tell every change in words, in the order in which it was made:
	// "turned upright (EXIF orientation 6)". Empty without a change.
	Notes []string
}

// Fix makes an image fit what a model takes: turned upright, converted,
// scaled, padded, re-encoded, whichever of these is needed. Limits.Check has
// nothing against what it returns. An image that fits and is upright comes back
// as it is.
//
// The original is only read. The copy is a file (0600) in a folder of its own
// (0700), and cleanup, which is never nil, removes both. What cannot be mended
// is a fault.Usage whose detail says why. The outcome is the same on every
// machine.
func Fix(ctx context.Context, img Image, limits Limits) (Fixed, func(), error) {
	nothing := func() {}
	if !limits.wantsFix(img) {
		return Fixed{Image: img}, nothing, nil
	}
	frame, err := limits.plan(img)
	if err != nil {
		return Fixed{}, nothing, unmendable(img, err)
	}
	picture, err := decode(ctx, img)
	if err != nil {
		return Fixed{}, nothing, err
	}
	scratch, err := newScratch()
	if err != nil {
		return Fixed{}, nothing, err
	}
	fixed, err := limits.mend(ctx, img, picture, frame, scratch)
	if err != nil {
		scratch.remove()
		return Fixed{}, nothing, err
	}
	return fixed, scratch.remove, nil
}

// Mendable reports whether Fix would change an image so that it fits. It looks
// at figures only, so Fix may still find that pixels cannot be decoded or that
// no quality gets under a limit of very few bytes.
func Mendable(img Image, limits Limits) bool {
	if !limits.wantsFix(img) {
		return false
	}
	if limits.Exact && img.Bytes > limits.maxBytes() {
		// Only a JPEG can help, and one of noise has a byte and a half for
		// each pixel.
		if !limits.takes(TypeJPEG) || upright(img).pixels()*3/2 > limits.maxBytes() {
			return false
		}
	}
	_, err := limits.plan(img)
	return err == nil
}

// wantsFix tells whether there is something to mend.
func (l Limits) wantsFix(img Image) bool {
	sideways := img.Orientation > 1 && !l.Exact
	return sideways || !l.takes(img.Type) || len(l.Check(img)) > 0
}

// unmendable is the refusal of an image for which there is no way.
func unmendable(img Image, cause error) error {
	return &fault.Error{Kind: fault.Usage, Op: "fix the image", Subject: img.subject(), Detail: cause.Error()}
}

func (img Image) subject() string {
	if img.Source == Stdin {
		return "standard input"
	}
	return shown(img.Source)
}

// stopped turns an error in the middle of the work into a fault: the end of
// the context, a fault from below, or words about the image.
func stopped(ctx context.Context, img Image, err error) error {
	switch {
	case ctx.Err() != nil:
		return &fault.Error{Kind: fault.Interrupted, Op: "fix the image", Subject: img.subject(), Err: context.Cause(ctx)}
	case errors.Is(err, errScratch):
		return scratchFault(err)
	case fault.Of(err) != nil:
		return err
	}
	return unmendable(img, err)
}
