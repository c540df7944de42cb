//go:build unix && !solaris && !illumos && !aix

package media_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

func TestInspectNeverWaitsForWhatIsNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fifo := filepath.Join(folder, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	// A socket's path may have some hundred bytes only, so it gets a short one.
	short, err := os.MkdirTemp("", "k") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	socket := filepath.Join(short, "s")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })

	for path, want := range map[string]string{
		fifo: "is a named pipe", socket: "is a socket", "/dev/zero": "is a device", "/dev/tty": "is a device",
	} {
		_, err := media.Inspect(t.Context(), path)
		if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("Inspect(%s) = %v, want a usage fault with %q", path, err, want)
		}
	}
}

func TestInspectFollowsALinkToAFile(t *testing.T) {
	t.Parallel()
	path := write(t, "a.png", pngBytes(t, 3, 2))
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if img, err := media.Inspect(t.Context(), link); err != nil || img.Width != 3 || img.Source != link {
		t.Errorf("Inspect(link) = %+v, %v, want the image under the link's name", img, err)
	}
}

func TestSpoolKeepsAnImageToItself(t *testing.T) {
	t.Parallel()
	content := pngBytes(t, 3, 2)
	img, cleanup, err := media.Spool(t.Context(), strings.NewReader(string(content)), 0)
	if err != nil {
		t.Fatalf("Spool: %v", err)
	}
	defer cleanup()
	info, err := os.Stat(img.File())
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("the temporary file has mode %o, want 600", got)
	}
}
