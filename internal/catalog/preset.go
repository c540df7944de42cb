package catalog

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/kling"
)

// Preset is what is known of a provider before anybody configures it.
type Preset struct {
	// Name is the configured name, [a-z][a-z0-9-]*.
	Name string
	// Like names a preset whose offers, and whatever is not set here, this
	// one takes over; "" for the built-in ones.
	Like string
	// Title is the name for people.
	Title string
	// Dialect names the shape of its exchanges: createtask, aimlapi, apixo
	// or klingapi.
	Dialect string
	// BaseURL is the API's root, perhaps with a path prefix; "" when the
	// user must say it.
	BaseURL string
	// Console is where a person can look at tasks or keys.
	Console string
	// Keys names the environment variables that may hold credentials.
	Keys Keys
	// Limits is the documented pace.
	Limits Limits
	// Poll bounds the schedule of looking.
	Poll Poll
	// ResultLifetime is how long a result link lives; 0 when not stated.
	ResultLifetime time.Duration
	// Upload tells how a local image becomes reachable there.
	Upload Upload
	// Lookup and List are "yes", "no" or "unverified": can a task be found by
	// our own id, and can tasks be listed.
	Lookup, List string
	// Variant holds what differs between users of one dialect.
	Variant Variant
}

// Keys names environment variables, without the KLINGCTL_ form.
type Keys struct {
	// Env are variables with a bearer key, in order.
	Env []string
	// Pair are the variables of an access key and a secret key, or empty.
	Pair []string
}

// Limits is a rate of creates and a number of jobs in flight; 0 means unknown.
type Limits struct {
	RateCount int
	RatePer   time.Duration
	InFlight  int
}

// Poll bounds the looks at a running job.
type Poll struct{ First, Min, Max, GiveUp time.Duration }

// Upload tells how local images get a URL: Method is "none" or "kie".
type Upload struct{ Method, BaseURL string }

// Variant is what differs between providers of one dialect.
type Variant struct {
	// PathPrefix stands before /v1 in the path.
	PathPrefix string
	// RepeatInMetadata sends the input a second time inside "metadata".
	RepeatInMetadata bool
	// Billing says whose way of telling a balance it has: "kling", "newapi",
	// or "" where none is documented. It matters to klingapi only.
	Billing string
}

// presetFile is providers.yaml as written.
type presetFile struct {
	Providers map[string]struct {
		Title   string `yaml:"title"`
		Dialect string `yaml:"dialect"`
		BaseURL string `yaml:"base_url"`
		Console string `yaml:"console"`
		Keys    struct {
			Env  []string `yaml:"env"`
			Pair []string `yaml:"pair"`
		} `yaml:"keys"`
		Limits struct {
			Rate struct {
				Count int           `yaml:"count"`
				Per   time.Duration `yaml:"per"`
			} `yaml:"rate"`
			InFlight int `yaml:"in_flight"`
		} `yaml:"limits"`
		Poll struct {
			First  time.Duration `yaml:"first"`
			Min    time.Duration `yaml:"min"`
			Max    time.Duration `yaml:"max"`
			GiveUp time.Duration `yaml:"give_up"`
		} `yaml:"poll"`
		ResultLifetime time.Duration `yaml:"result_lifetime"`
		Upload         struct {
			Method  string `yaml:"method"`
			BaseURL string `yaml:"base_url"`
		} `yaml:"upload"`
		Lookup  string `yaml:"lookup"`
		List    string `yaml:"list"`
		Variant struct {
			PathPrefix       string `yaml:"path_prefix"`
			RepeatInMetadata bool   `yaml:"repeat_in_metadata"`
			Billing          string `yaml:"billing"`
		} `yaml:"variant"`
	} `yaml:"providers"`
}

// readPresets reads providers.yaml; the result is sorted by name.
func readPresets(source fs.FS) ([]Preset, error) {
	text, err := fs.ReadFile(source, "providers.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the provider presets: %w", err)
	}
	var file presetFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("read the provider presets: %w", err)
	}
	presets := make([]Preset, 0, len(file.Providers))
	for name, p := range file.Providers {
		if !kling.ValidProvider(name) {
			return nil, fmt.Errorf("read the provider presets: %q is no name for a provider", name)
		}
		presets = append(presets, Preset{
			Name: name, Title: p.Title, Dialect: p.Dialect, BaseURL: p.BaseURL, Console: p.Console,
			Keys:           Keys{Env: p.Keys.Env, Pair: p.Keys.Pair},
			Limits:         Limits{RateCount: p.Limits.Rate.Count, RatePer: p.Limits.Rate.Per, InFlight: p.Limits.InFlight},
			Poll:           Poll{First: p.Poll.First, Min: p.Poll.Min, Max: p.Poll.Max, GiveUp: p.Poll.GiveUp},
			ResultLifetime: p.ResultLifetime,
			Upload:         Upload{Method: p.Upload.Method, BaseURL: p.Upload.BaseURL},
			Lookup:         p.Lookup, List: p.List,
			Variant: Variant{
				PathPrefix: p.Variant.PathPrefix, RepeatInMetadata: p.Variant.RepeatInMetadata, Billing: p.Variant.Billing,
			},
		})
	}
	slices.SortFunc(presets, func(a, b Preset) int { return cmp.Compare(a.Name, b.Name) })
	return presets, nil
}

// under fills what p leaves open from base. Address and credentials are never
// taken over: a key must not reach a host that it was not given for.
func (p Preset) under(base Preset) Preset {
	p.Title = cmp.Or(p.Title, p.Name)
	p.Dialect = cmp.Or(p.Dialect, base.Dialect)
	p.Limits = cmp.Or(p.Limits, base.Limits)
	p.Poll = cmp.Or(p.Poll, base.Poll)
	p.ResultLifetime = cmp.Or(p.ResultLifetime, base.ResultLifetime)
	p.Upload.Method = cmp.Or(p.Upload.Method, "none")
	p.Lookup = cmp.Or(p.Lookup, "unverified")
	p.List = cmp.Or(p.List, "no")
	p.Variant = cmp.Or(p.Variant, base.Variant)
	return p
}
