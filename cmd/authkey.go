package cmd

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/keyring"
	"github.com/klingctl/klingctl/internal/provider"
)

// keychain fetches the keys that no setting holds: it runs their commands, and
// asks the files and the keyring in which auth login kept them. Each is fetched
// when it is first needed, and once.
type keychain struct {
	ring  *keyring.Bounded
	files keyring.Files
	run   func(ctx context.Context, command string) (string, error)

	// turn holds one token: who has it may fetch.
	turn    chan struct{}
	fetched map[string]fetchedKey
	// deaf is why the keyring could not be asked, nil while it can.
	deaf error
}

type fetchedKey struct {
	key config.Key
	err error
}

// keychain is made with the wires, and touches nothing by itself.
func (a *app) keychain() *keychain {
	return &keychain{
		ring:  keyring.NewBounded(keyring.System(a.process.env)),
		files: keyring.Files{Folder: a.settings.Dirs.LoginFolder()},
		run:   a.printedKey, turn: make(chan struct{}, 1), fetched: map[string]fetchedKey{},
	}
}

// key is the key of a provider for requests to an address; empty where there is
// none. In the sandbox only keys that are at hand count, which play their part
// there.
func (a *app) key(ctx context.Context, keys *keychain, name, base string) (config.Key, error) {
	own := a.settings.Providers[name].Key
	switch {
	case a.settings.Sandbox && !own.AtHand():
		return config.Key{}, nil
	case own.Err != nil:
		return own, own.Err
	case own.AtHand():
		return own, nil
	}
	return keys.find(ctx, name, own, base)
}

// find fetches a key that is not at hand. Failures are kept as well, so that a
// command that hangs does so once; a fetch that was interrupted is not.
func (k *keychain) find(ctx context.Context, name string, own config.Key, base string) (config.Key, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return config.Key{}, keyFault(name, own.From, context.Cause(ctx), "")
	}
	if kept, ok := k.fetched[name]; ok {
		return kept.key, kept.err
	}
	key, err := k.fetch(ctx, name, own, base)
	if ctx.Err() == nil {
		k.fetched[name] = fetchedKey{key, err}
	}
	return key, err
}

func (k *keychain) fetch(ctx context.Context, name string, own config.Key, base string) (config.Key, error) {
	switch {
	case own.Command != "":
		text, err := k.run(ctx, own.Command)
		if err != nil {
			return config.Key{}, keyFault(name, own.From, err, "run that command by hand, and see to what it says")
		}
		key := config.BearerKey(text, own.From)
		return key, key.Err
	case own.Login != "":
		return k.login(ctx, name, own, base)
	case own.Ring:
		key, err := k.rung(ctx, name, base)
		if _, told := errors.AsType[*fault.Error](err); told || ctx.Err() != nil {
			return key, err
		}
		if err != nil && !errors.Is(err, keyring.ErrNotKept) {
			k.deaf = err // holds no key, then
		}
		return key, nil
	}
	return config.Key{}, nil
}

// login reads what auth login left: the key, or a note that the keyring has it.
func (k *keychain) login(ctx context.Context, name string, own config.Key, base string) (config.Key, error) {
	text, err := k.files.Get(name)
	if err != nil {
		return config.Key{}, keyFault(name, own.Login, err, loginAgain(name))
	}
	entry, err := keyring.Decode(text)
	switch {
	case err != nil:
		return config.Key{}, keyFault(name, own.Login, err, loginAgain(name))
	case !entry.Note():
		return opened(name, entry, own.Login, base)
	case !own.Ring:
		return config.Key{}, keyFault(name, inKeyring, keyring.ErrOff, "set keyring to true, or "+loginAgain(name)+" --file")
	}
	key, err := k.rung(ctx, name, base)
	if _, told := errors.AsType[*fault.Error](err); err != nil && !told {
		err = keyFault(name, inKeyring, err, loginAgain(name)+", or put the key into the environment")
	}
	return key, err
}

// rung asks the keyring. A fault says that the keyring has a key which cannot
// be used; any other error that it has none, or cannot be asked.
func (k *keychain) rung(ctx context.Context, name, base string) (config.Key, error) {
	text, err := k.ring.Get(ctx, name)
	if err != nil {
		return config.Key{}, err
	}
	entry, err := keyring.Decode(text)
	if err != nil || entry.Note() {
		return config.Key{}, keyFault(name, inKeyring, errNoEntry, loginAgain(name))
	}
	return opened(name, entry, inKeyring, base)
}

// inKeyring names the place for people.
const inKeyring = "the keyring of the system"

var (
	errNoEntry     = errors.New("what is kept there is no key of klingctl's")
	errOtherOrigin = errors.New("a key that was logged in goes to no other address")
)

// opened is the key of an entry, if it may go to an address.
func opened(name string, entry keyring.Entry, from, base string) (config.Key, error) {
	mine, mineErr := url.Parse(entry.Origin)
	asked, askedErr := url.Parse(base)
	if mineErr != nil || askedErr != nil || !provider.SameOrigin(mine, asked) {
		return config.Key{}, &fault.Error{
			Kind: fault.Auth, Op: "talk to", Subject: name, Charged: fault.NotCharged,
			Detail: "the key in " + from + " was logged in for " + fault.SafeText(entry.Origin) + ", and providers." + name + ".base_url is at " + originOf(base),
			Hint:   "set that back, or log in for the new address: " + loginAgain(name), Err: errOtherOrigin,
		}
	}
	key := config.BearerKey(entry.Bearer.Reveal(), from)
	if !entry.Access.Empty() {
		key = config.PairKey(entry.Access.Reveal(), entry.Secret.Reveal(), from)
	}
	return key, key.Err
}

// originOf is the scheme and host of a base URL, without anything else that
// stands in it; "" for what is none.
func originOf(base string) string {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" {
		return ""
	}
	return strings.ToLower(parsed.Scheme + "://" + parsed.Host)
}

func keyFault(name, from string, err error, hint string) error {
	return &fault.Error{
		Kind: fault.Auth, Op: "get the key of " + name + " from", Subject: from,
		Charged: fault.NotCharged, Hint: hint, Err: err,
	}
}

func loginAgain(name string) string { return "klingctl auth login --provider " + name }
