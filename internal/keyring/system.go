package keyring

import (
	"errors"
	"fmt"

	library "github.com/zalando/go-keyring"
)

// service is the name under which the system's keyring shows our keys.
const service = "klingctl"

var (
	errNoBus    = errors.New("this session has no message bus, and so no keyring")
	errNoSystem = errors.New("this system has no keyring that is known here")
	errTooLong  = errors.New("the key is longer than the keyring takes")
	errForgets  = errors.New("the keyring took the key, but gave another one back")
)

// System is the keyring of the operating system: the Secret Service of a Linux
// or BSD desktop, the Keychain of macOS, the Credential Manager of Windows.
// Making it touches nothing; env reads a variable of the process.
func System(env func(name string) string) Ring { return system{env: env} }

type system struct{ env func(name string) string }

// Get implements Ring.
func (s system) Get(account string) (string, error) {
	if err := reachable(s.env); err != nil {
		return "", err
	}
	text, err := library.Get(service, account)
	return text, named(err)
}

// Set implements Ring.
func (s system) Set(account, text string) error {
	if err := reachable(s.env); err != nil {
		return err
	}
	return named(library.Set(service, account, text))
}

// Delete implements Ring.
func (s system) Delete(account string) error {
	if err := reachable(s.env); err != nil {
		return err
	}
	return named(library.Delete(service, account))
}

// named says the library's errors in words for people.
func named(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, library.ErrNotFound):
		return ErrNotKept
	case errors.Is(err, library.ErrSetDataTooBig):
		return errTooLong
	case errors.Is(err, library.ErrUnsupportedPlatform):
		return errNoSystem
	}
	return fmt.Errorf("the keyring of the system cannot be used: %w", err)
}
