package media_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// Not parallel: it moves the folder for temporary files.
func TestNothingIsLeftWhereFixFails(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, folder)
	}
	originals := filepath.Join(folder, "originals")
	if err := os.Mkdir(originals, 0o700); err != nil {
		t.Fatal(err)
	}
	save := func(name string, content []byte) string {
		path := filepath.Join(originals, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pixels := noise(t, 64, 64)
	img := inspect(t, save("a.png", pixels))
	if _, _, err := media.Fix(t.Context(), img, media.Limits{MaxBytes: 1000, MinPixels: 64}); err == nil {
		t.Error("Fix = nil, want a refusal")
	}
	text := base64.StdEncoding.EncodeToString(pixels)
	if _, _, err := media.InspectLoose(t.Context(), save("a.txt", []byte(text[:4000]))); err == nil {
		t.Error("InspectLoose of cut text = nil, want a refusal")
	}
	if _, _, err := media.SpoolLoose(t.Context(), strings.NewReader(text[:4000]), 0); err == nil {
		t.Error("SpoolLoose of cut text = nil, want a refusal")
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
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
		"less than half of the pixels": {plain.png(t, 149, 149), kling(), "is 149x149 pixels: to reach 300 it would have to be enlarged more than 2 times"},
		"an animated WebP":             {film, kling(), "is an animated WebP, which must be saved as a still image first"},
		"an animated PNG":              {withChunk(plain.png(t, 100, 100), "acTL", make([]byte, 8)), kling(), "is an animated PNG"},
		"a model that takes WebP only": {plain.png(t, 64, 64), media.Limits{Types: []string{media.TypeWebP}}, "neither PNG nor JPEG is allowed"},
		"a limit of very few bytes":    {noise(t, 64, 64), media.Limits{MaxBytes: 2048, MinPixels: 64}, "does not get under 2 KiB with sides of at least 64 pixels"},
		"a header without a picture":   {webpBytes(lossless(512, 300)), kling(), "is a broken WebP"},
		"limits that contradict":       {plain.png(t, 300, 100), media.Limits{MinRatio: 2, MaxRatio: 1}, "is too"},
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

func TestFixDecodesNoMoreThanItCanHold(t *testing.T) {
	t.Parallel()
	// The figures are enough: there is no such file.
	img := media.Image{Source: "none.png", Type: media.TypePNG, Width: 8192, Height: 8193, Bytes: 1}
	limits := media.Limits{MaxPixels: 4096}
	if _, _, err := media.Fix(t.Context(), img, limits); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "is 8192x8193 pixels, too many to be decoded here (at most 67108864)") {
		t.Errorf("Fix = %v, want a usage fault", err)
	}
	if media.Mendable(img, limits) {
		t.Error("Mendable = true, want false")
	}
	img.Height = 8192
	if !media.Mendable(img, limits) {
		t.Error("Mendable of exactly 64 Mi pixels = false, want true")
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
	// As large and as old as it was, with another byte far behind the picture.
	content := append(pngBytes(t, 200, 300), make([]byte, 1<<20)...)
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
