// Package all is the visible list of the dialects.
//
// It knows their names and how to make each. It must not know anything about
// what they say.
package all

import (
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/aimlapi"
	"github.com/klingctl/klingctl/internal/dialect/apixo"
	"github.com/klingctl/klingctl/internal/dialect/createtask"
	"github.com/klingctl/klingctl/internal/dialect/klingapi"
)

// Names lists the dialects as providers.yaml names them.
func Names() []string { return []string{"createtask", "aimlapi", "apixo", "klingapi"} }

// New makes the dialect with a name. An unknown name gives an error that lists
// the known ones.
func New(name string, variant dialect.Variant) (dialect.Dialect, error) {
	switch name {
	case "createtask":
		return createtask.New(variant), nil
	case "aimlapi":
		return aimlapi.New(variant), nil
	case "apixo":
		return apixo.New(variant), nil
	case "klingapi":
		return klingapi.New(variant), nil
	default:
		return nil, fmt.Errorf("there is no dialect %q; known are %s", name, strings.Join(Names(), ", "))
	}
}
