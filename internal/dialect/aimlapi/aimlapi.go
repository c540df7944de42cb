// Package aimlapi speaks the Kling endpoint of AI/ML API:
// POST and GET /v2/generate/video/kling/generation.
//
// It knows its fields, state words and error forms, as documented in the
// repository aimlapi/api-docs in 2026. It must not know the network, keys
// beyond the header they go into, or which models there are.
//
// There is no code in the body: the HTTP status carries the class of an error,
// and 403 is what this vendor says when there is no money.
package aimlapi

import (
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

// path is that of creates and looks. The vendor keeps it beside a newer one,
// /v2/video/generations, with the same bodies.
const path = "/v2/generate/video/kling/generation"

// codec is the dialect; it has no state.
type codec struct{}

// New makes the dialect. It has no variants.
func New(dialect.Variant) dialect.Dialect { return codec{} }

// Name implements dialect.Dialect.
func (codec) Name() string { return "aimlapi" }

// Traits implements dialect.Dialect. Tasks cannot be found by the id of ours.
func (codec) Traits() dialect.Traits {
	return dialect.Traits{ExternalID: "external_task_id", Accounts: true}
}

// Authorize implements dialect.Dialect with a bearer key.
func (codec) Authorize(call *dialect.Call, credential dialect.Credential, _ time.Time) error {
	return dialect.AuthorizeBearer(call, credential)
}
