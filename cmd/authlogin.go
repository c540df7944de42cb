package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
)

// loginOptions are the flags of auth login. None is a key.
type loginOptions struct {
	provider string
	file     bool
}

func newAuthLogin(app *app) *cobra.Command {
	o := &loginOptions{}
	cmd := providerVerb(&cobra.Command{
		Use:   "login",
		Short: "Keep a provider's key",
		Long: `Ask for a provider's key and keep it in the keyring of the system. On a terminal
the key is asked for and not shown; else it is one line of standard input. Where
a provider signs with an access key and a secret key, both are asked for, and
the line is ACCESS:SECRET.

The key is bound to the provider's present address: it is sent nowhere else, and
after a change of base_url it takes another login. --file keeps it in a file
that only you can read instead, where there is no keyring.`,
		Example: `  klingctl auth login --provider kie
  pass show kie | klingctl auth login --provider kie
  klingctl auth login --provider kling --file < key.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return app.login(cmd.Context(), o) },
	}, &o.provider, "keep the key of this `name`")
	cmd.Flags().BoolVar(&o.file, "file", false, "keep it in a file instead of the keyring")
	return cmd
}

func (a *app) login(ctx context.Context, o *loginOptions) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	if _, err := a.config(); err != nil {
		return err
	}
	of, err := a.account(o.provider)
	if err == nil {
		err = a.keepable(of)
	}
	if err != nil {
		return err
	}
	entry, err := a.askKey(ctx, of)
	if err != nil {
		return err
	}
	entry.Origin = originOf(of.base)
	keys, own := a.keychain(), a.settings.Providers[of.name].Key
	var where string
	if o.file {
		where, err = keys.keepFile(of.name, entry)
	} else {
		where, err = keys.keepRing(ctx, of.name, own, entry)
	}
	if err != nil {
		return &fault.Error{
			Kind: fault.Local, Op: "keep the key of", Subject: of.name, Charged: fault.NotCharged, Err: err,
			Hint: a.keepHint(of.name, o.file),
		}
	}
	a.term().Notice("the key of " + of.name + " is in " + where + ", for " + entry.Origin + "; to try it: klingctl auth status --check --provider " + of.name)
	if warning := a.stronger(of.name); warning != "" {
		a.term().Notice("warning: " + warning)
	}
	if a.global.json {
		return a.printJSON(loggedIn(of.name, where, entry.Origin))
	}
	return nil
}

// keepHint says where else a key can be kept.
func (a *app) keepHint(name string, file bool) string {
	elsewhere := "put the key into " + a.keyNames(name)[0]
	if file {
		return elsewhere
	}
	return loginAgain(name) + " --file, which keeps it in a file that only you can read, or " + elsewhere
}
