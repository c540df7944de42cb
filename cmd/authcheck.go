package cmd

import (
	"context"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/view"
)

// nobodysTask is asked for where no balance is documented. No provider gives
// such an id.
const nobodysTask = "klingctl-auth-check"

// check asks a provider whether a key works, by a request that costs nothing.
// The fault says why not, or why nobody can tell.
func (a *app) check(ctx context.Context, name string) (word string, problem *fault.Error) {
	err := a.ping(ctx, name)
	switch problem = a.faultOf(err); {
	case err == nil, problem.Kind == fault.Credit, problem.Kind == fault.NotFound:
		return view.CheckWorks, nil // an answer that a bad key would not get
	case problem.Kind == fault.Auth, problem.Kind == fault.Stale:
		return view.CheckRefused, problem
	}
	return view.CheckUnknown, problem
}

// ping makes the request.
func (a *app) ping(ctx context.Context, name string) error {
	wires, err := a.connect()
	if err != nil {
		return err
	}
	settings, err := a.providerSettings(name)
	if err != nil {
		return err
	}
	client, err := a.clientFor(ctx, wires, settings)
	if err != nil {
		return err
	}
	_, err = client.Balance(ctx)
	if !fault.Is(err, fault.Usage) {
		return err
	}
	_, err = client.Look(ctx, kling.Ref{Provider: name, Path: "image2video", Task: nobodysTask}, provider.Patient)
	return err
}
