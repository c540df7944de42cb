package keyring

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klingctl/klingctl/internal/secret"
)

// Entry is a key as it is kept: Bearer, or both of the pair.
type Entry struct {
	// Origin is the one place that the key may be sent to, as scheme://host
	// with a port that is not the scheme's own.
	Origin string
	// Bearer, Access and Secret are the key; all are empty in a note.
	Bearer, Access, Secret secret.Text
}

// Note reports whether the entry only notes that the key is kept in the
// keyring of the system.
func (e Entry) Note() bool { return e.Bearer.Empty() && e.Access.Empty() }

// written is the form in which an entry is kept.
type written struct {
	Origin string `json:"origin"`
	Key    string `json:"key,omitempty"`
	Access string `json:"access_key,omitempty"`
	Secret string `json:"secret_key,omitempty"`
	Kept   string `json:"kept,omitempty"`
}

// inKeyring is what a note says.
const inKeyring = "keyring"

var errNotOurs = errors.New("what is kept there is no key of klingctl's; log in again")

// Encode writes an entry down. The text holds the key.
func (e Entry) Encode() (string, error) {
	w := written{Origin: e.Origin, Key: e.Bearer.Reveal(), Access: e.Access.Reveal(), Secret: e.Secret.Reveal()}
	if e.Note() {
		w.Kept = inKeyring
	}
	text, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("write the key down: %w", err)
	}
	return string(text), nil
}

// Decode reads an entry. Its error repeats nothing of the text.
func Decode(text string) (Entry, error) {
	var w written
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return Entry{}, errNotOurs
	}
	entry := Entry{Origin: w.Origin, Bearer: secret.New(w.Key), Access: secret.New(w.Access), Secret: secret.New(w.Secret)}
	if w.Origin == "" || entry.Note() != (w.Kept == inKeyring) || entry.Access.Empty() != entry.Secret.Empty() || !entry.Bearer.Empty() && !entry.Access.Empty() {
		return Entry{}, errNotOurs
	}
	return entry, nil
}
