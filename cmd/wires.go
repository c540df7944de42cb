package cmd

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/transport"
)

// wires is what carries requests: the network, or the sandbox in-process.
type wires struct {
	creates, reads http.RoundTripper
	sandbox        *sandbox.Server
	budget         *provider.Budget
	keys           *keychain
	// hosts are the places that host images, one a place, so that equal
	// images meet there.
	hostsLock sync.Mutex
	hosts     map[string]job.Hoster
}

// sandboxHost is the host of the emulator's own links and upload API.
const sandboxHost = "https://sandbox.invalid"

// sandboxPace is the pause between looks at the emulator.
const sandboxPace = 500 * time.Millisecond

// connect makes the wires, once.
func (a *app) connect() (*wires, error) {
	if a.wires != nil {
		return a.wires, nil
	}
	settings, err := a.config()
	if err != nil {
		return nil, err
	}
	agent := "klingctl/" + a.process.Version
	made := &wires{budget: provider.NewBudget(), keys: a.keychain(), hosts: map[string]job.Hoster{}}
	if settings.Sandbox {
		if made.sandbox, err = a.emulator(); err != nil {
			return nil, err
		}
		made.creates, made.reads = made.sandbox.Transport(), made.sandbox.Transport()
	} else {
		made.creates = transport.UserAgent(transport.NewCreate(transport.BaseOptions{}), agent)
		made.reads = transport.UserAgent(transport.NewBase(transport.BaseOptions{}), agent)
	}
	a.wires = made
	return made, nil
}

// emulator opens the sandbox's state folder.
func (a *app) emulator() (*sandbox.Server, error) {
	settings, err := a.config()
	if err != nil {
		return nil, err
	}
	folder, err := a.emulatorFolder()
	if err != nil {
		return nil, err
	}
	server, err := sandbox.New(sandbox.Options{Dir: folder, GenerationTime: settings.SandboxTime, Now: a.process.Now})
	if err != nil {
		return nil, &fault.Error{Kind: fault.Local, Op: "open the sandbox in", Subject: folder, Charged: fault.NotCharged, Err: err}
	}
	return server, nil
}

// emulatorFolder is where the emulator keeps its jobs.
func (a *app) emulatorFolder() (string, error) {
	folder, err := a.stateFolder()
	if err != nil {
		return "", err
	}
	if !a.settings.Sandbox {
		folder = filepath.Join(folder, "sandbox")
	}
	return filepath.Join(folder, "emulator"), nil
}

// service makes the life of jobs out of all the rooms below.
func (a *app) service(ctx context.Context) (*job.Service, error) {
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	store, err := a.ledger(ctx)
	if err != nil {
		return nil, err
	}
	wires, err := a.connect()
	if err != nil {
		return nil, err
	}
	return &job.Service{
		Ledger: store, Now: a.process.Now, Random: rand.Reader, Observe: a.observe,
		Connect:      func(settings provider.Settings) (*provider.Client, error) { return a.clientFor(ctx, wires, settings) },
		Fetcher:      oneEach(func(settings provider.Settings) *fetch.Fetcher { return a.fetcher(wires, settings) }),
		Hoster:       func(settings provider.Settings) job.Hoster { return a.hoster(ctx, wires, settings) },
		DeleteHosted: a.settings.Upload.DeleteAfter,
		Expect:       func(j kling.Job) catalog.Span { return a.expect(offers, j) },
	}, nil
}

// speak finds a dialect by name.
func speak(name string, variant dialect.Variant) (dialect.Dialect, error) {
	return all.New(name, variant)
}

// clientFor connects settings with the key that is configured for them, which
// may have to be fetched.
func (a *app) clientFor(ctx context.Context, wires *wires, settings provider.Settings) (*provider.Client, error) {
	var origin string
	if !a.settings.Sandbox {
		current, err := a.providerSettings(settings.Name)
		if err != nil {
			return nil, err
		}
		if origin = current.BaseURL; origin == "" {
			return nil, usageFault("talk to "+settings.Name, "no address is configured for it, so nothing says where its key may go",
				"set providers."+settings.Name+".base_url")
		}
	}
	key, err := a.key(ctx, wires.keys, settings.Name, origin)
	if err != nil {
		return nil, err
	}
	wiring := provider.Wiring{
		Speak: speak, Creates: wires.creates, Reads: wires.reads, Budget: wires.budget, Now: a.process.Now,
		Credential: dialect.Credential{Key: key.Bearer, AccessKey: key.Access, SecretKey: key.Secret}, Origin: origin,
		Notice: func(text string) { a.notice(text) },
	}
	if wiring.Credential.Empty() {
		if !a.settings.Sandbox {
			return nil, a.noKey(settings.Name)
		}
		wiring.Credential.Key = secret.New("sandbox-key")
	}
	return provider.New(settings, wiring)
}

// noKey says how to give a provider its key.
func (a *app) noKey(name string) error {
	return &fault.Error{
		Kind: fault.Auth, Op: "talk to", Subject: name, Charged: fault.NotCharged, Detail: "no key is configured for it",
		Hint: "put the key into " + strings.Join(a.keyNames(name), " or ") + ", or try it with --sandbox; to keep a key: " + loginAgain(name),
	}
}

// providerSettings settles one provider: its preset with what is configured
// over it. In the sandbox the preset's own address counts, which chooses whom
// the emulator plays.
func (a *app) providerSettings(name string) (provider.Settings, error) {
	offers, err := a.catalog()
	if err != nil {
		return provider.Settings{}, err
	}
	preset, ok := offers.Preset(name)
	if !ok {
		var names []string
		for _, known := range offers.Presets() {
			names = append(names, known.Name)
		}
		return provider.Settings{}, usageFault("choose a provider", "there is no provider \""+fault.SafeText(name)+"\"; known are "+strings.Join(names, ", "), "klingctl models")
	}
	return settle(preset, a.settings.Providers[name], a.settings.Sandbox), nil
}

func settle(preset catalog.Preset, own config.Provider, emulated bool) provider.Settings {
	base := cmp.Or(own.BaseURL, preset.BaseURL)
	if emulated {
		base = cmp.Or(preset.BaseURL, "https://"+preset.Name+".sandbox.invalid")
	}
	return provider.Settings{
		Name: preset.Name, Title: cmp.Or(own.Title, preset.Title), Dialect: cmp.Or(own.Dialect, preset.Dialect),
		BaseURL: base, PathPrefix: preset.Variant.PathPrefix, RepeatInMetadata: preset.Variant.RepeatInMetadata,
		Lookup: cmp.Or(own.Lookup, preset.Lookup), List: preset.List, Console: cmp.Or(own.Console, preset.Console),
		ResultLifetime: preset.ResultLifetime, AllowHTTP: own.AllowHTTP, Billing: preset.Variant.Billing,
		Poll: pollOf(preset, own, emulated),
	}
}

// pollOf lets the configuration bound the schedule; the sandbox answers at
// once and may be asked often.
func pollOf(preset catalog.Preset, own config.Provider, emulated bool) provider.Poll {
	if emulated {
		return provider.Poll{First: sandboxPace, Min: sandboxPace, Max: sandboxPace, GiveUp: preset.Poll.GiveUp}
	}
	return provider.Poll{
		First: cmp.Or(own.PollFirst, preset.Poll.First), Min: cmp.Or(own.PollMin, preset.Poll.Min),
		Max: cmp.Or(own.PollMax, preset.Poll.Max), GiveUp: preset.Poll.GiveUp,
	}
}

// fetcher downloads results. Where the API is on this machine or in a private
// network, results may be there too.
func (a *app) fetcher(wires *wires, settings provider.Settings) *fetch.Fetcher {
	options := fetch.Options{
		AllowHTTP: settings.AllowHTTP, AllowPrivate: privateHost(settings.BaseURL),
		Agent: "klingctl/" + a.process.Version, Now: a.process.Now,
	}
	if wires.sandbox != nil {
		options.Transport = wires.reads
	}
	return fetch.New(options)
}

// oneEach makes one Fetcher for all files of a provider: thousands of them would
// each keep a connection and a buffer of their own.
func oneEach(build func(provider.Settings) *fetch.Fetcher) func(provider.Settings) *fetch.Fetcher {
	type origin struct {
		name, base string
		allowHTTP  bool
	}
	var mu sync.Mutex
	built := map[origin]*fetch.Fetcher{}
	return func(settings provider.Settings) *fetch.Fetcher {
		mu.Lock()
		defer mu.Unlock()
		at := origin{settings.Name, settings.BaseURL, settings.AllowHTTP}
		if built[at] == nil {
			built[at] = build(settings)
		}
		return built[at]
	}
}

func privateHost(base string) bool {
	parsed, err := url.Parse(base)
	return err == nil && transport.PrivateHost(parsed.Hostname())
}

// expect is the usual time of a job's model by the catalog; the sandbox has a
// time of its own.
func (a *app) expect(offers *catalog.Catalog, j kling.Job) catalog.Span {
	if a.settings.Sandbox {
		return catalog.Span{Low: a.settings.SandboxTime, High: a.settings.SandboxTime + time.Second}
	}
	for _, offer := range offers.Offers() {
		if offer.Provider == j.Ref.Provider && offer.Model == j.Model && offer.Kind == j.Kind {
			return offer.Expect[strconv.Itoa(j.Seconds)]
		}
	}
	return catalog.Span{}
}
