package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
)

// checkURLs looks at images that are given by address and holds what their
// servers say against the model's limits. In the sandbox, which has no
// network, there is nothing to look at.
func (a *app) checkURLs(ctx context.Context, prepared *catalog.Prepared) error {
	wires, err := a.connect()
	if err != nil || wires.sandbox != nil {
		return err
	}
	settings, err := a.providerSettings(prepared.Model.Provider)
	if err != nil {
		return err
	}
	fetcher := a.fetcher(wires, settings)
	defer fetcher.Close()
	var problems []string
	for _, slot := range prepared.Slots {
		if !slot.URL {
			continue
		}
		found, err := fetcher.Peek(ctx, slot.Source)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", slot.Property, err))
			continue
		}
		for _, message := range slot.CheckRemote(found.Type, found.Bytes) {
			problems = append(problems, fmt.Sprintf("%s: the file behind the address %s", slot.Property, message))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Usage, Op: "check the addresses for", Subject: prepared.Model.Model, Charged: fault.NotCharged,
		Detail: strings.Join(problems, "; "), Hint: "give an address that anybody can fetch, or leave out --check-url",
	}
}
