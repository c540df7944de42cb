package cmd

import (
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/view"
)

// authSample has every key of the records of auth set.
func authSample() sample {
	refused := view.NewProblem(&fault.Error{
		Kind: fault.Auth, Op: "ask the balance of", Subject: "kie", Detail: "You do not have access permissions", Code: "401",
		Hint: "the key came from KIE_API_KEY; replace it",
	}, string(fault.Auth), nil)
	return sample{
		"Keys", "`auth status`: an array, `auth login` and `auth logout`: an object. `key` is set, none or unusable, `check` works, refused or unknown; the key itself is nowhere.",
		[]view.Auth{
			{
				SchemaVersion: view.SchemaVersion, Provider: "kie", Key: view.KeySet, From: "KIE_API_KEY",
				Origin: "https://api.kie.ai", Check: view.CheckRefused, Error: &refused,
			},
			{
				SchemaVersion: view.SchemaVersion, Provider: "kling", Key: view.KeyNone, Origin: "https://api-singapore.klingai.com",
				KeyringError: "this session has no message bus, and so no keyring",
			},
		},
	}
}
