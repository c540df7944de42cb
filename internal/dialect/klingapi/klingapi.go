// Package klingapi speaks Kling's own task API, as Kling and the gateways in
// front of it (PowerTokens, CometAPI, new-api and its shops) offer it:
// /[prefix/]v1/videos/{kind}.
//
// It knows that API's paths, fields, status words and error codes, and the
// shapes in which gateways answer instead. It must not know the network, the
// clock, hosts, or which gateway it talks to: every shape is told by what
// stands in the answer, because operators change their software under the same
// address.
package klingapi

import (
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
)

// codec is the dialect. It holds the variant and nothing else. Its account is
// told by packs and quota, which are a codec each.
type codec struct{ variant dialect.Variant }

var (
	_ dialect.Dialect        = codec{}
	_ dialect.Finder         = codec{}
	_ dialect.Lister         = codec{}
	_ dialect.CallbackReader = codec{}
)

// New gives the dialect. Variant.PathPrefix stands before /v1/videos,
// Variant.RepeatInMetadata serves builds of new-api that keep only what is
// inside "metadata", or only what is outside, and Variant.Billing decides
// whether and how a balance can be asked for.
func New(variant dialect.Variant) dialect.Dialect {
	c := codec{variant: variant}
	switch variant.Billing {
	case "kling":
		return packs{c}
	case "newapi":
		return quota{c}
	default:
		return c
	}
}

// Name is "klingapi".
func (codec) Name() string { return "klingapi" }

// Traits say that tasks are found by our own id, listed and called back. Not
// every gateway carries the find and the list through; that is a fact of the
// provider.
func (codec) Traits() dialect.Traits {
	return dialect.Traits{ExternalID: "external_task_id", Finds: true, Lists: true, CallsBack: true, NeedsPath: true}
}

// path is the escaped path of a kind of task, and of one task below it.
func (c codec) path(elements ...string) string {
	prefix := c.variant.PathPrefix
	if prefix != "" && !strings.HasPrefix(prefix, "/") {
		prefix = "/" + prefix
	}
	return dialect.Path(prefix, append([]string{"v1", "videos"}, elements...)...)
}
