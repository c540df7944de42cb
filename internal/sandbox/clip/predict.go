package clip

import "bytes"

// Modes of intra prediction (H.264, tables 8-4 and 8-5); luma and chroma number
// them differently.
const (
	lumaVertical   = 0
	lumaHorizontal = 1

	chromaHorizontal = 1
	chromaVertical   = 2
)

// predict returns modes that rebuild a macroblock exactly from the samples
// above it or left of it; exact is false when no such modes exist. What a
// decoder holds there equals pl, because every macroblock is exact.
func (pl *planes) predict(mbX, mbY int) (luma, chroma uint32, exact bool) {
	l := block{pl.y, pl.yStride, mbX, mbY, mbSide}
	b := block{pl.cb, pl.cStride, mbX, mbY, chromaSide}
	r := block{pl.cr, pl.cStride, mbX, mbY, chromaSide}
	switch {
	case l.repeatsAbove():
		luma = lumaVertical
	case l.repeatsLeft():
		luma = lumaHorizontal
	default:
		return 0, 0, false
	}
	switch {
	case b.repeatsAbove() && r.repeatsAbove():
		return luma, chromaVertical, true
	case b.repeatsLeft() && r.repeatsLeft():
		return luma, chromaHorizontal, true
	default:
		return 0, 0, false
	}
}

// block is one macroblock's square in one plane.
type block struct {
	plane    []byte
	stride   int
	mbX, mbY int
	side     int
}

func (b block) row(i int) []byte {
	at := (b.mbY*b.side+i)*b.stride + b.mbX*b.side
	return b.plane[at : at+b.side]
}

// repeatsAbove reports whether each row equals the row above the block.
func (b block) repeatsAbove() bool {
	if b.mbY == 0 {
		return false
	}
	above := b.row(-1)
	for i := range b.side {
		if !bytes.Equal(b.row(i), above) {
			return false
		}
	}
	return true
}

// repeatsLeft reports whether each row holds one value, that of its left neighbour.
func (b block) repeatsLeft() bool {
	if b.mbX == 0 {
		return false
	}
	for i := range b.side {
		at := (b.mbY*b.side+i)*b.stride + b.mbX*b.side
		left := b.plane[at-1]
		for _, v := range b.row(i) {
			if v != left {
				return false
			}
		}
	}
	return true
}
