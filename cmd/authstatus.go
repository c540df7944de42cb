package cmd

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/view"
)

// authStatusOptions are the flags of auth status.
type authStatusOptions struct {
	provider string
	check    bool
}

func newAuthStatus(app *app) *cobra.Command {
	o := &authStatusOptions{}
	cmd := providerVerb(&cobra.Command{
		Use:   "status",
		Short: "Show where each key comes from",
		Long: `Show for every provider where its key comes from and which address it is for,
never the key. --check asks each provider with a key for its balance, or for a
task that does not exist where no balance is documented: that costs nothing and
shows whether the key works.

The exit code is 4 when a key is refused or cannot be used, or when the one
provider that was named has none.`,
		Example: `  klingctl auth status
  klingctl auth status --check --provider kie
  klingctl auth status --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return app.authStatus(cmd.Context(), o) },
	}, &o.provider, "only this `name`")
	cmd.Flags().BoolVar(&o.check, "check", false, "ask the providers whether the keys work")
	return cmd
}

func (a *app) authStatus(ctx context.Context, o *authStatusOptions) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	names, err := a.accountNames()
	if err != nil {
		return err
	}
	if o.provider != "" {
		names = []string{o.provider}
	}
	keys := a.keychain()
	if o.check {
		wires, err := a.connect()
		if err != nil {
			return err
		}
		keys = wires.keys
	}
	records := make([]view.Auth, 0, len(names))
	codes := make([]int, 0, len(names))
	for _, name := range names {
		of, err := a.account(name)
		if err != nil {
			return err
		}
		record, problem := a.standing(ctx, keys, of, o.check)
		if record.Key == view.KeySet && o.check {
			record.Check, problem = a.check(ctx, name)
		}
		if record.Key == view.KeyNone && o.provider != "" {
			problem = a.faultOf(a.noKey(name))
		}
		code := exitDone
		if problem != nil {
			code = a.codeOf(ctx, problem)
			made := view.NewProblem(problem, kindWord(problem, code), nil)
			record.Error = &made
		}
		records, codes = append(records, record), append(codes, code)
	}
	return a.showAuth(records, codes)
}

// standing says where a key comes from. Without a check no command is run for
// it.
func (a *app) standing(ctx context.Context, keys *keychain, of account, check bool) (view.Auth, *fault.Error) {
	record := view.Auth{SchemaVersion: view.SchemaVersion, Provider: of.name, Key: view.KeyNone, Origin: originOf(of.base)}
	own := a.settings.Providers[of.name].Key
	record.From = own.From
	switch {
	case own.Err != nil:
		record.Key = view.KeyUnusable
		return record, a.faultOf(own.Err)
	case own.AtHand(), own.Command != "" && !check:
		record.Key = view.KeySet
		return record, nil
	}
	key, err := keys.find(ctx, of.name, own, of.base)
	switch {
	case err != nil:
		record.Key = view.KeyUnusable
		return record, a.faultOf(err)
	case !key.Empty():
		record.Key, record.From = view.KeySet, key.From
	case keys.deaf != nil:
		record.KeyringError = keys.deaf.Error()
	}
	return record, nil
}

// showAuth prints the records, what to do about what is wrong, and why the
// keyring was no help.
func (a *app) showAuth(records []view.Auth, codes []int) error {
	var err error
	if a.global.json {
		err = a.printJSON(records)
	} else {
		err = a.print(view.AuthTable(records).Lines(a.process.OutTTY, a.term().Columns())...)
	}
	if err != nil {
		return err
	}
	deaf := ""
	for _, record := range records {
		if record.Error != nil && record.Error.Hint != "" {
			a.term().Notice(record.Provider + ": next: " + record.Error.Hint)
		}
		deaf = cmp.Or(deaf, record.KeyringError)
	}
	if deaf != "" {
		a.term().Notice("no key was looked for in the keyring: " + deaf)
	}
	return endWith(together(codes))
}

// loggedIn is the record of a key that was kept just now.
func loggedIn(name, where, origin string) view.Auth {
	return view.Auth{SchemaVersion: view.SchemaVersion, Provider: name, Key: view.KeySet, From: where, Origin: origin}
}

// loggedOut is the record of a provider whose key was forgotten just now.
func loggedOut(name, origin string) view.Auth {
	return view.Auth{SchemaVersion: view.SchemaVersion, Provider: name, Key: view.KeyNone, Origin: origin}
}
