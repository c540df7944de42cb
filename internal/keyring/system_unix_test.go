//go:build !windows && !darwin

package keyring_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/keyring"
)

// With a bus address that leads nowhere, every call says so and none hangs or
// looks for another bus. The address is that of the process, so there is no
// parallel here.
func TestAMissingBusIsSaid(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "bus"))
	ring := keyring.System(func(string) string { return "unix:path=nowhere" })
	_, err := ring.Get("kie")
	for call, err := range map[string]error{"Get": err, "Set": ring.Set("kie", canary), "Delete": ring.Delete("kie")} {
		if err == nil || !strings.Contains(err.Error(), "cannot be used") || strings.Contains(err.Error(), canary) {
			t.Errorf("%s = %v", call, err)
		}
	}
}
