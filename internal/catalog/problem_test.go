package catalog_test

import (
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestProblemsRepeatNoSecretOfAnAddress(t *testing.T) {
	t.Parallel()
	model := choose(t, builtin(t), "kie", "kling/v2-1-standard", kling.ImageToVideo)
	for name, address := range map[string]string{
		"a password":                   "https://user:hush@example.com/a.png",
		"a password that is no URL":    "https://user:hu/hush@exa mple.com/a.png",
		"a user name that is a token":  "https://hush@example.com/a.png",
		"a signature":                  "ftp://example.com/a.png?X-Amz-Signature=hush",
		"a signature on a broken link": "https://exa mple.com/a.png?token=hush",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := model.Prepare(t.Context(), catalog.Input{Flags: flags("image", address, "prompt", "x")}, nil)
			if err == nil {
				t.Fatalf("Prepare took %s", address)
			}
			if strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "--image") {
				t.Errorf("Prepare says %q, want the flag and no secret", err)
			}
		})
	}
}
