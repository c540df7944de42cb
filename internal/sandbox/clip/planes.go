package clip

import (
	"image"
	"image/draw"
)

const (
	mbSide     = 16 // pixels along a macroblock
	chromaSide = 8  // chroma samples along a macroblock
)

// planes is a picture as H.264 takes it: 4:2:0 samples of BT.709 in limited
// range (luma 16 to 235, chroma 16 to 240), padded to whole macroblocks.
type planes struct {
	width, height     int // of the picture shown
	mbWidth, mbHeight int
	y, cb, cr         []byte
	yStride, cStride  int
}

// macroblocks is how many macroblocks it takes to cover n pixels.
func macroblocks(n int) int { return (n + mbSide - 1) / mbSide }

// newPlanes converts img, whose sides must be even. The padding repeats the
// last column and row, which predicts well and is cropped by the player.
func newPlanes(img image.Image) *planes {
	b := img.Bounds()
	pl := &planes{width: b.Dx(), height: b.Dy()}
	pl.mbWidth, pl.mbHeight = macroblocks(pl.width), macroblocks(pl.height)
	pl.yStride, pl.cStride = pl.mbWidth*mbSide, pl.mbWidth*chromaSide
	pl.y = make([]byte, pl.yStride*pl.mbHeight*mbSide)
	pl.cb = make([]byte, pl.cStride*pl.mbHeight*chromaSide)
	pl.cr = make([]byte, len(pl.cb))

	pair := image.NewRGBA(image.Rect(0, 0, pl.width, 2))
	for y := 0; y < pl.height; y += 2 {
		flatten(pair, img, image.Pt(b.Min.X, b.Min.Y+y))
		pl.setPair(y, pair)
	}
	padRows(pl.y, pl.yStride, pl.height)
	padRows(pl.cb, pl.cStride, pl.height/2)
	padRows(pl.cr, pl.cStride, pl.height/2)
	return pl
}

// flatten draws the part of src that starts at the point at over white into dst.
func flatten(dst *image.RGBA, src image.Image, at image.Point) {
	draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, src, at, draw.Over)
}

// setPair fills two luma rows from y on, and the chroma row they share.
func (pl *planes) setPair(y int, pair *image.RGBA) {
	top, bottom := pair.Pix[:4*pl.width], pair.Pix[pair.Stride:pair.Stride+4*pl.width]
	yTop := pl.y[y*pl.yStride : (y+1)*pl.yStride]
	yBottom := pl.y[(y+1)*pl.yStride : (y+2)*pl.yStride]
	cb := pl.cb[y/2*pl.cStride : (y/2+1)*pl.cStride]
	cr := pl.cr[y/2*pl.cStride : (y/2+1)*pl.cStride]
	for x := 0; x < pl.width; x += 2 {
		var r, g, b int32
		for i := range 2 {
			t, u := top[4*(x+i):4*(x+i)+3], bottom[4*(x+i):4*(x+i)+3]
			yTop[x+i] = luma(t)
			yBottom[x+i] = luma(u)
			r += int32(t[0]) + int32(u[0])
			g += int32(t[1]) + int32(u[1])
			b += int32(t[2]) + int32(u[2])
		}
		cb[x/2], cr[x/2] = chroma(r, g, b)
	}
	padRight(yTop, pl.width)
	padRight(yBottom, pl.width)
	padRight(cb, pl.width/2)
	padRight(cr, pl.width/2)
}

// luma returns Y of one pixel. The factors are those of BT.709 times 219/255,
// in 1/65536: integers, so that every machine rounds alike.
func luma(p []byte) byte {
	return byte(16 + (11966*int32(p[0])+40254*int32(p[1])+4064*int32(p[2])+1<<15)>>16)
}

// chroma returns Cb and Cr of the mean of four pixels, given their sums. The
// factors are times 224/255 and add up to 0, so that greys have no colour.
func chroma(r, g, b int32) (cb, cr byte) {
	const middle = 128<<18 + 1<<17
	cb = byte((-6596*r - 22188*g + 28784*b + middle) >> 18)
	cr = byte((28784*r - 26145*g - 2639*b + middle) >> 18)
	return cb, cr
}

// padRight repeats the sample before n to the end of row.
func padRight(row []byte, n int) {
	for i := n; i < len(row); i++ {
		row[i] = row[n-1]
	}
}

// padRows repeats the row before n to the end of plane.
func padRows(plane []byte, stride, n int) {
	last := plane[(n-1)*stride : n*stride]
	for at := n * stride; at < len(plane); at += stride {
		copy(plane[at:], last)
	}
}
