package cmd

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/keyring"
	"github.com/klingctl/klingctl/internal/secret"
)

// shelf is a keyring in memory. A call blocks while hang is open.
type shelf struct {
	texts map[string]string
	err   error
	hang  chan struct{}
}

// Get implements keyring.Ring.
func (s *shelf) Get(account string) (string, error) {
	if s.hang != nil {
		<-s.hang
	}
	if text, ok := s.texts[account]; ok && s.err == nil {
		return text, nil
	}
	if s.err != nil {
		return "", s.err
	}
	return "", keyring.ErrNotKept
}

// Set implements keyring.Ring.
func (s *shelf) Set(account, text string) error {
	if s.err == nil {
		s.texts[account] = text
	}
	return s.err
}

// Delete implements keyring.Ring.
func (s *shelf) Delete(account string) error {
	if s.err != nil {
		return s.err
	}
	if _, ok := s.texts[account]; !ok {
		return keyring.ErrNotKept
	}
	delete(s.texts, account)
	return nil
}

func newKeychain(t *testing.T, ring keyring.Ring) *keychain {
	t.Helper()
	return &keychain{
		ring: keyring.NewBounded(ring), files: keyring.Files{Folder: t.TempDir()},
		run:  func(context.Context, string) (string, error) { return canary + "\r\n", nil },
		turn: make(chan struct{}, 1), fetched: map[string]fetchedKey{},
	}
}

const someBase = "https://api.example.com/v1"

func entryOf(origin string) keyring.Entry {
	return keyring.Entry{Origin: origin, Bearer: secret.New(canary)}
}

// The next process finds what was kept in the keyring: by the note beside it,
// and without one.
func TestAKeyOfTheKeyringIsFound(t *testing.T) {
	t.Parallel()
	ring := &shelf{texts: map[string]string{}}
	keys := newKeychain(t, ring)
	where, err := keys.keepRing(t.Context(), "kie", config.Key{Ring: true}, entryOf("https://api.example.com"))
	if err != nil || where != inKeyring {
		t.Fatalf("kept in %q, %v", where, err)
	}
	note, err := keys.files.Get("kie")
	if err != nil || strings.Contains(note, canary) {
		t.Errorf("the note is %q, %v", note, err)
	}
	noted := config.Key{Ring: true, Login: keys.files.Path("kie")}
	for name, own := range map[string]config.Key{"noted": noted, "not noted": {Ring: true}} {
		fresh := newKeychain(t, ring)
		fresh.files = keys.files
		if key, err := fresh.find(t.Context(), "kie", own, someBase); err != nil || key.Bearer.Reveal() != canary {
			t.Errorf("%s: the key is %+v, %v", name, key, err)
		}
	}
	if forgot, err := keys.forget(t.Context(), "kie", noted); !forgot || err != nil || len(ring.texts) != 0 {
		t.Errorf("forgot = %v, %v; left is %v", forgot, err, ring.texts)
	}
	if _, err := keys.files.Get("kie"); !errors.Is(err, keyring.ErrNotKept) {
		t.Errorf("the note is still there: %v", err)
	}
	if forgot, err := keys.forget(t.Context(), "kie", config.Key{Ring: true}); forgot || err != nil {
		t.Errorf("the second time it forgot = %v, %v", forgot, err)
	}
}

// Kling's pair is kept as one text.
func TestAPairIsKept(t *testing.T) {
	t.Parallel()
	keys := newKeychain(t, &shelf{texts: map[string]string{}})
	pair := keyring.Entry{Origin: "https://api.example.com", Access: secret.New("ak"), Secret: secret.New(canary)}
	if _, err := keys.keepRing(t.Context(), "kling", config.Key{Ring: true}, pair); err != nil {
		t.Fatal(err)
	}
	key, err := keys.find(t.Context(), "kling", config.Key{Ring: true}, someBase)
	if err != nil || key.Access.Reveal() != "ak" || key.Secret.Reveal() != canary || !key.Bearer.Empty() {
		t.Errorf("the key is %+v, %v", key, err)
	}
}

func TestAKeptKeyStaysWithItsOrigin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		origin, base string
		good         bool
	}{
		{"https://api.example.com", "https://api.example.com", true},
		{"https://api.example.com", "https://API.example.com:443/v2", true},
		{"https://api.example.com", "http://api.example.com", false},
		{"https://api.example.com", "https://api.example.com:8443", false},
		{"https://api.example.com", "https://api.example.com.evil.example", false},
		{"https://api.example.com", "https://evil.example/api.example.com", false},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8081", false},
		{"https://api.example.com", "", false},
		{"%zz", "https://api.example.com", false},
	} {
		for place, own := range map[string]config.Key{"keyring": {Ring: true}, "file": {Login: "there"}} {
			text, err := entryOf(test.origin).Encode()
			if err != nil {
				t.Fatal(err)
			}
			keys := newKeychain(t, &shelf{texts: map[string]string{"kie": text}})
			if err := keys.files.Set("kie", text); err != nil {
				t.Fatal(err)
			}
			key, err := keys.find(t.Context(), "kie", own, test.base)
			if key.AtHand() != test.good || !test.good && fault.KindOf(err) != fault.Auth {
				t.Errorf("%s: a key of %s for %s gives %+v, %v", place, test.origin, test.base, key, err)
			}
			if err != nil && (strings.Contains(err.Error(), canary) || fault.Of(err).Hint == "") {
				t.Errorf("%s: the fault is %v", place, err)
			}
		}
	}
}

// A keyring that fails is as good as none, unless the key is known to be there.
func TestAKeyringThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("no bus")
	keys := newKeychain(t, &shelf{err: broken})
	if key, err := keys.find(t.Context(), "kie", config.Key{Ring: true}, someBase); err != nil || !key.Empty() {
		t.Errorf("the key is %+v, %v", key, err)
	}
	if !errors.Is(keys.deaf, broken) {
		t.Errorf("deaf = %v, so auth status cannot tell", keys.deaf)
	}
	if _, err := keys.keepFile("kling", keyring.Entry{Origin: "https://api.example.com"}); err != nil {
		t.Fatal(err)
	}
	noted := config.Key{Ring: true, Login: keys.files.Path("kling")}
	if _, err := keys.find(t.Context(), "kling", noted, someBase); fault.KindOf(err) != fault.Auth || !errors.Is(err, broken) {
		t.Errorf("a noted key gives %v", err)
	}
	if forgot, err := keys.forget(t.Context(), "kling", noted); forgot || !errors.Is(err, broken) {
		t.Errorf("forgot = %v, %v, but the key is still there", forgot, err)
	}
	if forgot, err := keys.forget(t.Context(), "kie", config.Key{Ring: true}); forgot || err != nil {
		t.Errorf("forgot = %v, %v, where nothing is known to be kept", forgot, err)
	}
}

// A keyring that hangs costs 3 s a process, not a provider.
func TestAHangingKeyringCostsThreeSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ring := &shelf{hang: make(chan struct{})}
		keys := newKeychain(t, ring)
		begun := time.Now()
		for _, name := range []string{"kie", "kling", "kie", "apixo"} {
			if key, err := keys.find(t.Context(), name, config.Key{Ring: true}, someBase); err != nil || !key.Empty() {
				t.Errorf("the key is %+v, %v", key, err)
			}
		}
		if took := time.Since(begun); took != keyring.Patience {
			t.Errorf("it took %s, want %s", took, keyring.Patience)
		}
		close(ring.hang)
	})
}

// Many jobs need the key at once; its command is run once, and so it is when it
// fails. One that was interrupted is run again.
func TestAKeyIsFetchedOnce(t *testing.T) {
	t.Parallel()
	own := config.Key{Command: "pass show kie", From: "the command"}
	for name, failure := range map[string]error{"it works": nil, "it fails": errors.New("locked")} {
		keys := newKeychain(t, keyring.Off{})
		runs := 0
		keys.run = func(context.Context, string) (string, error) { runs++; return canary + "\n", failure }
		var asking sync.WaitGroup
		for range 20 {
			asking.Go(func() {
				key, err := keys.find(t.Context(), "kie", own, someBase)
				if !errors.Is(err, failure) || failure == nil && key.Bearer.Reveal() != canary {
					t.Errorf("%s: the key is %+v, %v", name, key, err)
				}
			})
		}
		asking.Wait()
		if runs != 1 {
			t.Errorf("%s: the command ran %d times", name, runs)
		}
	}
	keys := newKeychain(t, keyring.Off{})
	interrupted, cancel := context.WithCancel(t.Context())
	keys.run = func(context.Context, string) (string, error) { cancel(); return "", errNotRun }
	if _, err := keys.find(interrupted, "kie", own, someBase); err == nil {
		t.Error("an interrupted fetch gave a key")
	}
	keys.run = func(context.Context, string) (string, error) { return canary, nil }
	if key, err := keys.find(t.Context(), "kie", own, someBase); err != nil || key.Bearer.Reveal() != canary {
		t.Errorf("the next fetch gave %+v, %v", key, err)
	}
}
