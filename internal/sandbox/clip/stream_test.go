package clip_test

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// gradient is a picture with colour in every direction, so that skew, swapped
// channels or a shifted row show.
func gradient(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{R: byte(255 * x / width), G: byte(255 * y / height), B: byte(255 - 255*x/width), A: 255})
		}
	}
	return img
}

func noise(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	source := rand.NewChaCha8([32]byte{})
	for i := range img.Pix {
		img.Pix[i] = byte(source.Uint64())
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}

// flat is a picture of a few flat rectangles, with borders off the macroblocks.
func flat(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{R: byte(x / 100 * 60), G: byte(y / 70 * 50), B: 90, A: 255})
		}
	}
	return img
}

// moved is a picture whose bounds do not start at 0.
func moved(width, height int) image.Image {
	return gradient(2*width, 2*height).SubImage(image.Rect(width, height, 2*width, 2*height))
}

func TestStreamDecodesToThePicture(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		img    image.Image
		level  int
		allRaw bool // nothing can be predicted
		fewRaw bool // most is predicted
	}{
		"gradient":                      {img: gradient(640, 360), level: 30},
		"noise":                         {img: noise(320, 176), level: 20, allRaw: true},
		"flat rectangles":               {img: flat(640, 360), level: 30, fewRaw: true},
		"sides not of whole blocks":     {img: gradient(332, 516), level: 21},
		"smallest":                      {img: gradient(16, 16), level: 20},
		"bounds that do not start at 0": {img: moved(100, 50), level: 20},
		"wider than low levels allow":   {img: gradient(1280, 16), level: 22},
		"one colour":                    {img: image.NewPaletted(image.Rect(0, 0, 320, 320), color.Palette{color.RGBA{R: 200, G: 30, B: 60, A: 255}}), level: 21, fewRaw: true},
		"test card":                     {img: clip.Picture(nil, "card"), level: 31, fewRaw: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			size := tc.img.Bounds().Size()
			file := encode(t, tc.img, clip.Options{Seconds: 1})
			atoms := parse(t, file, 0)
			avcC := find(t, atoms, append(stbl("stsd"), "avc1", "avcC")...)
			end := 8 + avcC.u16(6)
			s := readSPS(t, avcC.payload[8:end])
			checkPPS(t, avcC.payload[end+3:])
			if got := image.Pt(s.mbWidth*16-2*s.right, s.mbHeight*16-2*s.bottom); got != size {
				t.Errorf("stream shows %v, want %v", got, size)
			}
			if s.level != tc.level {
				t.Errorf("level_idc: got %d, want %d", s.level, tc.level)
			}

			d, err := decodeIDR(samples(t, file, atoms)[0], s.mbWidth, s.mbHeight)
			if err != nil {
				t.Fatal(err)
			}
			all := s.mbWidth * s.mbHeight
			if tc.allRaw && d.raw != all || tc.fewRaw && d.raw > all/4 {
				t.Errorf("%d of %d macroblocks are raw", d.raw, all)
			}
			checkPicture(t, d, tc.img)
			checkPadding(t, d, size)
		})
	}
}

// checkPicture compares the decoded picture with the mean of each 2x2 pixels of
// img, which 4:2:0 keeps up to rounding.
func checkPicture(t *testing.T, d *decoded, img image.Image) {
	t.Helper()
	b := img.Bounds()
	for y := 0; y < b.Dy(); y += 2 {
		for x := 0; x < b.Dx(); x += 2 {
			var got, want [3]float64
			for i := range 4 {
				at := image.Pt(x+i%2, y+i/2)
				for c, v := range d.rgb(at.X, at.Y) {
					got[c] += v / 4
				}
				r, g, bl, _ := img.At(b.Min.X+at.X, b.Min.Y+at.Y).RGBA()
				want[0], want[1], want[2] = want[0]+float64(r>>8)/4, want[1]+float64(g>>8)/4, want[2]+float64(bl>>8)/4
			}
			for c := range got {
				if math.Abs(got[c]-want[c]) > 2 {
					t.Fatalf("pixels at (%d,%d): got RGB %.1f, want %.1f", x, y, got, want)
				}
			}
		}
	}
}

// checkPadding looks at what cropping hides: the last column and row again. Zero
// bytes there would cost emulation prevention.
func checkPadding(t *testing.T, d *decoded, size image.Point) {
	t.Helper()
	for plane, samples := range d.planes {
		side, shown := d.side(plane), size
		if plane > 0 {
			shown = size.Div(2)
		}
		stride := d.mbWidth * side
		for at, got := range samples {
			x, y := min(at%stride, shown.X-1), min(at/stride, shown.Y-1)
			if want := samples[y*stride+x]; got != want {
				t.Fatalf("plane %d, sample (%d,%d): got %d, want %d", plane, at%stride, at/stride, got, want)
			}
		}
	}
}

func TestLaterPicturesHoldTheFirst(t *testing.T) {
	t.Parallel()
	file := encode(t, gradient(128, 96), clip.Options{Seconds: 25})
	atoms := parse(t, file, 0)
	if stss := find(t, atoms, stbl("stss")...); stss.u32(4) != 1 || stss.u32(8) != 1 {
		t.Errorf("sync samples: got %d, first %d; want only the first", stss.u32(4), stss.u32(8))
	}
	units := samples(t, file, atoms)
	for i, nal := range units[1:] {
		r := newBitReader(nal)
		for _, e := range []struct {
			name string
			got  int
			want int
		}{
			{"NAL header", r.u(8), 0x61}, // a slice that stays a reference
			{"first_mb_in_slice", r.ue(), 0},
			{"slice_type", r.ue(), 5},
			{"pic_parameter_set_id", r.ue(), 0},
			{"frame_num", r.u(8), (i + 1) % 256},
			{"reference flags", r.u(3), 0},
			{"slice_qp_delta", r.se(), 0},
			{"disable_deblocking_filter_idc", r.ue(), 1},
			{"mb_skip_run", r.ue(), 8 * 6},
		} {
			if e.got != e.want {
				t.Fatalf("picture %d: %s: got %d, want %d", i+1, e.name, e.got, e.want)
			}
		}
		if err := r.end(); err != nil {
			t.Fatalf("picture %d: %v", i+1, err)
		}
	}
}

func TestTransparentPartsShowWhite(t *testing.T) {
	t.Parallel()
	file := encode(t, image.NewNRGBA(image.Rect(0, 0, 32, 32)), clip.Options{Seconds: 1})
	d, err := decodeIDR(samples(t, file, parse(t, file, 0))[0], 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range d.rgb(10, 10) {
		if math.Abs(v-255) > 1 {
			t.Errorf("got RGB %.1f, want white", d.rgb(10, 10))
			break
		}
	}
}
