package media

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// render makes the picture of a frame: scaled, turned upright, with its bars.
// A step that has nothing to do leaves the picture as it is.
func render(picture image.Image, orientation int, content, canvas size) image.Image {
	stored := content
	if orientation >= 5 {
		stored = content.turned()
	}
	// Scaled first, so that less is turned.
	return pad(turn(scale(picture, stored), orientation), canvas)
}

// scale halves a picture as often as it can, then takes the rest in one step:
// a filter of few pixels would skip some of a large picture, and one of many
// holds 32 bytes for each.
func scale(picture image.Image, to size) image.Image {
	const sharp = 4 << 20
	from := size{picture.Bounds().Dx(), picture.Bounds().Dy()}
	for from.w >= 2*to.w && from.h >= 2*to.h && from != to {
		from = size{max(from.w/2, to.w), max(from.h/2, to.h)}
		picture = scaleOnce(draw.ApproxBiLinear, picture, from)
	}
	if from == to {
		return picture
	}
	if to.w > from.w && int64(to.w)*int64(from.h) <= sharp {
		return scaleOnce(draw.CatmullRom, picture, to)
	}
	return scaleOnce(draw.ApproxBiLinear, picture, to)
}

func scaleOnce(by draw.Interpolator, picture image.Image, to size) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, to.w, to.h))
	by.Scale(out, out.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	return out
}

// turn applies an EXIF orientation: 2 is mirrored, 3 stands on its head, 6
// needs a quarter turn clockwise, 8 one back; 4, 5 and 7 are 2 turned.
func turn(picture image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return picture
	}
	pixels, stride := fourBytes(picture)
	w, h := picture.Bounds().Dx(), picture.Bounds().Dy()
	to := size{w, h}
	if orientation >= 5 {
		to = to.turned()
	}
	out := make([]byte, 4*to.w*to.h)
	for y := range to.h {
		for x := range to.w {
			fromX, fromY := x, y
			if orientation >= 5 {
				fromX, fromY = y, x
			}
			switch orientation {
			case 2, 3, 7, 8:
				fromX = w - 1 - fromX
			}
			switch orientation {
			case 3, 4, 6, 7:
				fromY = h - 1 - fromY
			}
			copy(out[4*(y*to.w+x):][:4], pixels[fromY*stride+4*fromX:])
		}
	}
	bounds := image.Rect(0, 0, to.w, to.h)
	if opaque(picture) {
		return &image.RGBA{Pix: out, Stride: 4 * to.w, Rect: bounds}
	}
	return &image.NRGBA{Pix: out, Stride: 4 * to.w, Rect: bounds}
}

// fourBytes gives a picture as red, green, blue and alpha, which is not
// multiplied into the colours.
func fourBytes(picture image.Image) (pixels []byte, stride int) {
	bounds := image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy())
	if opaque(picture) {
		out := image.NewRGBA(bounds)
		draw.Draw(out, bounds, picture, picture.Bounds().Min, draw.Src)
		return out.Pix, out.Stride
	}
	out := image.NewNRGBA(bounds)
	draw.Draw(out, bounds, picture, picture.Bounds().Min, draw.Src)
	return out.Pix, out.Stride
}

// pad sets a picture into the middle of a black canvas.
func pad(picture image.Image, canvas size) image.Image {
	bounds := picture.Bounds()
	if bounds.Dx() == canvas.w && bounds.Dy() == canvas.h {
		return picture
	}
	out := image.NewRGBA(image.Rect(0, 0, canvas.w, canvas.h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Black), image.Point{}, draw.Src)
	middle := image.Pt((canvas.w-bounds.Dx())/2, (canvas.h-bounds.Dy())/2)
	draw.Draw(out, image.Rectangle{Max: bounds.Size()}.Add(middle), picture, bounds.Min, draw.Src)
	return out
}

// flatten lays a picture on white, in a form that the JPEG encoder is quick
// with.
func flatten(picture image.Image) image.Image {
	switch picture.(type) {
	case *image.YCbCr, *image.Gray:
		return picture
	case *image.RGBA:
		if opaque(picture) {
			return picture
		}
	}
	bounds := image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy())
	out := image.NewRGBA(bounds)
	draw.Draw(out, bounds, image.White, image.Point{}, draw.Src)
	draw.Draw(out, bounds, picture, picture.Bounds().Min, draw.Over)
	return out
}
