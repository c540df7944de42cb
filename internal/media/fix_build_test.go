package media_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/klingctl/klingctl/internal/media"
)

// The four corners of a test picture; "blue" may be see-through instead.
func black() color.NRGBA   { return color.NRGBA{A: 255} }
func white() color.NRGBA   { return color.NRGBA{R: 255, G: 255, B: 255, A: 255} }
func red() color.NRGBA     { return color.NRGBA{R: 255, A: 255} }
func blue() color.NRGBA    { return color.NRGBA{B: 255, A: 255} }
func nothing() color.NRGBA { return color.NRGBA{} }

// corners is what a picture shows in its quarters: top left, top right, bottom
// left, bottom right.
type corners [4]color.NRGBA

func (c corners) picture(width, height int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			quarter := 0
			if x >= width/2 {
				quarter++
			}
			if y >= height/2 {
				quarter += 2
			}
			out.SetNRGBA(x, y, c[quarter])
		}
	}
	return out
}

func (c corners) png(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, c.picture(width, height)); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func (c corners) jpeg(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, c.picture(width, height), &jpeg.Options{Quality: 100}); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// noise is a PNG that nothing makes smaller.
func noise(tb testing.TB, width, height int) []byte {
	tb.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = byte(random.Uint32())
		if i%4 == 3 {
			picture.Pix[i] = 255
		}
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, picture); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// open decodes the file of a PNG or JPEG.
func open(tb testing.TB, img media.Image) image.Image {
	tb.Helper()
	content, err := os.ReadFile(img.File())
	if err != nil {
		tb.Fatal(err)
	}
	picture, kind, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		tb.Fatalf("decode the mended image: %v", err)
	}
	if "image/"+kind != img.Type {
		tb.Errorf("the mended image is a %s, want %s", kind, img.Type)
	}
	return picture
}

// seen reads the quarters of a picture in their middle.
func seen(picture image.Image) corners {
	size := picture.Bounds().Size()
	var out corners
	for i := range out {
		x, y := size.X/4+i%2*size.X/2, size.Y/4+i/2*size.Y/2
		out[i], _ = color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
	}
	return out
}

// near allows for what a JPEG or a lossy WebP takes away.
func near(a, b corners) bool {
	for i := range a {
		for _, pair := range [][2]uint8{{a[i].R, b[i].R}, {a[i].G, b[i].G}, {a[i].B, b[i].B}, {a[i].A, b[i].A}} {
			if d := int(pair[0]) - int(pair[1]); d > 4 || d < -4 {
				return false
			}
		}
	}
	return true
}

// fix inspects a file and mends it; the original must stay what it was.
func fix(tb testing.TB, content []byte, limits media.Limits) (media.Fixed, error) {
	tb.Helper()
	path := write(tb, "original", content)
	fixed, cleanup, err := media.Fix(tb.Context(), inspect(tb, path), limits)
	tb.Cleanup(cleanup)
	if after, readErr := os.ReadFile(path); readErr != nil || !bytes.Equal(after, content) {
		tb.Errorf("the original was changed (%v)", readErr)
	}
	if err == nil {
		if problems := limits.Check(fixed.Image); problems != nil {
			tb.Errorf("the mended image %q", problems)
		}
		if fixed.Image.Source != path {
			tb.Errorf("Source = %q, want the original %q", fixed.Image.Source, path)
		}
	}
	return fixed, err
}

func mustFix(tb testing.TB, content []byte, limits media.Limits) media.Fixed {
	tb.Helper()
	fixed, err := fix(tb, content, limits)
	if err != nil {
		tb.Fatalf("Fix: %v", err)
	}
	return fixed
}
