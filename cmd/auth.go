package cmd

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
)

func newAuth(app *app) *cobra.Command {
	g := group("auth", "Keep, check and forget providers' keys",
		`A provider's key comes from the first of these that has one: the environment,
the user file (api_key, api_key_file, api_key_cmd), and what "auth login" kept,
in the keyring of the system or in a file that only you can read. It never
stands on a command line, where other processes and the shell's history would
see it.

A key that was logged in is bound to the address that the provider had then,
and goes nowhere else.`,
		`  klingctl auth login --provider kie
  klingctl auth status --check
  klingctl auth logout --provider kie`,
		newAuthLogin(app), newAuthStatus(app), newAuthLogout(app),
	)
	g.GroupID = groupMore
	return g
}

// account is a provider as its key sees it.
type account struct {
	name string
	// base is the address that the key is for, also in the sandbox.
	base string
	// pair says that the key may be an access key and a secret key.
	pair bool
}

// account finds the provider that a verb of auth names.
func (a *app) account(name string) (account, error) {
	if name == "" {
		return account{}, usageFault("choose a provider", "none is named", "add --provider NAME; klingctl auth status lists them")
	}
	if _, err := a.providerSettings(name); err != nil {
		return account{}, err
	}
	preset, _ := a.merged.Preset(name)
	settings := settle(preset, a.settings.Providers[name], false)
	like, _ := a.merged.Preset(preset.Like)
	return account{
		name: name, base: settings.BaseURL,
		pair: len(preset.Keys.Pair) == 2 || preset.Dialect == like.Dialect && len(like.Keys.Pair) == 2,
	}, nil
}

// keepable refuses an account without an address: its key would be bound to
// nothing.
func (a *app) keepable(of account) error {
	setting := "providers." + of.name + ".base_url"
	if of.base == "" {
		return usageFault("log in to "+of.name, "no address is configured for it, so nothing says where its key may go", "set "+setting)
	}
	if _, err := provider.ParseBase(of.base, a.settings.Providers[of.name].AllowHTTP); err != nil {
		return &fault.Error{Kind: fault.Usage, Op: "log in to", Subject: of.name, Charged: fault.NotCharged, Hint: "set " + setting, Err: err}
	}
	return nil
}

// providerVerb gives a verb its flag --provider.
func providerVerb(cmd *cobra.Command, into *string, help string) *cobra.Command {
	cmd.Flags().StringVar(into, "provider", "", help)
	return cmd
}

// stronger tells of a key that is found before the one that was logged in.
func (a *app) stronger(name string) string {
	own := a.settings.Providers[name].Key
	if own.Login != "" || own.Empty() && own.Err == nil {
		return ""
	}
	return fmt.Sprintf("%s has a key from %s as well, which is found first", name, own.From)
}

// accountNames are all providers, sorted.
func (a *app) accountNames() ([]string, error) {
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, preset := range offers.Presets() {
		names = append(names, preset.Name)
	}
	slices.Sort(names)
	return names, nil
}
