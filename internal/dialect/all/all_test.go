package all_test

import (
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
)

func TestEveryNameMakesTheDialectOfThatName(t *testing.T) {
	t.Parallel()
	if len(all.Names()) == 0 {
		t.Fatal("no dialects")
	}
	for _, name := range all.Names() {
		d, err := all.New(name, dialect.Variant{})
		if err != nil {
			t.Errorf("New(%q): %v", name, err)
			continue
		}
		if d.Name() != name {
			t.Errorf("New(%q) makes the dialect %q", name, d.Name())
		}
	}
}

func TestAnUnknownNameIsRefusedWithTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := all.New("sora", dialect.Variant{})
	if err == nil {
		t.Fatal("New(sora) gives no error")
	}
	for _, name := range append(all.Names(), "sora") {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %q", err, name)
		}
	}
}
