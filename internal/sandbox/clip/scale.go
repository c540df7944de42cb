package clip

import (
	"image"
	"math"
)

// scale returns src over white at the given size. Each pixel is the mean of
// the area it covers in src, pixels at the rim counted by the part covered. The sums
// are integers: lengths are counted in units of which a source pixel is as many
// as the target has pixels, and the other way round, so every border is whole.
func scale(src image.Image, size image.Point) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rectangle{Max: size})
	line := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	narrow := make([]uint64, 3*size.X)
	sums := make([]uint64, 3*size.X)
	area := uint64(b.Dx()) * uint64(b.Dy())

	y, room := 0, b.Dy() // the target row being filled, and how much of it is open
	for sy := range b.Dy() {
		flatten(line, src, b.Min.Add(image.Pt(0, sy)))
		squeeze(narrow, line.Pix, b.Dx(), size.X)
		for left := size.Y; left > 0; {
			part := min(left, room)
			for i, v := range narrow {
				sums[i] += uint64(part) * v
			}
			left -= part
			if room -= part; room == 0 {
				settle(dst.Pix[y*dst.Stride:(y+1)*dst.Stride], sums, area)
				y, room = y+1, b.Dy()
			}
		}
	}
	return dst
}

// squeeze sums the RGBA pixels of a source row, from wide of them to narrow,
// into RGB sums of weight wide each.
func squeeze(out []uint64, pix []byte, wide, narrow int) {
	clear(out)
	x, room := 0, wide
	for sx := range wide {
		p := pix[4*sx : 4*sx+3]
		for left := narrow; left > 0; {
			part := min(left, room)
			o := out[3*x : 3*x+3]
			o[0] += uint64(part) * uint64(p[0])
			o[1] += uint64(part) * uint64(p[1])
			o[2] += uint64(part) * uint64(p[2])
			left -= part
			if room -= part; room == 0 {
				x, room = x+1, wide
			}
		}
	}
}

// settle writes one finished row of pixels and clears the sums for the next.
func settle(row []byte, sums []uint64, area uint64) {
	for i := 0; i < len(sums); i += 3 {
		at := i / 3 * 4
		for c := range 3 {
			row[at+c] = byte((sums[i+c] + area/2) / area)
		}
		row[at+3] = math.MaxUint8
	}
	clear(sums)
}
