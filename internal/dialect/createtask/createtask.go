// Package createtask speaks the task API of KIE.AI and of Apikley, which
// republishes it: POST /api/v1/jobs/createTask and GET /api/v1/jobs/recordInfo.
//
// It knows their fields, state words and codes, as documented at docs.kie.ai
// and docs.apikley.ru in 2026. It must not know the network, keys beyond the
// header they go into, or which models there are.
//
// Two things of this vendor shape the code: the code inside the body wins over
// the HTTP status, and the code 500 stands for a broken server as well as for
// an input that was refused.
package createtask

import (
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

// codec is the dialect; it has no state.
type codec struct{}

// New makes the dialect. It has no variants.
func New(dialect.Variant) dialect.Dialect { return codec{} }

// Name implements dialect.Dialect.
func (codec) Name() string { return "createtask" }

// Traits implements dialect.Dialect. There is no id of ours and no list.
func (codec) Traits() dialect.Traits { return dialect.Traits{CallsBack: true, Accounts: true} }

// Authorize implements dialect.Dialect with a bearer key.
func (codec) Authorize(call *dialect.Call, credential dialect.Credential, _ time.Time) error {
	return dialect.AuthorizeBearer(call, credential)
}
