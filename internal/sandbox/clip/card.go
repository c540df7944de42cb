package clip

import (
	"crypto/sha256"
	"image"
	"image/color"
	"image/draw"
)

// The test card: bars on top, rows of tiles below. All borders lie between
// macroblocks, so that nearly all of it is predicted and the clip stays small.
const (
	cardBars     = 8
	cardColumns  = 16
	cardRows     = 4
	cardTileTall = 3 * mbSide
)

// card returns the test card of a seed, 1280x720. The first 24 bytes of the
// seed's SHA-256 colour the bars, the bits of the other 8 choose light or dark tiles.
func card(seed string) *image.RGBA {
	sum := sha256.Sum256([]byte(seed))
	img := image.NewRGBA(image.Rect(0, 0, longSide, shortSide))
	tilesTop := shortSide - cardRows*cardTileTall

	for i := range cardBars {
		c := color.RGBA{R: sum[3*i], G: sum[3*i+1], B: sum[3*i+2], A: 0xff}
		fill(img, image.Rect(i*longSide/cardBars, 0, (i+1)*longSide/cardBars, tilesTop), c)
	}
	bits := sum[3*cardBars:]
	for i := range cardRows * cardColumns {
		shade := color.RGBA{R: 0x20, G: 0x20, B: 0x20, A: 0xff}
		if bits[i/8]>>(i%8)&1 == 1 {
			shade = color.RGBA{R: 0xe0, G: 0xe0, B: 0xe0, A: 0xff}
		}
		col, top := i%cardColumns, tilesTop+i/cardColumns*cardTileTall
		fill(img, image.Rect(col*longSide/cardColumns, top, (col+1)*longSide/cardColumns, top+cardTileTall), shade)
	}
	return img
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
