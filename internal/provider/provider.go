// Package provider is the portable client: one exchange with one provider,
// from a checked request to a snapshot or a named fault.
//
// It knows how a call is encoded, authorized, sent, read and decoded through a
// dialect, when it may be sent again, and that a create goes out at most once
// on the wire. It must not know any vendor (that is the dialect's), the ledger,
// or what comes after an exchange (that is the job's).
package provider

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// Settings are everything that an exchange with a provider depends on, apart
// from its key. A job keeps them, so that a later change of the configuration
// never sends its task id to another backend.
type Settings struct {
	// Name is the configured name, Title what people call it.
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	// Dialect names the codec, such as "createtask".
	Dialect string `json:"dialect"`
	// BaseURL may carry a path prefix, which is kept.
	BaseURL string `json:"base_url"`
	// PathPrefix, RepeatInMetadata and Billing are the dialect's variant.
	PathPrefix       string `json:"path_prefix,omitempty"`
	RepeatInMetadata bool   `json:"repeat_in_metadata,omitempty"`
	Billing          string `json:"billing,omitempty"`
	// Lookup says whether a task can be found by our external id: "yes",
	// "no" or "unverified".
	Lookup string `json:"lookup,omitempty"`
	// List says in the same words whether tasks can be listed; "" is what
	// Lookup says, as in jobs of earlier versions.
	List string `json:"list,omitempty"`
	// Console is where a person can look at tasks.
	Console string `json:"console,omitempty"`
	// ResultLifetime is how long result links live, 0 when unsaid.
	ResultLifetime time.Duration `json:"result_lifetime,omitempty"`
	// AllowHTTP permits plain http to other hosts than loopback.
	AllowHTTP bool `json:"allow_http,omitempty"`
	// Poll bounds the looks at a running task.
	Poll Poll `json:"poll,omitzero"`
}

// Lists reports whether the provider is known to list tasks.
func (s Settings) Lists() bool { return cmp.Or(s.List, s.Lookup) == "yes" }

// Poll bounds how often a running task is looked at.
type Poll struct {
	// First is the pause before the first look, Min and Max bound the
	// pauses after it, GiveUp is the age at which a task is not expected to
	// finish any more.
	First  time.Duration `json:"first,omitempty"`
	Min    time.Duration `json:"min,omitempty"`
	Max    time.Duration `json:"max,omitempty"`
	GiveUp time.Duration `json:"give_up,omitempty"`
}

// Wiring is what a client is made with beside its settings.
type Wiring struct {
	// Speak finds the dialect of a name.
	Speak func(name string, variant dialect.Variant) (dialect.Dialect, error)
	// Credential is the provider's key. It is sent to Origin and nowhere
	// else.
	Credential dialect.Credential
	// Origin is the base URL that the key was configured for.
	Origin string
	// Creates carries creates; it must not send anything twice. Reads
	// carries everything else.
	Creates, Reads http.RoundTripper
	// Budget is shared by all clients of the process.
	Budget *Budget
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Idle is how long an exchange may make no progress; 0 means a minute.
	Idle time.Duration
	// Notice is told in words when an exchange is about to be repeated; nil
	// means nobody is.
	Notice func(text string)
}

// Client exchanges with one provider. It is safe for concurrent use.
type Client struct {
	settings Settings
	wiring   Wiring
	dialect  dialect.Dialect
	base     *url.URL
}

var (
	errNoBase   = errors.New("no base URL is configured")
	errBadBase  = errors.New("the base URL is not an absolute http or https URL without user, query and fragment")
	errPlain    = errors.New("the base URL is plain http to another machine")
	errNotBound = errors.New("the key was configured for another origin")
)

// New makes a client. It fails with a usage fault for settings that cannot be
// used, before anything is sent.
func New(settings Settings, wiring Wiring) (*Client, error) {
	spoken, err := wiring.Speak(settings.Dialect, dialect.Variant{
		PathPrefix: settings.PathPrefix, RepeatInMetadata: settings.RepeatInMetadata, Billing: settings.Billing,
	})
	if err != nil {
		return nil, usage(settings.Name, err, "set providers."+settings.Name+".dialect")
	}
	base, err := ParseBase(settings.BaseURL, settings.AllowHTTP)
	if err != nil {
		return nil, usage(settings.Name, err, "set providers."+settings.Name+".base_url (with allow_http: true for plain http)")
	}
	if wiring.Now == nil {
		wiring.Now = time.Now
	}
	if wiring.Idle <= 0 {
		wiring.Idle = time.Minute
	}
	if wiring.Budget == nil {
		wiring.Budget = NewBudget()
	}
	if wiring.Notice == nil {
		wiring.Notice = func(string) {}
	}
	return &Client{settings: settings, wiring: wiring, dialect: spoken, base: base}, nil
}

// Settings returns what the client was made with.
func (c *Client) Settings() Settings { return c.settings }

// Dialect returns the codec, for facts about it.
func (c *Client) Dialect() dialect.Dialect { return c.dialect }

// ParseBase checks a base URL.
func ParseBase(text string, allowHTTP bool) (*url.URL, error) {
	if text == "" {
		return nil, errNoBase
	}
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		base.Scheme != "http" && base.Scheme != "https" {
		return nil, errBadBase
	}
	if base.Scheme == "http" && !allowHTTP && !loopback(base.Hostname()) {
		return nil, errPlain
	}
	return base, nil
}

// SameOrigin reports whether two URLs have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// bound checks that the key may go to the client's base URL.
func (c *Client) bound() error {
	if c.wiring.Origin == "" {
		return nil
	}
	origin, err := url.Parse(c.wiring.Origin)
	if err != nil || !SameOrigin(origin, c.base) {
		return &fault.Error{
			Kind: fault.Auth, Op: "talk to", Subject: c.settings.Name, Charged: fault.NotCharged,
			Detail: fmt.Sprintf("the request goes to %s, the key is for %s", c.base.Host, hostOf(origin)),
			Hint:   "set providers." + c.settings.Name + ".base_url back, or configure that endpoint under a name of its own",
			Err:    errNotBound,
		}
	}
	return nil
}

func hostOf(u *url.URL) string {
	if u == nil || u.Host == "" {
		return "another endpoint"
	}
	return u.Host
}

func usage(name string, err error, hint string) error {
	return &fault.Error{Kind: fault.Usage, Op: "set up provider", Subject: name, Hint: hint, Err: err}
}
