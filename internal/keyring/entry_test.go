package keyring_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/keyring"
	"github.com/klingctl/klingctl/internal/secret"
)

func TestEntriesComeBack(t *testing.T) {
	t.Parallel()
	for name, entry := range map[string]keyring.Entry{
		"a key":  bearerEntry(),
		"a pair": {Origin: "http://localhost:8080", Access: secret.New(canary), Secret: secret.New(canary + "-2")},
		"a note": {Origin: "https://api.example.com"},
	} {
		text, err := entry.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := keyring.Decode(text); err != nil || back != entry {
			t.Errorf("%s comes back as %v, %v", name, back, err)
		}
		if entry.Note() != (name == "a note") {
			t.Errorf("%s: Note() = %v", name, entry.Note())
		}
		if shown := fmt.Sprintf("%v %+v %#v", entry, entry, entry); strings.Contains(shown, canary) {
			t.Errorf("the key shows in %s", shown)
		}
	}
}

// What something else wrote is refused, and no error repeats it.
func TestWhatIsNoEntryIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", canary, `"` + canary + `"`, `{"key":"` + canary + `"}`, `{"origin":"https://a.example"}`,
		`{"origin":"https://a.example","access_key":"` + canary + `"}`,
		`{"origin":"https://a.example","key":"` + canary + `","kept":"keyring"}`,
		`{"origin":"https://a.example","key":"` + canary + `","access_key":"a","secret_key":"b"}`,
		`{"origin":"https://a.example","kept":"elsewhere"}`,
	} {
		entry, err := keyring.Decode(text)
		if err == nil || strings.Contains(err.Error(), canary) || !entry.Note() {
			t.Errorf("Decode(%s) = %v, %v", text, entry, err)
		}
	}
}
