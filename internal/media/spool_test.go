package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

func TestSpoolGivesAnImageThatCanBeRead(t *testing.T) {
	t.Parallel()
	content := pngBytes(t, 30, 20)
	img, cleanup, err := media.Spool(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), int64(len(content)))
	if err != nil {
		t.Fatalf("Spool: %v", err)
	}
	if img.Source != media.Stdin || img.Width != 30 || img.Bytes != int64(len(content)) {
		t.Errorf("Spool = %+v, want a 30x20 image named -", img)
	}
	if got, err := os.ReadFile(img.File()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("File() holds %d bytes, %v; want the content", len(got), err)
	}
	cleanup()
	if _, err := os.Stat(img.File()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after cleanup: %v, want no file", err)
	}
}

func TestSpoolRefuses(t *testing.T) {
	t.Parallel()
	content := string(pngBytes(t, 30, 20))
	tests := map[string]struct {
		r    io.Reader
		kind fault.Kind
		want string
	}{
		"nothing":               {strings.NewReader(""), fault.Usage, "standard input: is empty"},
		"text":                  {strings.NewReader("hello"), fault.Usage, "standard input: is not an image"},
		"more than the limit":   {strings.NewReader(content + strings.Repeat("x", 1000)), fault.Usage, "more than 1000 bytes"},
		"a stream without end":  {endless{}, fault.Usage, "more than 1000 bytes"},
		"a stream that breaks":  {iotest.ErrReader(errors.New("pipe broke")), fault.Local, "pipe broke"},
		"an image that is torn": {strings.NewReader(content[:60]), fault.Usage, "is a cut PNG"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cleanup, err := media.Spool(t.Context(), test.r, 1000)
			cleanup()
			if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Spool = %v (%s), want a %s fault with %q", err, fault.KindOf(err), test.kind, test.want)
			}
		})
	}
}

func TestSpoolReturnsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = w.Write([]byte("\x89PNG"))
		cancel()
	}()
	if _, _, err := media.Spool(ctx, r, 0); !fault.Is(err, fault.Interrupted) {
		t.Errorf("Spool = %v, want an interrupted fault", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
