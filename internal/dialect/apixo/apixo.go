// Package apixo speaks APIXO's task API: POST /api/v1/generateTask/{slug} and
// GET /api/v1/statusTask/{slug}.
//
// It knows its fields, state words and codes, as documented at apixo.ai/docs in
// 2026. It must not know the network, keys beyond the header they go into, or
// which models there are.
//
// The model's slug is part of both paths, so a reference without it is of no
// use.
package apixo

import (
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

// codec is the dialect; it has no state.
type codec struct{}

// New makes the dialect. It has no variants.
func New(dialect.Variant) dialect.Dialect { return codec{} }

// Name implements dialect.Dialect.
func (codec) Name() string { return "apixo" }

// Traits implements dialect.Dialect. There is no id of ours and no list.
func (codec) Traits() dialect.Traits {
	return dialect.Traits{CallsBack: true, NeedsPath: true, Accounts: true}
}

// Authorize implements dialect.Dialect with a bearer key.
func (codec) Authorize(call *dialect.Call, credential dialect.Credential, _ time.Time) error {
	return dialect.AuthorizeBearer(call, credential)
}
