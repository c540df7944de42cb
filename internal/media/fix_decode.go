package media

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// decode gives the pixels of an inspected image as they are stored, a GIF's
// first frame. Only a file that is still what was inspected counts.
func decode(ctx context.Context, img Image) (image.Image, error) {
	file, err := img.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()

	reader := bufio.NewReaderSize(readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return file.Read(p)
	}), copyBuffer)
	picture, err := decodeAs(img.Type, reader)
	if err != nil {
		return nil, stopped(ctx, img, fmt.Errorf("is a broken %s: %w", formatName(img.Type), err))
	}
	// The digest is told with the last byte.
	if _, err := io.Copy(io.Discard, reader); err != nil {
		return nil, stopped(ctx, img, err)
	}
	if img.Type == TypeGIF {
		picture = onScreen(picture, img.Width, img.Height)
	}
	if found := picture.Bounds().Size(); found != image.Pt(img.Width, img.Height) {
		return nil, unmendable(img, fmt.Errorf("is a broken %s: it says %dx%d pixels and has %dx%d",
			formatName(img.Type), img.Width, img.Height, found.X, found.Y))
	}
	return picture, nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func decodeAs(kind string, r io.Reader) (image.Image, error) {
	switch kind {
	case TypePNG:
		return png.Decode(r)
	case TypeJPEG:
		return jpeg.Decode(r)
	case TypeGIF:
		return gif.Decode(r)
	case typeBMP:
		return bmp.Decode(r)
	case TypeWebP:
		picture, err := webp.Decode(r)
		return fullRange(picture), err
	}
	return nil, fmt.Errorf("%s cannot be decoded", kind)
}

// fullRange stretches the colours of a lossy WebP. Its black is 16 and its
// white 235 (RFC 6386, section 9.2: ITU-R BT.601), while image.YCbCr is read as
// 0 to 255; the library hands the planes on as they are.
func fullRange(picture image.Image) image.Image {
	var planes *image.YCbCr
	switch p := picture.(type) {
	case *image.YCbCr:
		planes = p
	case *image.NYCbCrA:
		planes = &p.YCbCr
	default:
		return picture
	}
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = byte(min(max(((i-16)*255+109)/219, 0), 255))
		chroma[i] = byte(min(max(((i-128)*255+128*224+112)/224, 0), 255))
	}
	stretch := func(plane []byte, table *[256]byte) {
		for i, value := range plane {
			plane[i] = table[value]
		}
	}
	stretch(planes.Y, &luma)
	stretch(planes.Cb, &chroma)
	stretch(planes.Cr, &chroma)
	return picture
}

// onScreen lays the first frame of a GIF onto its screen, which it need not
// fill.
func onScreen(picture image.Image, width, height int) image.Image {
	screen := image.Rect(0, 0, width, height)
	if picture.Bounds() == screen {
		return picture
	}
	out := image.NewNRGBA(screen)
	draw.Draw(out, picture.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return out
}

// opaque reports whether an image has nothing to see through.
func opaque(picture image.Image) bool {
	p, ok := picture.(interface{ Opaque() bool })
	return ok && p.Opaque()
}
