package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

func TestInspectTellsWhatAnImageIs(t *testing.T) {
	t.Parallel()
	pixels := pngBytes(t, 300, 200)
	photo := jpegBytes(t, 64, 48)
	tests := map[string]struct {
		name    string
		content []byte
		want    media.Image
	}{
		"a PNG":                      {"a.png", pixels, media.Image{Type: "image/png", Width: 300, Height: 200}},
		"a PNG named as a JPEG":      {"a.jpg", pixels, media.Image{Type: "image/png", Width: 300, Height: 200}},
		"a PNG with bytes behind it": {"a.png", append(bytes.Clone(pixels), "more"...), media.Image{Type: "image/png", Width: 300, Height: 200}},
		"an animated PNG":            {"a.png", withChunk(pixels, "acTL", make([]byte, 8)), media.Image{Type: "image/png", Width: 300, Height: 200, Animated: true}},
		"a PNG that lies on its side": {
			"a.png", withChunk(pixels, "eXIf", exifBlock(binary.BigEndian, 6)),
			media.Image{Type: "image/png", Width: 300, Height: 200, Orientation: 6},
		},
		"a JPEG": {"a.jpg", photo, media.Image{Type: "image/jpeg", Width: 64, Height: 48}},
		"a JPEG with data of the camera behind it": {
			"a.jpg", append(bytes.Clone(photo), make([]byte, 100)...),
			media.Image{Type: "image/jpeg", Width: 64, Height: 48},
		},
		"a JPEG that stands on its head, little-endian": {
			"a.jpg", withAPP1(photo, exifBlock(binary.LittleEndian, 3)),
			media.Image{Type: "image/jpeg", Width: 64, Height: 48, Orientation: 3},
		},
		"a JPEG that lies on its side, big-endian": {
			"a.jpg", withAPP1(photo, exifBlock(binary.BigEndian, 8)),
			media.Image{Type: "image/jpeg", Width: 64, Height: 48, Orientation: 8},
		},
		"a JPEG with an orientation that does not exist": {
			"a.jpg", withAPP1(photo, exifBlock(binary.BigEndian, 9)),
			media.Image{Type: "image/jpeg", Width: 64, Height: 48},
		},
		"a JPEG whose thumbnail has an end marker": {
			"a.jpg", withAPP1(photo, append(exifBlock(binary.BigEndian, 1), 0xff, 0xd9)),
			media.Image{Type: "image/jpeg", Width: 64, Height: 48, Orientation: 1},
		},
		"a lossless WebP": {"a.webp", webpBytes(lossless(512, 300)), media.Image{Type: "image/webp", Width: 512, Height: 300}},
		"an animated WebP with EXIF": {
			"a.webp", webpBytes(extended(640, 360, 0x0a), riffChunk{"ANIM", make([]byte, 6)}, riffChunk{"EXIF", exifBlock(binary.LittleEndian, 5)}),
			media.Image{Type: "image/webp", Width: 640, Height: 360, Animated: true, Orientation: 5},
		},
		"a GIF":             {"a.gif", gifBytes(t, 20, 10, 1), media.Image{Type: "image/gif", Width: 20, Height: 10}},
		"a GIF of 2 frames": {"a.gif", gifBytes(t, 20, 10, 2), media.Image{Type: "image/gif", Width: 20, Height: 10, Animated: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, test.name, test.content)
			got, err := media.Inspect(t.Context(), path)
			if err != nil {
				t.Fatalf("Inspect: %v", err)
			}
			sum := sha256.Sum256(test.content)
			test.want.Source, test.want.Bytes, test.want.SHA256 = path, int64(len(test.content)), hex.EncodeToString(sum[:])
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(media.Image{}, "ModTime")); diff != "" {
				t.Errorf("Inspect (-want +got):\n%s", diff)
			}
			if got.ModTime.IsZero() {
				t.Error("ModTime is zero, want that of the file")
			}
		})
	}
}

func TestInspectRefusesAndSaysWhy(t *testing.T) {
	t.Parallel()
	photo, pixels := jpegBytes(t, 64, 48), pngBytes(t, 30, 20)
	heif := func(brand string) []byte {
		return append([]byte("\x00\x00\x00\x18ftyp"+brand+"\x00\x00\x00\x00"+brand+"mif1"), make([]byte, 100)...)
	}
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"an empty file":               {nil, "is empty"},
		"text":                        {[]byte("once upon a time"), "is not an image (text/plain)"},
		"a blank file":                {[]byte("\n\n"), "is blank"},
		"a web page":                  {[]byte("<!doctype html><html><body>x</body></html>"), "is a web page"},
		"noise":                       {[]byte{1, 2, 3, 4, 5, 6, 7, 8}, "is not an image"},
		"a HEIC":                      {heif("heic"), "is a HEIC image"},
		"an AVIF":                     {heif("avif"), "is an AVIF image"},
		"an SVG":                      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "is an SVG drawing"},
		"a BMP":                       {append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 60)...), "image/bmp"},
		"a PNG cut before its end":    {pixels[:len(pixels)-12], "is a cut PNG"},
		"a PNG cut in a chunk":        {pixels[:40], "is a cut PNG"},
		"a PNG cut in its signature":  {pixels[:5], "is a cut PNG"},
		"a JPEG cut before its end":   {photo[:len(photo)-2], "is a cut JPEG"},
		"a JPEG cut in its tables":    {photo[:30], "is a cut JPEG"},
		"a GIF cut before its end":    {gifBytes(t, 9, 9, 1)[:30], "is a cut GIF"},
		"a WebP shorter than it says": {webpBytes(lossless(512, 300))[:18], "is a cut WebP"},
		"a WebP with a wild chunk":    {[]byte("RIFF\x0e\x00\x00\x00WEBPVP8L\xff\x00\x00\x00\x2f\x00"), "is a broken WebP: a chunk"},
		"a PNG without pixels":        {append(bytes.Clone(pixels[:16]), append(make([]byte, 4), pixels[20:]...)...), "is a broken PNG"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := media.Inspect(t.Context(), write(t, "image", test.content))
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Inspect = %v (%s), want a usage fault with %q", err, fault.KindOf(err), test.want)
			}
		})
	}
}

func TestInspectRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ path, want string }{
		"a folder":             {t.TempDir(), "is a folder"},
		"nothing":              {filepath.Join(t.TempDir(), "none.png"), "there is no such file"},
		"no name":              {"", "there is no such file"},
		"a name with a NUL":    {"a\x00b", `"a\x00b"`},
		"a name with an ESC[m": {"\x1b[31mred.png", `"\x1b[31mred.png"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := media.Inspect(t.Context(), test.path)
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Inspect = %v (%s), want a usage fault with %q", err, fault.KindOf(err), test.want)
			}
		})
	}
}

func TestInspectRefusesMoreThanMaxFileWithoutReadingIt(t *testing.T) {
	t.Parallel()
	path := write(t, "big.png", pngBytes(t, 1, 1))
	if err := os.Truncate(path, media.MaxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := media.Inspect(t.Context(), path); !fault.Is(err, fault.Usage) {
		t.Errorf("Inspect of %d bytes = %v, want a usage fault", media.MaxFile+1, err)
	}
}

func TestInspectStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := media.Inspect(ctx, write(t, "a.png", pngBytes(t, 3, 2))); !fault.Is(err, fault.Interrupted) {
		t.Errorf("Inspect = %v, want an interrupted fault", err)
	}
}

func TestIsURL(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		"http://x/a.png": true, "HTTPS://x/a.png": true, "https://": true,
		"a.png": false, "-": false, "": false, "ftp://x": false, "http:/x": false, "data:image/png;base64,": false,
	} {
		if got := media.IsURL(source); got != want {
			t.Errorf("IsURL(%q) = %v, want %v", source, got, want)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(pngBytes(f, 3, 2))
	f.Add(withChunk(pngBytes(f, 3, 2), "eXIf", exifBlock(binary.BigEndian, 6)))
	f.Add(withAPP1(jpegBytes(f, 9, 9), exifBlock(binary.LittleEndian, 3)))
	f.Add(gifBytes(f, 4, 4, 2))
	f.Add(webpBytes(extended(640, 360, 2), riffChunk{"ANIM", make([]byte, 6)}, riffChunk{"EXIF", exifBlock(binary.BigEndian, 2)}))
	f.Add(webpBytes(lossless(5, 6)))
	f.Fuzz(func(t *testing.T, content []byte) {
		kind, width, height, err := media.ParseBytes(content)
		if err == nil && (kind == "" || width <= 0 || height <= 0) {
			t.Errorf("a good image of type %q has %dx%d pixels", kind, width, height)
		}
	})
}
