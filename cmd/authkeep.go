package cmd

import (
	"context"
	"errors"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/keyring"
)

var errNoFolder = errors.New("there is no folder for it: neither HOME nor XDG_CONFIG_HOME is set")

// keepRing keeps an entry in the keyring, and a note in a file that it is
// there: so it is known without asking a keyring that may hang.
func (k *keychain) keepRing(ctx context.Context, name string, own config.Key, entry keyring.Entry) (where string, err error) {
	if !own.Ring {
		return "", keyring.ErrOff
	}
	text, err := entry.Encode()
	if err != nil {
		return "", err
	}
	if err := k.ring.Set(ctx, name, text); err != nil {
		return "", err
	}
	if k.files.Folder == "" {
		return inKeyring, nil
	}
	_, err = k.keepFile(name, keyring.Entry{Origin: entry.Origin})
	return inKeyring, err
}

// keepFile keeps an entry in a file.
func (k *keychain) keepFile(name string, entry keyring.Entry) (where string, err error) {
	if k.files.Folder == "" {
		return "", errNoFolder
	}
	text, err := entry.Encode()
	if err != nil {
		return "", err
	}
	return k.files.Path(name), k.files.Set(name, text)
}

// forget deletes what auth login kept, and tells whether there was anything.
// The note of a key goes after the key. A keyring that cannot be asked is a
// fault only where the key is known to be in it.
func (k *keychain) forget(ctx context.Context, name string, own config.Key) (forgot bool, err error) {
	noted := false
	if own.Login != "" {
		text, err := k.files.Get(name)
		if err != nil {
			return false, err
		}
		entry, err := keyring.Decode(text)
		noted = err == nil && entry.Note()
	}
	err = keyring.ErrOff
	if own.Ring {
		err = k.ring.Delete(ctx, name)
	}
	if err != nil && !errors.Is(err, keyring.ErrNotKept) && noted {
		return false, err
	}
	forgot = err == nil
	if own.Login == "" {
		return forgot, nil
	}
	return true, k.files.Delete(name)
}
