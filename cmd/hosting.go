package cmd

import (
	"cmp"
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/upload"
)

// linkTime is how long a remembered link must live on to be used again, where
// the provider gives no time of its own.
const linkTime = time.Hour

// hoster is what makes local images reachable for a provider; nil when nothing
// is configured to. In the sandbox it is the emulator's own upload API.
func (a *app) hoster(ctx context.Context, wires *wires, settings provider.Settings) job.Hoster {
	if wires.sandbox != nil {
		return a.host(wires, "sandbox", settings, func() (upload.Host, error) {
			return upload.NewKIE(sandboxHost, secret.New("sandbox-key"), wires.reads), nil
		})
	}
	offers, err := a.catalog()
	if err != nil {
		return nil
	}
	preset, _ := offers.Preset(settings.Name)
	own := a.settings.Providers[settings.Name]
	switch cmp.Or(own.UploadMethod, a.settings.Upload.Method, preset.Upload.Method) {
	case upload.MethodKIE:
		return a.host(wires, "kie "+settings.Name, settings, func() (upload.Host, error) { return a.kieHost(ctx, wires, settings.Name) })
	case upload.MethodS3:
		return a.host(wires, "s3", settings, func() (upload.Host, error) { return a.s3Host(wires) })
	}
	return nil
}

// host makes a place once; a place that cannot be made says why when it is
// used.
func (a *app) host(wires *wires, place string, settings provider.Settings, open func() (upload.Host, error)) job.Hoster {
	wires.hostsLock.Lock()
	defer wires.hostsLock.Unlock()
	if made, ok := wires.hosts[place]; ok {
		return made
	}
	var made job.Hoster
	host, err := open()
	if err != nil {
		made = noHost{err: err}
	} else {
		atLeast := cmp.Or(settings.Poll.GiveUp, linkTime)
		made = upload.Remembering(host, memory{store: a.store}, a.process.Now, atLeast)
	}
	wires.hosts[place] = made
	return made
}

// kieHost is KIE's upload API. Images go to KIE's address with KIE's key, also
// those of another provider, unless that one has an upload API of its own, which
// then gets its own key. A base URL of the user's takes the upload API with it,
// so that no key goes anywhere else.
func (a *app) kieHost(ctx context.Context, wires *wires, name string) (upload.Host, error) {
	const service = "kie"
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	preset, _ := offers.Preset(service)
	whose, kie := service, a.settings.Providers[service]
	if own := a.settings.Providers[name]; own.UploadBase != "" {
		whose, kie = name, own
	}
	owner, err := a.providerSettings(whose)
	if err != nil {
		return nil, err
	}
	key, err := a.key(ctx, wires.keys, whose, owner.BaseURL)
	if err != nil {
		return nil, err
	}
	if key.Bearer.Empty() && kie.UploadBase != "" && name != service {
		return nil, a.noKey(name)
	}
	if key.Bearer.Empty() {
		return nil, &fault.Error{
			Kind: fault.Auth, Op: "host images for", Subject: name, Charged: fault.NotCharged,
			Detail: "KIE's upload API needs a key of KIE's", Hint: "put one into KIE_API_KEY, or configure upload.method: s3",
		}
	}
	base := cmp.Or(kie.UploadBase, kie.BaseURL, preset.Upload.BaseURL)
	host := upload.NewKIE(base, key.Bearer, wires.reads)
	host.AllowHTTP, host.Now = kie.AllowHTTP, a.process.Now
	return host, nil
}

// s3Host is a bucket of the user's.
func (a *app) s3Host(wires *wires) (upload.Host, error) {
	set := a.settings.Upload
	chain := upload.Chain{Lookup: a.process.env, Profile: set.Profile, Home: a.process.env("HOME")}
	return upload.NewS3(upload.S3Config{
		Endpoint: set.Endpoint, Bucket: set.Bucket, Prefix: set.Prefix, Region: cmp.Or(set.Region, chain.Region()),
		Expires: set.Expires, PathStyle: set.PathStyle, DeleteAfter: set.DeleteAfter, AllowHTTP: set.AllowHTTP,
	}, chain.Keys, wires.reads, a.process.Now)
}

// noHost is a place that could not be made.
type noHost struct{ err error }

// Host implements job.Hoster.
func (n noHost) Host(context.Context, media.Image) (upload.Link, error) { return upload.Link{}, n.err }

// Delete implements job.Hoster.
func (n noHost) Delete(context.Context, upload.Link) error { return nil }

// Name implements job.Hoster.
func (n noHost) Name() string { return "" }

// memory keeps links in the ledger.
type memory struct{ store *ledger.Store }

// Recall implements upload.Memory.
func (m memory) Recall(ctx context.Context, place, sha256 string, now time.Time) (upload.Link, bool, error) {
	kept, ok, err := m.store.Recall(ctx, place, sha256, now)
	return upload.Link{URL: kept.URL, Expires: kept.Expires, Method: kept.Method, Key: kept.Key}, ok, err
}

// Remember implements upload.Memory.
func (m memory) Remember(ctx context.Context, place, sha256 string, link upload.Link, now time.Time) error {
	return m.store.Remember(ctx, place, sha256, ledger.Upload{URL: link.URL, Expires: link.Expires, Method: link.Method, Key: link.Key}, now)
}
