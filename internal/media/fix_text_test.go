package media_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// broken puts a line break behind every so many characters.
func broken(text, lineBreak string, every int) string {
	var out strings.Builder
	for len(text) > every {
		out.WriteString(text[:every] + lineBreak)
		text = text[every:]
	}
	return out.String() + text + lineBreak
}

func TestInspectLooseDecodesTextOfAnImage(t *testing.T) {
	t.Parallel()
	pixels := corners{black(), white(), red(), blue()}.png(t, 30, 20)
	text := base64.StdEncoding.EncodeToString(pixels)
	const bare, uri = "decoded from base64 text of an image", "decoded from a data: URI of an image"
	tests := map[string]struct{ content, note string }{
		"base64 on one line":            {text, bare},
		"with a line break at its end":  {text + "\n", bare},
		"in lines of 76, as of base64":  {broken(text, "\n", 76), bare},
		"in lines of 64, as of Windows": {"\xef\xbb\xbf" + broken(text, "\r\n", 64), bare},
		"in the alphabet of URLs":       {base64.URLEncoding.EncodeToString(pixels), bare},
		"without padding":               {strings.TrimRight(text, "="), bare},
		"a data: URI":                   {"data:image/png;base64," + text, uri},
		"a data: URI of another type":   {"data:image/jpeg;base64," + text, uri},
		"a data: URI with a parameter":  {"DATA:image/png;charset=utf-8;BASE64,\n" + broken(text, "\n", 76), uri},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "a.txt", []byte(test.content))

			if _, err := media.Inspect(t.Context(), path); !fault.Is(err, fault.Usage) ||
				!strings.Contains(err.Error(), strings.TrimPrefix(test.note, "decoded from ")+"; --fix would decode it") {
				t.Errorf("Inspect = %v, want a usage fault that names --fix", err)
			}
			found, cleanup, err := media.InspectLoose(t.Context(), path)
			if err != nil {
				t.Fatalf("InspectLoose: %v", err)
			}
			if got, err := os.ReadFile(found.Image.File()); err != nil || !bytes.Equal(got, pixels) {
				t.Errorf("decoded %d bytes (%v), want the %d of the image", len(got), err, len(pixels))
			}
			if found.Image.Source != path || found.Image.Width != 30 || found.Image.Type != media.TypePNG {
				t.Errorf("got %+v, want the PNG under the name of its text", found.Image)
			}
			if len(found.Notes) != 1 || found.Notes[0] != test.note {
				t.Errorf("notes = %q, want %q", found.Notes, test.note)
			}
			folder := filepath.Dir(found.Image.File())
			cleanup()
			if _, err := os.Stat(folder); !os.IsNotExist(err) {
				t.Errorf("after cleanup the copy is there (%v)", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != test.content {
				t.Errorf("the text was changed (%v)", err)
			}
		})
	}
}

func TestInspectLooseRefusesAndSaysWhy(t *testing.T) {
	t.Parallel()
	pixels := noise(t, 60, 60)
	text := base64.StdEncoding.EncodeToString(pixels)
	heic := base64.StdEncoding.EncodeToString(append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1"), make([]byte, 100)...))
	tests := map[string]struct{ content, want string }{
		"text":                          {"once upon a time", "is not an image (text/plain)"},
		"base64 of text":                {base64.StdEncoding.EncodeToString([]byte(strings.Repeat("once upon a time ", 9))), "is not an image (text/plain)"},
		"a data: URI that is no base64": {"data:image/svg+xml,%3Csvg%2F%3E", "is not an image (text/plain)"},
		"a data: URI without an end":    {"data:" + strings.Repeat("a", 400) + ",", "is not an image (text/plain)"},
		"base64 with a strange byte":    {text[:8000] + "%" + text[8000:], "holds base64 text that is broken at byte 8001"},
		"a URI with a comma too many":   {"data:image/png;base64," + text[:100] + ",", "holds base64 text that is broken at byte 123"},
		"a URI with a strange byte":     {"data:image/png;base64," + text[:8000] + "\x00", "holds base64 text that is broken at byte 8023"},
		"base64 behind its padding":     {text[:8000] + "==" + text, "holds base64 text that is broken at byte 8003"},
		"base64 cut in a byte":          {text[:8001], "holds base64 text that is cut"},
		"base64 cut in the image":       {text[:8000], "holds base64 text of an image that is a cut PNG"},
		"base64 of a HEIC":              {heic, "holds base64 text of an image that is a HEIC image"},
		"an empty file":                 {"", "is empty"},
		"a cut PNG":                     {string(pixels[:100]), "is a cut PNG"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "a.txt", []byte(test.content))
			_, cleanup, err := media.InspectLoose(t.Context(), path)
			cleanup()
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("InspectLoose = %v (%s), want a usage fault with the path and %q", err, fault.KindOf(err), test.want)
			}
		})
	}
}

func TestInspectLooseTakesABMPThatFixConverts(t *testing.T) {
	t.Parallel()
	plain := corners{black(), white(), red(), blue()}
	var out bytes.Buffer
	if err := bmp.Encode(&out, plain.picture(64, 32)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"as it is": out.Bytes(), "as base64": []byte(base64.StdEncoding.EncodeToString(out.Bytes())),
	} {
		path := write(t, "a.bmp", content)
		if _, err := media.Inspect(t.Context(), path); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "--fix would") {
			t.Errorf("%s: Inspect = %v, want a usage fault that names --fix", name, err)
		}
		found, cleanup, err := media.InspectLoose(t.Context(), path)
		if err != nil {
			t.Fatalf("%s: InspectLoose: %v", name, err)
		}
		defer cleanup()
		// A model without limits takes no BMP either.
		fixed, remove, err := media.Fix(t.Context(), found.Image, media.Limits{})
		if err != nil {
			t.Fatalf("%s: Fix: %v", name, err)
		}
		defer remove()
		if got := seen(open(t, fixed.Image)); !near(got, plain) || fixed.Image.Type != media.TypePNG {
			t.Errorf("%s: became a %s with %v", name, fixed.Image.Type, got)
		}
	}
	cut := inspectLoose(t, write(t, "cut.bmp", out.Bytes()[:500]))
	if _, _, err := media.Fix(t.Context(), cut, media.Limits{}); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "is a broken BMP") {
		t.Errorf("Fix of a cut BMP = %v, want a usage fault", err)
	}
}

func inspectLoose(tb testing.TB, path string) media.Image {
	tb.Helper()
	found, cleanup, err := media.InspectLoose(tb.Context(), path)
	tb.Cleanup(cleanup)
	if err != nil {
		tb.Fatalf("InspectLoose: %v", err)
	}
	return found.Image
}

func TestSpoolLooseDecodesStandardInput(t *testing.T) {
	t.Parallel()
	pixels := pngBytes(t, 30, 20)
	text := base64.StdEncoding.EncodeToString(pixels)
	for name, content := range map[string]string{"an image": string(pixels), "its base64": text} {
		found, cleanup, err := media.SpoolLoose(t.Context(), strings.NewReader(content), 0)
		if err != nil {
			t.Fatalf("%s: SpoolLoose: %v", name, err)
		}
		if got, err := os.ReadFile(found.Image.File()); err != nil || !bytes.Equal(got, pixels) || found.Image.Source != media.Stdin {
			t.Errorf("%s: got %d bytes from %q (%v), want the image", name, len(got), found.Image.Source, err)
		}
		cleanup()
		if _, err := os.Stat(found.Image.File()); !os.IsNotExist(err) {
			t.Errorf("%s: after cleanup the copy is there (%v)", name, err)
		}
	}
	if _, _, err := media.SpoolLoose(t.Context(), strings.NewReader("text"), 0); !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "standard input: is not an image") {
		t.Errorf("SpoolLoose of text = %v, want a usage fault about standard input", err)
	}
	if _, _, err := media.SpoolLoose(t.Context(), strings.NewReader(text), 10); !fault.Is(err, fault.Usage) {
		t.Errorf("SpoolLoose of more than its limit = %v, want a usage fault", err)
	}
}

func TestTextIsDecodedHoweverItIsBroken(t *testing.T) {
	t.Parallel()
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		// Bytes behind the end of a PNG are let be.
		content := padded(outer, rapid.IntRange(0, 9000).Draw(t, "size"))
		encoding := rapid.SampledFrom([]*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding}).Draw(t, "encoding")
		prefix := rapid.SampledFrom([]string{"", "\n", "data:;base64,", "data:image/png;base64,\r\n"}).Draw(t, "prefix")
		lineBreak := rapid.SampledFrom([]string{"\n", "\r\n", " ", "\t"}).Draw(t, "break")
		text := prefix + broken(encoding.EncodeToString(content), lineBreak, rapid.IntRange(1, 200).Draw(t, "every"))
		got, found, err := media.DecodeText([]byte(text))
		if err != nil || !found || !bytes.Equal(got, content) {
			t.Fatalf("got %d bytes, %v, %v, want the %d that were encoded", len(got), found, err, len(content))
		}
	})
}

func FuzzTextOfAnImage(f *testing.F) {
	text := base64.StdEncoding.EncodeToString(pngBytes(f, 3, 2))
	f.Add([]byte(text))
	f.Add([]byte("data:image/png;base64," + broken(text, "\r\n", 20)))
	f.Add([]byte("\xef\xbb\xbfdata:,"))
	f.Add([]byte(text[:30] + "==" + text))
	f.Add([]byte(text + "="))
	f.Fuzz(func(t *testing.T, content []byte) {
		image, found, err := media.DecodeText(content)
		if len(image) > len(content)*3/4 {
			t.Errorf("%d bytes became %d", len(content), len(image))
		}
		if !found && (image != nil || err != nil) {
			t.Errorf("no text of an image, and yet %d bytes, %v", len(image), err)
		}
		if err != nil || !found {
			return
		}
		again, found, err := media.DecodeText([]byte(base64.StdEncoding.EncodeToString(image)))
		if err != nil || !found || !bytes.Equal(again, image) {
			t.Errorf("encoded again: got %d bytes, %v, %v, want %d", len(again), found, err, len(image))
		}
	})
}
