package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
)

// logoutOptions are the flags of auth logout.
type logoutOptions struct{ provider string }

func newAuthLogout(app *app) *cobra.Command {
	o := &logoutOptions{}
	return providerVerb(&cobra.Command{
		Use:   "logout",
		Short: "Forget a provider's key",
		Long: `Delete the key that "auth login" kept for a provider, from the keyring of the
system or from its file. Keys in the environment and in the user file are yours
to take away; that one of them stays is said. The key stays good at the
provider, where it can be revoked.`,
		Example: "  klingctl auth logout --provider kie",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.logout(cmd.Context(), o) },
	}, &o.provider, "forget the key of this `name`")
}

func (a *app) logout(ctx context.Context, o *logoutOptions) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	if _, err := a.config(); err != nil {
		return err
	}
	of, err := a.account(o.provider)
	if err != nil {
		return err
	}
	forgot, err := a.keychain().forget(ctx, of.name, a.settings.Providers[of.name].Key)
	if err != nil {
		return &fault.Error{
			Kind: fault.Local, Op: "forget the key of", Subject: of.name, Charged: fault.NotCharged, Err: err,
			Hint: "run this again in a session whose keyring works, or revoke the key at the provider",
		}
	}
	told := "no key of " + of.name + " was kept"
	if forgot {
		told = "the key of " + of.name + " is forgotten"
	}
	a.term().Notice(told)
	if warning := a.stronger(of.name); warning != "" {
		a.term().Notice("warning: " + warning)
	}
	if a.global.json {
		return a.printJSON(loggedOut(of.name, originOf(of.base)))
	}
	return nil
}
