package clip

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

const (
	longSide  = 1280
	shortSide = 720

	// maxPixels bounds what is decoded, by the size an image declares: a few
	// bytes can promise gigabytes.
	maxPixels = 64 << 20
	// maxLine bounds one side; JPEG and GIF cannot state a longer one.
	maxLine = 1 << 16
)

// Picture decodes data (PNG, JPEG, or the first frame of a GIF) into a picture
// that [Encode] takes: at most 1280x720 or, if upright, 720x1280 pixels, in the
// source's ratio, never enlarged, with even sides of at least 16. An image that
// declares more than 64 Mi pixels, or a side above 65536, is not decoded.
// Whatever cannot be decoded becomes a test card of 1280x720 whose colours follow
// from seed. The orientation noted in a JPEG is not applied.
func Picture(data []byte, seed string) image.Image { return PictureWithin(data, seed, longSide) }

// PictureWithin is [Picture] for another size than 1280x720: long pixels at
// most on the longer side, nine sixteenths of that on the other.
func PictureWithin(data []byte, seed string, long int) image.Image {
	src := decode(data)
	if src == nil {
		src = card(seed)
	}
	size := fit(src.Bounds().Size(), long)
	if size == src.Bounds().Size() {
		return src
	}
	return scale(src, size)
}

// decode returns nil for data it cannot or should not decode. It chooses the
// decoder itself: the registry of package image is global, and what another
// package adds to it must not change a clip.
func decode(data []byte) image.Image {
	config, full := decoders(data)
	if config == nil {
		return nil
	}
	c, err := config(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height || max(c.Width, c.Height) > maxLine {
		return nil
	}
	img, err := full(bytes.NewReader(data))
	if err != nil || img.Bounds().Empty() {
		return nil
	}
	return img
}

func decoders(data []byte) (func(io.Reader) (image.Config, error), func(io.Reader) (image.Image, error)) {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return png.DecodeConfig, png.Decode
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return jpeg.DecodeConfig, jpeg.Decode
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return gif.DecodeConfig, gif.Decode
	default:
		return nil, nil
	}
}

// fit returns the size at which a picture of size src is shown, with long
// pixels at most on its longer side. A square counts as lying.
func fit(src image.Point, long int) image.Point {
	w, h := src.X, src.Y
	boxW, boxH := long, long*shortSide/longSide
	if h > w {
		boxW, boxH = boxH, boxW
	}
	// Compare the ratios by products: w/boxW against h/boxH.
	switch {
	case w <= boxW && h <= boxH:
	case w*boxH >= h*boxW:
		w, h = boxW, (h*boxW+w/2)/w
	default:
		w, h = (w*boxH+h/2)/h, boxH
	}
	return image.Pt(evenSide(w), evenSide(h))
}

func evenSide(n int) int { return max(minSide, n&^1) }
