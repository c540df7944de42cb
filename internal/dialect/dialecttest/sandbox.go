package dialecttest

import (
	"net/http"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// openSandbox is the emulator of this repository, in a folder of its own.
func openSandbox(t *testing.T, now func() time.Time, generation time.Duration) http.RoundTripper {
	t.Helper()
	server, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), Now: now, GenerationTime: generation})
	if err != nil {
		t.Fatalf("open the sandbox: %v", err)
	}
	return server.Transport()
}
