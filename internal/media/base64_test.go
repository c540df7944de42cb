package media_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// padded is a real PNG of a chosen size: bytes behind its end are allowed.
func padded(tb testing.TB, size int) []byte {
	tb.Helper()
	content := pngBytes(tb, 3, 2)
	for i := len(content); i < size; i++ {
		content = append(content, byte(i*7+i>>8))
	}
	return content
}

func inspect(tb testing.TB, path string) media.Image {
	tb.Helper()
	img, err := media.Inspect(tb.Context(), path)
	if err != nil {
		tb.Fatalf("Inspect: %v", err)
	}
	return img
}

func TestBase64IsThatOfTheFile(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1000, 1001, 1002, 48<<10 - 1, 48 << 10, 48<<10 + 1, 96 << 10, 200_000} {
		content := padded(t, size)
		img := inspect(t, write(t, "a.png", content))
		for dataURI, prefix := range map[bool]string{false: "", true: "data:image/png;base64,"} {
			stream := media.NewBase64(img, dataURI)
			body, err := stream.Open()
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			want := prefix + base64.StdEncoding.EncodeToString(content)
			if err := iotest.TestReader(body, []byte(want)); err != nil {
				t.Errorf("%d bytes, data URI %v: %v", len(content), dataURI, err)
			}
			if got := stream.Len(); got != int64(len(want)) {
				t.Errorf("Len() = %d, want %d", got, len(want))
			}
			if err := body.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	}
}

func TestBase64WithAnyReadSizes(t *testing.T) {
	t.Parallel()
	content := padded(t, 60_000)
	stream := media.NewBase64(inspect(t, write(t, "a.png", content)), false)
	want := base64.StdEncoding.EncodeToString(content)
	rapid.Check(t, func(t *rapid.T) {
		body, err := stream.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = body.Close() }()
		var got strings.Builder
		for {
			p := make([]byte, rapid.IntRange(0, 70_000).Draw(t, "read"))
			n, err := body.Read(p)
			got.Write(p[:n])
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if got.String() != want {
			t.Errorf("got %d characters that are not the %d wanted", got.Len(), len(want))
		}
	})
}

func TestBase64LabelElidesTheContent(t *testing.T) {
	t.Parallel()
	stream := media.NewBase64(media.Image{Type: "image/png", Bytes: 12345, SHA256: "ab12cd34ef"}, false)
	if got, want := stream.Label(), "<image/png, 12345 bytes, sha256 ab12cd34>"; got != want {
		t.Errorf("Label() = %q, want %q", got, want)
	}
}

func TestBase64OpenRefusesAChangedFile(t *testing.T) {
	t.Parallel()
	changes := map[string]func(t *testing.T, path string){
		"longer":  func(t *testing.T, path string) { t.Helper(); appendTo(t, path, "x") },
		"gone":    func(t *testing.T, path string) { t.Helper(); must(t, os.Remove(path)) },
		"shorter": func(t *testing.T, path string) { t.Helper(); must(t, os.Truncate(path, 10)) },
		"touched": func(t *testing.T, path string) { t.Helper(); must(t, os.Chtimes(path, time.Time{}, time.Unix(1, 0))) },
		"now a folder": func(t *testing.T, path string) {
			t.Helper()
			must(t, os.Remove(path))
			must(t, os.Mkdir(path, 0o700))
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "a.png", pngBytes(t, 3, 2))
			stream := media.NewBase64(inspect(t, path), false)
			change(t, path)
			if _, err := stream.Open(); !fault.Is(err, fault.Usage) {
				t.Errorf("Open = %v, want a usage fault", err)
			}
		})
	}
}

// Whatever happens to the file while it is read, nobody gets all Len bytes of
// something else than was inspected.
func TestBase64NeverEndsWellOnAFileThatChanges(t *testing.T) {
	t.Parallel()
	changes := map[string]func(t *testing.T, path string){
		"longer":       func(t *testing.T, path string) { t.Helper(); appendTo(t, path, "x") },
		"shorter":      func(t *testing.T, path string) { t.Helper(); must(t, os.Truncate(path, 150_000)) },
		"other bytes":  func(t *testing.T, path string) { t.Helper(); overwrite(t, path, 190_000) },
		"other by one": func(t *testing.T, path string) { t.Helper(); overwrite(t, path, 199_999) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "a.png", padded(t, 200_000))
			stream := media.NewBase64(inspect(t, path), false)
			body, err := stream.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = body.Close() }()
			if _, err := io.CopyN(io.Discard, body, 1000); err != nil {
				t.Fatal(err)
			}
			change(t, path)
			n, err := io.Copy(io.Discard, body)
			if !fault.Is(err, fault.Usage) || n+1000 >= stream.Len() {
				t.Errorf("read %d of %d bytes, %v; want a usage fault before the end", n+1000, stream.Len(), err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString(text)
	must(t, err)
	must(t, file.Close())
}

func overwrite(t *testing.T, path string, at int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	old := make([]byte, 1)
	_, err = file.ReadAt(old, at)
	must(t, err)
	_, err = file.WriteAt([]byte{old[0] ^ 1}, at)
	must(t, err)
	must(t, file.Close())
}

func BenchmarkBase64(b *testing.B) {
	path := write(b, "a.png", padded(b, 10<<20))
	img := inspect(b, path)
	b.Run("streamed", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(img.Bytes)
		for b.Loop() {
			body, err := media.NewBase64(img, false).Open()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, body); err != nil {
				b.Fatal(err)
			}
			_ = body.Close()
		}
	})
	b.Run("held whole", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(img.Bytes)
		for b.Loop() {
			content, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, bytes.NewReader([]byte(base64.StdEncoding.EncodeToString(content))))
		}
	})
}
