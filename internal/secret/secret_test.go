package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/secret"
)

func TestTextNeverPrintsItself(t *testing.T) {
	t.Parallel()
	const canary = "sk-canary-123"
	key := secret.New(canary)
	holder := struct {
		Key secret.Text
		Ptr *secret.Text
	}{Key: key, Ptr: &key}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(key), fmt.Sprintf("%v %+v %#v %s %q %x %d", key, key, key, key, key, key, key),
		fmt.Sprintf("%v %+v %#v", holder, holder, holder), string(encoded),
	} {
		if strings.Contains(shown, canary) || strings.Contains(shown, fmt.Sprintf("%x", canary)) {
			t.Errorf("the secret shows in %q", shown)
		}
	}
	if got := key.Reveal(); got != canary {
		t.Errorf("Reveal() = %q, want the value", got)
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	if !secret.New("a").Equal(secret.New("a")) || secret.New("a").Equal(secret.New("b")) {
		t.Error("Equal does not tell equal from different")
	}
}
