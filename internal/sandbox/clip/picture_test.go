package clip_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"testing"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestPictureFits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ source, want image.Point }{
		"720p stays":                   {image.Pt(1280, 720), image.Pt(1280, 720)},
		"upright 720p stays":           {image.Pt(720, 1280), image.Pt(720, 1280)},
		"small is not enlarged":        {image.Pt(640, 360), image.Pt(640, 360)},
		"square":                       {image.Pt(960, 960), image.Pt(720, 720)},
		"odd sides":                    {image.Pt(333, 517), image.Pt(332, 516)},
		"900p":                         {image.Pt(1600, 900), image.Pt(1280, 720)},
		"four by three":                {image.Pt(1000, 750), image.Pt(960, 720)},
		"one to two and a half":        {image.Pt(600, 1500), image.Pt(512, 1280)},
		"two and a half to one":        {image.Pt(1500, 600), image.Pt(1280, 512)},
		"a line":                       {image.Pt(3000, 1), image.Pt(1280, 16)},
		"an upright line":              {image.Pt(1, 3000), image.Pt(16, 1280)},
		"a pixel":                      {image.Pt(1, 1), image.Pt(16, 16)},
		"lying, taller than the box":   {image.Pt(1000, 900), image.Pt(800, 720)},
		"upright, wider than the box":  {image.Pt(900, 1000), image.Pt(720, 800)},
		"upright, lower than 720 tall": {image.Pt(400, 600), image.Pt(400, 600)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := pngOf(t, image.NewGray(image.Rectangle{Max: tc.source}))
			if got := clip.Picture(data, "").Bounds(); got != (image.Rectangle{Max: tc.want}) {
				t.Errorf("picture of %v: got %v, want %v", tc.source, got, tc.want)
			}
		})
	}
}

func TestPictureFitsASmallerBox(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ source, want image.Point }{
		{image.Pt(1280, 720), image.Pt(320, 180)},
		{image.Pt(720, 1280), image.Pt(180, 320)},
		{image.Pt(300, 160), image.Pt(300, 160)},
		{image.Point{}, image.Pt(320, 180)}, // the test card
	} {
		var data []byte
		if tc.source.X > 0 {
			data = pngOf(t, image.NewGray(image.Rectangle{Max: tc.source}))
		}
		if got := clip.PictureWithin(data, "", 320).Bounds(); got != (image.Rectangle{Max: tc.want}) {
			t.Errorf("picture of %v: got %v, want %v", tc.source, got, tc.want)
		}
	}
}

// Means of the quarters must survive decoding and scaling, whatever the format.
func TestPictureKeepsColoursInPlace(t *testing.T) {
	t.Parallel()
	quarters := color.Palette{
		color.RGBA{R: 250, G: 10, B: 20, A: 255},
		color.RGBA{R: 20, G: 240, B: 30, A: 255},
		color.RGBA{R: 10, G: 20, B: 245, A: 255},
		color.RGBA{R: 240, G: 240, B: 90, A: 255},
	}
	for _, size := range []image.Point{{640, 360}, {1301, 777}, {333, 517}, {5, 7}} {
		source := image.NewPaletted(image.Rectangle{Max: size}, quarters)
		for y := range size.Y {
			for x := range size.X {
				source.SetColorIndex(x, y, byte(2*(2*y/size.Y)+2*x/size.X))
			}
		}
		for name, write := range map[string]func(io.Writer) error{
			"PNG":  func(w io.Writer) error { return png.Encode(w, source) },
			"JPEG": func(w io.Writer) error { return jpeg.Encode(w, source, &jpeg.Options{Quality: 95}) },
			"GIF":  func(w io.Writer) error { return gif.Encode(w, source, nil) },
		} {
			if name == "JPEG" && size.X < 16 {
				continue // its colours run together
			}
			t.Run(name+" "+size.String(), func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Fatal(err)
				}
				img := clip.Picture(b.Bytes(), "")
				got := img.Bounds().Size()
				for i, want := range quarters {
					at := image.Pt((1+2*(i%2))*got.X/4, (1+2*(i/2))*got.Y/4)
					if d := distance(img.At(at.X, at.Y), want); d > 8 {
						t.Errorf("quarter %d at %v: got %v, want %v", i, at, img.At(at.X, at.Y), want)
					}
				}
			})
		}
	}
}

func distance(a, b color.Color) float64 {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	return (math.Abs(float64(ar)-float64(br)) + math.Abs(float64(ag)-float64(bg)) + math.Abs(float64(ab)-float64(bb))) / 257
}

// A checkerboard shrunk by half is grey all over: every pixel counts.
func TestPictureAveragesWhenShrinking(t *testing.T) {
	t.Parallel()
	board := image.NewGray(image.Rect(0, 0, 200, 2560))
	for i := range board.Pix {
		if (i%200+i/200)%2 == 0 {
			board.Pix[i] = 255
		}
	}
	img := clip.Picture(pngOf(t, board), "")
	grey := color.RGBA{R: 128, G: 128, B: 128, A: 255}
	for y := range 1280 {
		for x := range 100 {
			if got := img.At(x, y); got != grey {
				t.Fatalf("pixel (%d,%d): got %v, want %v", x, y, got, grey)
			}
		}
	}
}

func TestPictureAtItsOwnSizeIsUntouched(t *testing.T) {
	t.Parallel()
	source := noise(200, 100)
	img := clip.Picture(pngOf(t, source), "")
	for y := range 100 {
		for x := range 200 {
			if got, want := img.At(x, y), source.At(x, y); got != want {
				t.Fatalf("pixel (%d,%d): got %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestUndecodableBecomesATestCard(t *testing.T) {
	t.Parallel()
	whole := pngOf(t, gradient(64, 64))
	card, ok := clip.Picture(nil, "seed").(*image.RGBA)
	if !ok {
		t.Fatalf("test card: got %T, want *image.RGBA", clip.Picture(nil, "seed"))
	}
	if size := card.Bounds().Size(); size != image.Pt(1280, 720) {
		t.Fatalf("test card: got %v, want 1280x720", size)
	}
	for name, data := range map[string][]byte{
		"empty":               {},
		"a URL":               []byte("https://example.test/a.png"),
		"WebP":                []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"),
		"PNG cut in its head": whole[:20],
		"PNG cut in its data": whole[:len(whole)/2],
		"JPEG of one marker":  []byte("\xff\xd8\xff\xd9"),
		"GIF without frames":  []byte("GIF89a\x10\x00\x10\x00\x00\x00\x00;"),
		"PNG above the cap":   widePNG(t, 8193, 8192),
		"endlessly tall PNG":  widePNG(t, 1, 1<<16+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img, ok := clip.Picture(data, "seed").(*image.RGBA)
			if !ok || !bytes.Equal(img.Pix, card.Pix) {
				t.Errorf("got another picture (%v), want the test card", img.Bounds())
			}
		})
	}
}

// It is the size that refuses the picture above: a smaller one of the same make
// is decoded.
func TestPictureBelowTheCapIsDecoded(t *testing.T) {
	t.Parallel()
	img := clip.Picture(widePNG(t, 1500, 1500), "seed")
	if got := img.Bounds().Size(); got != image.Pt(720, 720) {
		t.Errorf("got %v, want the picture at 720x720", got)
	}
}

// widePNG returns a whole, black, one-bit PNG of any size in a few kilobytes.
func widePNG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var idat bytes.Buffer
	z := zlib.NewWriter(&idat)
	row := make([]byte, 1+(width+7)/8)
	for range height {
		if _, err := z.Write(row); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = binary.BigEndian.AppendUint32(head, uint32(height))
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{{"IHDR", append(head, 1, 0, 0, 0, 0)}, {"IDAT", idat.Bytes()}, {"IEND", nil}} {
		body := append([]byte(chunk.kind), chunk.data...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.data)))
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

func TestSeedsTellTestCardsApart(t *testing.T) {
	t.Parallel()
	o := clip.Options{Seconds: 5}
	one, two := encode(t, clip.Picture(nil, "one"), o), encode(t, clip.Picture(nil, "two"), o)
	if bytes.Equal(one, two) {
		t.Error("the clips of two seeds are the same")
	}
	if len(one) > 64<<10 {
		t.Errorf("clip of a test card: got %d bytes, want at most 64 KiB", len(one))
	}
	o.Seed = "one"
	if !bytes.Equal(encode(t, nil, o), one) {
		t.Error("no image and a seed: got another clip than that of the seed's test card")
	}
}

// Two cards must be told apart by eye: most bars differ clearly.
func TestTestCardsLookDifferent(t *testing.T) {
	t.Parallel()
	one, two := clip.Picture(nil, "one"), clip.Picture(nil, "two")
	differing := 0
	for bar := range 8 {
		x := 80 + 160*bar
		if distance(one.At(x, 100), two.At(x, 100)) > 60 {
			differing++
		}
	}
	if differing < 5 {
		t.Errorf("got %d of 8 bars clearly different, want 5", differing)
	}
}

func FuzzPicture(f *testing.F) {
	f.Add([]byte("GIF89a"))
	f.Add(pngOf(f, gradient(20, 30)))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, gradient(20, 30), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height > 1<<20 {
			t.Skip("large pictures only slow the search")
		}
		size := clip.Picture(data, "seed").Bounds().Size()
		long, short := max(size.X, size.Y), min(size.X, size.Y)
		if size.X%2 != 0 || size.Y%2 != 0 || short < 16 || short > 720 || long > 1280 {
			t.Errorf("got a picture of %v", size)
		}
	})
}
