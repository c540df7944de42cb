// Package keyring keeps providers' keys: in the keyring of the operating
// system, or in files that only their owner can read.
//
// It knows how a key is written down together with the origin that it may be
// sent to, and that a keyring can hang. It must not know providers, settings,
// or in which order places are asked for a key.
package keyring

import (
	"errors"
	"time"
)

// A Ring keeps one text an account. Its calls may hang; see [Bounded].
type Ring interface {
	// Get gives the text of an account, and ErrNotKept where there is none.
	Get(account string) (string, error)
	// Set keeps a text in the place of an earlier one.
	Set(account, text string) error
	// Delete forgets an account, and gives ErrNotKept where there is none.
	Delete(account string) error
}

// Patience is how long a keyring may take for one answer; ErrSilent says it.
const Patience = 3 * time.Second

var (
	// ErrNotKept is what a ring says of an account that it does not know.
	ErrNotKept = errors.New("nothing is kept there")
	// ErrSilent is a keyring that did not answer in time.
	ErrSilent = errors.New("the keyring of the system did not answer within 3 s; where it asks to be unlocked, unlock it and run this again")
	// ErrOff is a keyring that is not to be asked.
	ErrOff = errors.New("the setting keyring is off")
)

// Off is a keyring that keeps nothing and says so.
type Off struct{}

// Get implements Ring.
func (Off) Get(string) (string, error) { return "", ErrOff }

// Set implements Ring.
func (Off) Set(string, string) error { return ErrOff }

// Delete implements Ring.
func (Off) Delete(string) error { return ErrOff }
