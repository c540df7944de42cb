// Package dialect describes the shape of an exchange with a provider: what a
// dialect is asked (Request), what it wants sent (Call), what came back
// (Reply), and the interface between them.
//
// A dialect is a pure codec. It knows one vendor's paths, fields, status words
// and error codes. It must not know the network, the environment, the clock,
// files, or the catalog: what it is given was already checked, and times and
// keys come in as arguments. So every vendor seam is tested with golden files
// and needs no mock.
package dialect

import (
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

// Request is a checked order of one video.
type Request struct {
	// Model is the exact id on the wire.
	Model string
	Kind  kling.Kind
	// Endpoint is the path part of the offer: APIXO's slug, Kling's kind of
	// task; empty where the dialect needs none. It becomes Ref.Path.
	Endpoint string
	// Input is the provider's own input object. Values are JSON values with
	// numbers as json.Number; a string that is streamed is a Stream.
	Input map[string]any
	// Envelope holds the fields that stand beside the input object.
	Envelope map[string]any
}

// Dialect is what each vendor's codec does. All methods are pure: the same
// arguments give the same result and arguments are never changed.
//
// Decoding methods return a *fault.Error for every answer that is not a plain
// success. Its Kind and Charged decide what the provider room does; for a
// create, Charged must be MayBeCharged unless the answer proves that no task
// was made.
type Dialect interface {
	// Name is the dialect's name in providers.yaml.
	Name() string
	// Traits are facts about the dialect that callers branch on.
	Traits() Traits
	// Create encodes an order. It MUST carry every field of the request.
	Create(req Request) (Call, error)
	// Created decodes the answer to a create. Without an error the
	// snapshot has a task.
	Created(reply Reply) (kling.Snapshot, error)
	// Look encodes the question how a task stands.
	Look(ref kling.Ref) (Call, error)
	// Looked decodes the answer to a look. An unknown state word means
	// Running with Recognised false.
	Looked(reply Reply) (kling.Snapshot, error)
	// Authorize puts the credential into headers of the call, and nowhere
	// else.
	Authorize(call *Call, credential Credential, now time.Time) error
}

// Traits are facts about a dialect, true exactly when the optional interface
// beside them is implemented.
type Traits struct {
	// ExternalID is the input field for an id of ours, "" when there is
	// none. It says nothing about whether a task can be found by it.
	ExternalID string
	// Finds: the dialect is a Finder.
	Finds bool
	// Lists: the dialect is a Lister.
	Lists bool
	// CallsBack: the dialect is a CallbackReader.
	CallsBack bool
	// Accounts: the dialect is an Accountant.
	Accounts bool
	// NeedsPath: a reference is of no use without its path part.
	NeedsPath bool
}

// Finder is a dialect that can ask for a task by our own id.
type Finder interface {
	// Find encodes the question for the task with an external id; path is
	// the reference's path part. The answer is decoded with Looked.
	Find(path, externalID string) (Call, error)
}

// Lister is a dialect that answers for many tasks in one exchange.
type Lister interface {
	// List encodes the question for a page of tasks, newest first; pages
	// count from 1.
	List(path string, page, size int) (Call, error)
	// Listed decodes the answer.
	Listed(reply Reply) ([]kling.Snapshot, error)
}

// CallbackReader is a dialect whose provider calls back.
type CallbackReader interface {
	// Callback decodes the body that the provider posts. What it says is a
	// rumour: the task is read again before anything is believed.
	Callback(body []byte) (kling.Snapshot, error)
}

// Credential is what a provider knows its customer by: a key, or a pair that
// is signed into short-lived tokens.
type Credential struct {
	Key                  secret.Text
	AccessKey, SecretKey secret.Text
}

// Pair reports whether the credential is a pair to be signed.
func (c Credential) Pair() bool { return c.Key.Empty() && !c.AccessKey.Empty() }

// Empty reports whether there is no credential at all.
func (c Credential) Empty() bool { return c.Key.Empty() && c.AccessKey.Empty() }

// Variant holds the named quirks of a provider within its dialect. They are
// data in providers.yaml.
type Variant struct {
	// PathPrefix stands before every path of the task API, such as "/kling"
	// at gateways.
	PathPrefix string
	// RepeatInMetadata sends the body a second time inside "metadata" and
	// the model under both of its names.
	RepeatInMetadata bool
	// Billing says whose way of telling a balance the provider has: "kling"
	// for Kling's own resource packs, "newapi" for the quota of a new-api
	// token, "" where none is documented. Dialects with one way ignore it.
	Billing string
}
