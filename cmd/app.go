package cmd

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/ui"
)

// app holds what verbs need. Whatever can fail or costs time is a method and
// made when it is first asked for, so that help and version touch nothing.
type app struct {
	process Process
	global  globalOptions

	settings *config.Config
	offers   *catalog.Catalog
	merged   *catalog.Catalog
	store    *ledger.Store
	wires    *wires
	// run identifies this command for caps on spending.
	run string

	meterLock sync.Mutex
	meter     ui.Meter

	// answer is what standard output shall hold, and stream what tells events
	// there, nil without --events.
	answer answerOptions
	stream *stream
	// board keeps how the jobs of the errand under way stand; ended is told
	// how each ended.
	board *board
	ended func(job.Outcome)

	// answered is true once stdout holds its JSON document.
	answered bool
}

func newApp(process Process) *app { return &app{process: process} }

func (a *app) close() {
	a.endMeter()
	if a.store != nil {
		_ = a.store.Close()
	}
}

// config reads the settings, once.
func (a *app) config() (*config.Config, error) {
	if a.settings != nil {
		return a.settings, nil
	}
	source, err := a.source()
	if err != nil {
		return nil, err
	}
	settings, err := config.Load(source)
	if err != nil {
		return nil, err
	}
	a.settings = settings
	for _, warning := range settings.Warnings {
		a.term().Notice("warning: " + warning)
	}
	return settings, nil
}

// builtin opens the catalog that comes with the program, once.
func (a *app) builtin() (*catalog.Catalog, error) {
	if a.offers == nil {
		opened, err := catalog.Open(configs.FS())
		if err != nil {
			return nil, &fault.Error{Kind: fault.Internal, Op: "open the built-in catalog", Err: err}
		}
		a.offers = opened
	}
	return a.offers, nil
}

// catalog is the built-in one with the user's models and providers over it,
// made once: every look at a job asks it about the provider.
func (a *app) catalog() (*catalog.Catalog, error) {
	if a.merged != nil {
		return a.merged, nil
	}
	settings, err := a.config()
	if err != nil {
		return nil, err
	}
	offers, err := a.builtin()
	if err != nil {
		return nil, err
	}
	if settings.Dirs.Config != "" {
		folder := filepath.Join(settings.Dirs.Config, "models.d")
		if info, statErr := os.Stat(folder); statErr == nil && info.IsDir() {
			offers, err = catalog.Open(configs.FS(), catalog.Overlay{Name: folder, FS: os.DirFS(folder)})
			if err != nil {
				return nil, &fault.Error{Kind: fault.Usage, Op: "read the models in", Subject: folder, Hint: "klingctl models --check", Err: err}
			}
		}
	}
	a.merged = offers.WithProviders(extraPresets(settings, offers))
	return a.merged, nil
}

// extraPresets are the providers that only the configuration knows.
func extraPresets(settings *config.Config, offers *catalog.Catalog) []catalog.Preset {
	var extra []catalog.Preset
	for name, p := range settings.Providers {
		if _, known := offers.Preset(name); known {
			continue
		}
		extra = append(extra, catalog.Preset{
			Name: name, Like: p.Like, Title: p.Title, Dialect: p.Dialect,
			BaseURL: p.BaseURL, Console: p.Console, Lookup: p.Lookup,
		})
	}
	return extra
}

// stateFolder is where things are remembered; the sandbox has one of its own.
func (a *app) stateFolder() (string, error) {
	settings, err := a.config()
	if err != nil {
		return "", err
	}
	folder := settings.Dirs.State
	if settings.Ledger != "" && !ledger.IsURL(settings.Ledger) {
		folder = filepath.Dir(settings.Ledger)
	}
	if folder == "" {
		return "", &fault.Error{
			Kind: fault.Usage, Op: "find the state folder", Charged: fault.NotCharged,
			Detail: "neither HOME nor XDG_STATE_HOME is set", Hint: "name a file with --ledger or KLINGCTL_LEDGER",
		}
	}
	if settings.Sandbox {
		return filepath.Join(folder, "sandbox"), nil
	}
	return folder, nil
}

// ledger opens the ledger, once.
func (a *app) ledger(ctx context.Context) (*ledger.Store, error) {
	if a.store != nil {
		return a.store, nil
	}
	folder, err := a.stateFolder()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "ledger.db")
	if a.settings.Ledger != "" && !a.settings.Sandbox {
		path = a.settings.Ledger
	}
	if secretInArgs(a.global.ledger) {
		return nil, usageFault("open the ledger", "a password on the command line is seen by everybody on this machine",
			"put the address into KLINGCTL_LEDGER or the configuration")
	}
	store, err := ledger.Open(ctx, ledger.Options{Path: path, Folder: folder})
	if err != nil {
		return nil, err
	}
	a.store = store
	return store, nil
}

// secretInArgs reports an address with a password in it.
func secretInArgs(flag string) bool {
	address, err := url.Parse(flag)
	if err != nil || address.User == nil || !ledger.IsURL(flag) {
		return false
	}
	_, secret := address.User.Password()
	return secret
}

// term is the terminal as flags, settings and environment dress it.
func (a *app) term() ui.Terminal {
	p := a.process
	bare := ui.Terminal{
		In: p.In, Out: p.Out, Err: p.Err, InTTY: p.InTTY, OutTTY: p.OutTTY, ErrTTY: p.ErrTTY,
		Width: p.Width, Quiet: a.global.quiet,
	}
	look := ui.Look{
		Color: a.global.color, Progress: !a.global.noProgress,
		NoColor: p.env("NO_COLOR") != "", Dumb: p.Dumb || p.env("TERM") == "dumb",
		ForceColor: p.env("CLICOLOR_FORCE") != "" && p.env("CLICOLOR_FORCE") != "0",
	}
	if a.settings != nil {
		if look.Color == "" && a.settings.Color != "auto" {
			look.Color = a.settings.Color
		}
		look.Progress = look.Progress && a.settings.Progress
	}
	return bare.Dress(look)
}

// env is a variable of the process; the last setting counts.
func (p Process) env(name string) string {
	for _, line := range slices.Backward(p.Environ) {
		if len(line) > len(name) && line[len(name)] == '=' && line[:len(name)] == name {
			return line[len(name)+1:]
		}
	}
	return ""
}

// bounded is the context of a verb, ended by --timeout.
func (a *app) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := a.global.timeout
	if settings, err := a.config(); err == nil && limit == 0 {
		limit = settings.Timeout
	}
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}
