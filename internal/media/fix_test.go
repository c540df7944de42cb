package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
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

func TestFixRefusesWhatCannotBeMended(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	film := webpBytes(extended(640, 360, 2), riffChunk{"ANIM", make([]byte, 6)})
	tests := map[string]struct {
		content []byte
		limits  media.Limits
		want    string
	}{
		"less than half of the pixels":  {plain.png(t, 149, 149), kling(), "is 149x149 pixels: to reach 300 it would have to be enlarged more than 2 times"},
		"an animated WebP":              {film, kling(), "is an animated WebP, which must be saved as a still image first"},
		"an animated PNG":               {withChunk(plain.png(t, 100, 100), "acTL", make([]byte, 8)), kling(), "is an animated PNG"},
		"a model that takes WebP only":  {plain.png(t, 64, 64), media.Limits{Types: []string{media.TypeWebP}}, "neither PNG nor JPEG is allowed"},
		"a limit of very few bytes":     {noise(t, 64, 64), media.Limits{MaxBytes: 2048, MinPixels: 64}, "does not get under 2 KiB with sides of at least 64 pixels"},
		"a header without a picture":    {webpBytes(lossless(512, 300)), kling(), "is a broken WebP"},
		"limits that contradict":        {plain.png(t, 300, 100), media.Limits{MinRatio: 2, MaxRatio: 1}, "is too"},
		"too many pixels to be decoded": {pngBytes(t, 30000, 2500), kling(), "is 30000x2500 pixels, too many to be decoded here (at most 67108864)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fix(t, test.content, test.limits)
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Fix = %v (%s), want a usage fault with %q", err, fault.KindOf(err), test.want)
			}
		})
	}
}

func TestFixKeepsEveryPixelOfAMaskInPlace(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	glass := corners{black(), white(), red(), nothing()}
	exact := func(l media.Limits) media.Limits { l.Exact = true; return l }
	only := func(kind string) media.Limits { return exact(media.Limits{Types: []string{kind}}) }

	fixed := mustFix(t, fixture(t, "lossless-alpha.webp"), exact(media.Limits{Types: []string{media.TypePNG, media.TypeJPEG}}))
	if got := seen(open(t, fixed.Image)); !near(got, corners{black(), white(), red(), {B: 255}}) {
		t.Errorf("a WebP mask became %v", got)
	}
	sideways := withAPP1(plain.jpeg(t, 64, 32), exifBlock(binary.BigEndian, 6))
	if fixed := mustFix(t, sideways, only(media.TypeJPEG)); fixed.Image.Path != "" {
		t.Errorf("a mask was turned: %q", fixed.Notes)
	}
	for name, test := range map[string]struct {
		content []byte
		limits  media.Limits
		want    string
	}{
		"too small":         {plain.png(t, 299, 299), exact(kling()), "must keep its 299x299 pixels"},
		"too tall":          {plain.png(t, 300, 751), exact(kling()), "must keep its 300x751 pixels"},
		"too many bytes":    {noise(t, 64, 64), exact(media.Limits{MaxBytes: 1000}), "does not get under 1000 bytes"},
		"glass as JPEG":     {glass.png(t, 64, 64), only(media.TypeJPEG), "cannot be written as JPEG without a loss"},
		"sideways, as PNG":  {sideways, only(media.TypePNG), "EXIF orientation 6"},
		"noise as PNG only": {noise(t, 64, 64), exact(media.Limits{MaxBytes: 1000, Types: []string{media.TypePNG}}), "does not get under"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := fix(t, test.content, test.limits); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Fix = %v, want a usage fault with %q", err, test.want)
			}
		})
	}
}

func TestFixKeepsItsCopyToItselfAndRemovesIt(t *testing.T) {
	t.Parallel()
	path := write(t, "a.png", corners{red(), red(), red(), red()}.png(t, 200, 300))
	fixed, cleanup, err := media.Fix(t.Context(), inspect(t, path), kling())
	if err != nil {
		t.Fatalf("Fix: %v", err)
	}
	folder := filepath.Dir(fixed.Image.File())
	for name, want := range map[string]os.FileMode{fixed.Image.File(): 0o600, folder: 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	cleanup()
	cleanup()
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("after cleanup the folder is there (%v)", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("after cleanup the original is gone: %v", err)
	}
}

func TestFixStops(t *testing.T) {
	t.Parallel()
	path := write(t, "a.png", pngBytes(t, 200, 300))
	img := inspect(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := media.Fix(ctx, img, kling()); !fault.Is(err, fault.Interrupted) {
		t.Errorf("Fix with an ended context = %v, want an interrupted fault", err)
	}
	// As large and as old as it was, with another byte behind the picture.
	content := append(pngBytes(t, 200, 300), "more"...)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	img = inspect(t, path)
	content[len(content)-1] = 'E'
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, img.ModTime, img.ModTime); err != nil {
		t.Fatal(err)
	}
	if _, _, err := media.Fix(t.Context(), img, kling()); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "changed since it was checked") {
		t.Errorf("Fix of a changed file = %v, want a usage fault", err)
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
