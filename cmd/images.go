package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/media"
)

// images opens the local images of a request, and with --fix mends them into
// temporary copies.
type images struct {
	app *app
	fix bool

	mu       sync.Mutex
	cleanups []func()
}

// close removes every temporary copy.
func (i *images) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, remove := range slices.Backward(i.cleanups) {
		remove()
	}
	i.cleanups = nil
}

func (i *images) later(cleanup func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.cleanups = append(i.cleanups, cleanup)
}

// look inspects a file; "-" is standard input, copied to a file first.
func (i *images) look(ctx context.Context, source string) (media.Image, error) {
	if source == media.Stdin && i.app.process.InTTY {
		return media.Image{}, usageFault("read the image", "standard input is a terminal; pipe the image in, or name a file", "")
	}
	switch {
	case i.fix && source == media.Stdin:
		return i.loose(media.SpoolLoose(ctx, i.app.process.In, 0))
	case i.fix:
		return i.loose(media.InspectLoose(ctx, source))
	case source == media.Stdin:
		image, cleanup, err := media.Spool(ctx, i.app.process.In, 0)
		i.later(cleanup)
		return image, err
	}
	return media.Inspect(ctx, source)
}

func (i *images) loose(fixed media.Fixed, cleanup func(), err error) (media.Image, error) {
	i.later(cleanup)
	i.tell(fixed)
	return fixed.Image, err
}

// mender is media.Fix for --fix, nil without it.
func (i *images) mender() catalog.Mender {
	if !i.fix {
		return nil
	}
	return func(ctx context.Context, image media.Image, limits media.Limits) (media.Image, error) {
		fixed, cleanup, err := media.Fix(ctx, image, limits)
		i.later(cleanup)
		i.tell(fixed)
		return fixed.Image, err
	}
}

// tell says what was done to an image.
func (i *images) tell(fixed media.Fixed) {
	if len(fixed.Notes) > 0 {
		i.app.say(fmt.Sprintf("%s: %s", fixed.Image.Source, strings.Join(fixed.Notes, ", ")))
	}
}

// warn tells of images that are not refused but may surprise.
func (i *images) warn(slots []catalog.Slot) {
	for _, slot := range slots {
		if slot.Image.Orientation > 1 {
			i.app.say(fmt.Sprintf("%s is stored turned (EXIF orientation %d) and may come out sideways; --fix turns it upright",
				slot.Source, slot.Image.Orientation))
		}
		if slot.Image.Animated {
			i.app.say(slot.Source + " is animated; providers use its first picture")
		}
	}
}
