package media_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

func TestFixTurnsAPhoneImageUpright(t *testing.T) {
	t.Parallel()
	stored := corners{black(), white(), red(), blue()}
	// What EXIF 2.3 says about the first row and column of what is stored.
	for orientation, want := range map[uint16]corners{
		2: {white(), black(), blue(), red()},
		3: {blue(), red(), white(), black()},
		4: {red(), blue(), black(), white()},
		5: {black(), red(), white(), blue()},
		6: {red(), black(), blue(), white()},
		7: {blue(), white(), red(), black()},
		8: {white(), blue(), black(), red()},
	} {
		for kind, content := range map[string][]byte{
			media.TypeJPEG: withAPP1(stored.jpeg(t, 640, 320), exifBlock(binary.BigEndian, orientation)),
			media.TypePNG:  withChunk(stored.png(t, 640, 320), "eXIf", exifBlock(binary.LittleEndian, orientation)),
		} {
			fixed := mustFix(t, content, kling())
			size := image.Pt(640, 320)
			if orientation >= 5 {
				size = image.Pt(320, 640)
			}
			picture := open(t, fixed.Image)
			if got := picture.Bounds().Size(); got != size {
				t.Errorf("orientation %d of %s: got %v, want %v pixels", orientation, kind, got, size)
			}
			if got := seen(picture); !near(got, want) {
				t.Errorf("orientation %d of %s: corners\n got %v\nwant %v", orientation, kind, got, want)
			}
			if fixed.Image.Type != kind || fixed.Image.Orientation != 0 {
				t.Errorf("orientation %d: got %s with orientation %d, want %s with none", orientation, fixed.Image.Type, fixed.Image.Orientation, kind)
			}
			if diff := cmp.Diff([]string{fmt.Sprintf("turned upright (EXIF orientation %d)", orientation)}, fixed.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		}
	}
}

func TestFixLeavesAloneWhatFits(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	for name, content := range map[string][]byte{
		"the smallest sides":      plain.png(t, 300, 300),
		"1:2.5":                   plain.png(t, 300, 750),
		"2.5:1":                   plain.jpeg(t, 750, 300),
		"an upright photo":        withAPP1(plain.jpeg(t, 640, 320), exifBlock(binary.BigEndian, 1)),
		"an animated PNG":         withChunk(plain.png(t, 300, 300), "acTL", make([]byte, 8)),
		"exactly as many bytes":   plain.png(t, 400, 400),
		"a PNG that sees through": corners{nothing(), white(), red(), blue()}.png(t, 300, 300),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := kling()
			limits.MaxBytes = int64(len(content))
			img := inspect(t, write(t, "a", content))
			fixed, cleanup, err := media.Fix(t.Context(), img, limits)
			cleanup()
			if diff := cmp.Diff(media.Fixed{Image: img}, fixed); err != nil || diff != "" {
				t.Errorf("Fix: %v, (-want +got):\n%s", err, diff)
			}
			if media.Mendable(img, limits) {
				t.Error("Mendable = true, want false where there is nothing to mend")
			}
			limits.MaxBytes--
			if !media.Mendable(img, limits) && !img.Animated {
				t.Error("one byte more than allowed: Mendable = false, want true")
			}
		})
	}
}

func TestFixSaysWhatItDid(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	glass := corners{black(), white(), red(), nothing()}
	jpegOnly := media.Limits{Types: []string{media.TypeJPEG}}
	small := media.Limits{MaxPixels: 100}
	tests := map[string]struct {
		content []byte
		limits  media.Limits
		kind    string
		size    string
		notes   []string
	}{
		"one pixel too few": {
			plain.png(t, 299, 400), kling(), media.TypePNG, "300x401",
			[]string{"scaled from 299x400 to 300x401 to reach 300 pixels"},
		},
		"half of the pixels": {
			plain.png(t, 150, 150), kling(), media.TypePNG, "300x300",
			[]string{"scaled from 150x150 to 300x300 to reach 300 pixels"},
		},
		"1:2.6": {
			plain.png(t, 500, 1300), kling(), media.TypePNG, "520x1300",
			[]string{"padded with black from 500x1300 to 520x1300 to be no taller than 1:2.5"},
		},
		"2.6:1, low": {
			plain.jpeg(t, 520, 200), kling(), media.TypeJPEG, "750x300",
			[]string{"scaled from 520x200 to 750x288 to reach 300 pixels", "padded with black from 750x288 to 750x300 to be no wider than 2.5:1"},
		},
		"bars that make it large enough": {
			plain.png(t, 250, 900), kling(), media.TypePNG, "360x900",
			[]string{"padded with black from 250x900 to 360x900 to be no taller than 1:2.5"},
		},
		"1:2.6 with odd figures": {
			plain.png(t, 501, 1303), kling(), media.TypePNG, "522x1303",
			[]string{"padded with black from 501x1303 to 522x1303 to be no taller than 1:2.49617"},
		},
		"a ratio on the edge that rounding would push over": {
			plain.png(t, 400, 1000),
			media.Limits{MaxPixels: 101, MinRatio: 0.4},
			media.TypePNG, "40x100",
			[]string{"scaled from 400x1000 to 40x100 to stay within 101 pixels"},
		},
		"tall and thin": {
			plain.png(t, 20, 2000),
			media.Limits{MinPixels: 100, MaxPixels: 1000},
			media.TypePNG, "100x1000",
			[]string{"scaled from 20x2000 to 10x1000 to stay within 1000 pixels", "padded with black from 10x1000 to 100x1000 to be no taller than 1:10"},
		},
		"too many pixels": {
			plain.png(t, 201, 101), small, media.TypePNG, "100x50",
			[]string{"scaled from 201x101 to 100x50 to stay within 100 pixels"},
		},
		"long and thin": {
			plain.png(t, 2000, 20),
			media.Limits{MinPixels: 100, MaxPixels: 1000},
			media.TypePNG, "1000x100",
			[]string{"scaled from 2000x20 to 1000x10 to stay within 1000 pixels", "padded with black from 1000x10 to 1000x100 to be no wider than 10:1"},
		},
		"glass where only JPEG is taken": {
			glass.png(t, 64, 64), jpegOnly, media.TypeJPEG, "64x64",
			[]string{"laid on white where it was transparent", "converted from PNG to JPEG (quality 92)"},
		},
		"a JPEG where only PNG is taken": {
			plain.jpeg(t, 64, 64),
			media.Limits{Types: []string{media.TypePNG}},
			media.TypePNG, "64x64",
			[]string{"converted from JPEG to PNG"},
		},
		"an animated GIF": {
			gifBytes(t, 300, 300, 3), kling(), media.TypePNG, "300x300",
			[]string{"took the first frame of the animated GIF", "converted from GIF to PNG"},
		},
		"a GIF": {gifBytes(t, 300, 300, 1), kling(), media.TypePNG, "300x300", []string{"converted from GIF to PNG"}},
		"a sideways photo of too many pixels": {
			withAPP1(plain.jpeg(t, 400, 200), exifBlock(binary.BigEndian, 6)), small, media.TypeJPEG, "50x100",
			[]string{"turned upright (EXIF orientation 6)", "scaled from 200x400 to 50x100 to stay within 100 pixels"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fixed := mustFix(t, test.content, test.limits)
			if diff := cmp.Diff(test.notes, fixed.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if got := fmt.Sprintf("%dx%d", fixed.Image.Width, fixed.Image.Height); got != test.size || fixed.Image.Type != test.kind {
				t.Errorf("got %s of %s, want %s of %s", fixed.Image.Type, got, test.kind, test.size)
			}
			if !media.Mendable(inspect(t, fixed.Image.Source), test.limits) {
				t.Error("Mendable = false, want true for what was mended")
			}
		})
	}
}

func TestFixKeepsTheColours(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	glass := corners{black(), white(), red(), nothing()}
	smoked := color.NRGBA{R: 200, G: 100, A: 100}
	onWhite := corners{black(), white(), red(), white()}
	only := func(kind string) media.Limits { return media.Limits{Types: []string{kind}} }
	tests := map[string]struct {
		content []byte
		limits  media.Limits
		want    corners
	}{
		"a lossy WebP to PNG":           {fixture(t, "lossy.webp"), only(media.TypePNG), plain},
		"a lossy WebP to JPEG":          {fixture(t, "lossy.webp"), only(media.TypeJPEG), plain},
		"a lossy WebP of glass to PNG":  {fixture(t, "lossy-alpha.webp"), only(media.TypePNG), glass},
		"a lossy WebP of glass to JPEG": {fixture(t, "lossy-alpha.webp"), only(media.TypeJPEG), onWhite},
		"a lossless WebP to PNG":        {fixture(t, "lossless-alpha.webp"), only(media.TypePNG), glass},
		"a lossless WebP, larger":       {fixture(t, "lossless-alpha.webp"), media.Limits{MinPixels: 64}, glass},
		"a PNG of glass to JPEG":        {glass.png(t, 64, 64), only(media.TypeJPEG), onWhite},
		"a PNG of glass, smaller":       {glass.png(t, 640, 640), media.Limits{MaxPixels: 100}, glass},
		"smoked glass, turned": {
			withChunk(corners{smoked, white(), red(), blue()}.png(t, 64, 64), "eXIf", exifBlock(binary.BigEndian, 3)),
			media.Limits{},
			corners{blue(), red(), white(), smoked},
		},
		"a JPEG, smaller": {plain.jpeg(t, 640, 480), media.Limits{MaxPixels: 100}, plain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := seen(open(t, mustFix(t, test.content, test.limits).Image))
			for i := range got {
				if got[i].A == 0 {
					got[i] = nothing()
				}
			}
			if !near(got, test.want) {
				t.Errorf("corners\n got %v\nwant %v", got, test.want)
			}
		})
	}
}

func TestFixSkipsNoPixelWhenItScalesDown(t *testing.T) {
	t.Parallel()
	stripes := image.NewGray(image.Rect(0, 0, 800, 800))
	for i := range stripes.Pix {
		if i%8 == 0 {
			stripes.Pix[i] = 240
		}
	}
	var content bytes.Buffer
	if err := png.Encode(&content, stripes); err != nil {
		t.Fatal(err)
	}
	picture := open(t, mustFix(t, content.Bytes(), media.Limits{MaxPixels: 100}).Image)
	if r, _, _, _ := picture.At(50, 50).RGBA(); r>>8 < 28 || r>>8 > 32 {
		t.Errorf("stripes of 240 at every eighth pixel became %d, want their mean of 30", r>>8)
	}
}

func TestFixPadsWithBlackOnBothSides(t *testing.T) {
	t.Parallel()
	content := corners{red(), red(), red(), red()}.png(t, 40, 200)
	picture := open(t, mustFix(t, content, media.Limits{MinRatio: 0.4}).Image)
	for x, want := range map[int]color.Color{0: black(), 19: black(), 20: red(), 59: red(), 60: black(), 79: black()} {
		r, g, b, _ := picture.At(x, 100).RGBA()
		wantR, wantG, wantB, _ := want.RGBA()
		if r != wantR || g != wantG || b != wantB {
			t.Errorf("pixel %d is %v, want %v", x, picture.At(x, 100), want)
		}
	}
}

func TestFixGetsALargePNGUnderTenMebibytes(t *testing.T) {
	t.Parallel()
	content := noise(t, 2048, 2052)
	if len(content) < 12<<20 {
		t.Fatalf("the test needs 12 MiB, got %d bytes", len(content))
	}
	fixed := mustFix(t, content, kling())
	if fixed.Image.Width != 2048 || fixed.Image.Height != 2052 || fixed.Image.Type != media.TypeJPEG {
		t.Errorf("got a %s of %dx%d, want a JPEG with all its pixels", fixed.Image.Type, fixed.Image.Width, fixed.Image.Height)
	}
	if diff := cmp.Diff([]string{"converted from PNG to JPEG (quality 92) to get under 10 MiB"}, fixed.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestFixScalesDownWhatNoQualityGetsUnder(t *testing.T) {
	t.Parallel()
	content := noise(t, 600, 600)
	for kind, maxBytes := range map[string]int64{media.TypeJPEG: 150 << 10, media.TypePNG: 300 << 10} {
		limits := media.Limits{Types: []string{kind}, MaxBytes: maxBytes, MinPixels: 300}
		fixed := mustFix(t, content, limits)
		if fixed.Image.Width < 300 || fixed.Image.Width >= 600 || fixed.Image.Width != fixed.Image.Height {
			t.Errorf("%s: got %dx%d, want a square between 300 and 600", kind, fixed.Image.Width, fixed.Image.Height)
		}
		// It gives up no more than it has to.
		if fixed.Image.Bytes < maxBytes*6/10 {
			t.Errorf("%s: got %d bytes where %d are allowed", kind, fixed.Image.Bytes, maxBytes)
		}
		want := fmt.Sprintf("scaled from 600x600 to %dx%d to get under %d KiB", fixed.Image.Width, fixed.Image.Height, maxBytes>>10)
		if len(fixed.Notes) == 0 || fixed.Notes[0] != want {
			t.Errorf("notes = %q, want first %q", fixed.Notes, want)
		}
	}
}

func TestFixTakesExactlyAsManyBytesAsAreAllowed(t *testing.T) {
	t.Parallel()
	content := noise(t, 100, 100)
	limits := media.Limits{Types: []string{media.TypeJPEG}}
	want := mustFix(t, content, limits).Image
	limits.MaxBytes = want.Bytes
	if got := mustFix(t, content, limits).Image; got.SHA256 != want.SHA256 {
		t.Errorf("with %d bytes allowed got %d, want the same file", want.Bytes, got.Bytes)
	}
	limits.MaxBytes--
	if got := mustFix(t, content, limits).Image; got.Bytes > limits.MaxBytes {
		t.Errorf("with a byte less got %d bytes, want at most %d", got.Bytes, limits.MaxBytes)
	}
}

func TestWhateverFixReturnsPasses(t *testing.T) {
	t.Parallel()
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 150).Draw(t, "width"), rapid.IntRange(1, 150).Draw(t, "height")
		orientation := uint16(rapid.IntRange(0, 8).Draw(t, "orientation"))
		limits := media.Limits{
			Types: rapid.SampledFrom([][]string{
				nil, {media.TypePNG}, {media.TypeJPEG}, {media.TypePNG, media.TypeJPEG}, {media.TypeWebP, media.TypeJPEG},
			}).Draw(t, "types"),
			MaxBytes:  rapid.SampledFrom([]int64{0, 0, 800, 5000, 20000}).Draw(t, "bytes"),
			MinPixels: rapid.SampledFrom([]int{0, 1, 30, 99}).Draw(t, "min"),
			MaxPixels: rapid.SampledFrom([]int{0, 100, 120, 400}).Draw(t, "max"),
			MinRatio:  rapid.SampledFrom([]float64{0, 0.4, 0.5, 2.0 / 3, 1}).Draw(t, "narrow"),
			MaxRatio:  rapid.SampledFrom([]float64{0, 1, 1.5, 2.5}).Draw(t, "wide"),
			Exact:     rapid.Bool().Draw(t, "exact"),
		}
		var content []byte
		switch rapid.SampledFrom([]string{"png", "jpeg", "noise", "glass", "gif"}).Draw(t, "content") {
		case "png":
			content = withChunk(pngBytes(outer, width, height), "eXIf", exifBlock(binary.BigEndian, orientation))
		case "jpeg":
			content = withAPP1(jpegBytes(outer, width, height), exifBlock(binary.BigEndian, orientation))
		case "noise":
			content = noise(outer, width, height)
		case "glass":
			content = corners{nothing(), white(), red(), blue()}.png(outer, width, height)
		default:
			content = gifBytes(outer, width, height, 2)
		}
		img := inspect(outer, write(outer, "a", content))
		mendable := media.Mendable(img, limits)
		fixed, cleanup, err := media.Fix(t.Context(), img, limits)
		defer cleanup()
		switch {
		case err != nil && !fault.Is(err, fault.Usage):
			t.Fatalf("Fix = %v, want no fault but usage", err)
		case err != nil && mendable && !strings.Contains(err.Error(), "does not get under") && !strings.Contains(err.Error(), "without a loss"):
			t.Fatalf("Mendable = true, Fix = %v", err)
		case err != nil:
			return
		}
		if problems := limits.Check(fixed.Image); problems != nil {
			t.Fatalf("Fix (%q) returned what %q", fixed.Notes, problems)
		}
		changed := fixed.Image.Path != ""
		if changed != (len(fixed.Notes) > 0) {
			t.Fatalf("changed is %v, notes are %q", changed, fixed.Notes)
		}
		if changed && !limits.Exact && !mendable {
			t.Fatalf("Mendable = false, Fix did %q", fixed.Notes)
		}
		if limits.Exact && (fixed.Image.Width != width || fixed.Image.Height != height) {
			t.Fatalf("an exact image of %dx%d became %dx%d", width, height, fixed.Image.Width, fixed.Image.Height)
		}
		if fixed.Image.Orientation > 1 && !limits.Exact {
			t.Fatalf("still has orientation %d", fixed.Image.Orientation)
		}
	})
}
