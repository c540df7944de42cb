package cmd

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/sandbox"
)

func newSandbox(app *app) *cobra.Command {
	g := group("sandbox", "Run and look at the offline emulator",
		`The sandbox plays every provider offline: strict about requests, honest about
states, and it makes a real MP4 out of your image. With --sandbox or
KLINGCTL_SANDBOX=1 every verb uses it in-process; "sandbox serve" offers it over
HTTP to other programs. A marker such as [[moderated]] or [[429:2]] in a prompt
plays a scenario; "sandbox scenarios" lists them.`,
		`  klingctl sandbox serve --addr 127.0.0.1:8787
  klingctl sandbox scenarios
  klingctl sandbox journal --json`,
		newSandboxServe(app), newSandboxJournal(app), newSandboxReset(app), newSandboxScenarios(app),
	)
	g.GroupID = groupMore
	return g
}

// serveOptions are the flags of sandbox serve.
type serveOptions struct {
	addr, dir, scenario string
	generation          span
	clipSide            int
}

func newSandboxServe(app *app) *cobra.Command {
	o := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the emulator over HTTP",
		Long: `Serve the emulator on an address of this machine until interrupted.

Paths choose the provider; where several share a path, put /_as/NAME before it,
for example http://127.0.0.1:8787/_as/newapi as the base URL of newapi. The
request journal is at /_sandbox/journal, its numbers alone at /_sandbox/counts;
?since=NEXT, with the "next" of an earlier answer, leaves out what came before.

With --generation-time 60s..240s each job takes a time of its own between the
two, decided by its task id: as a service does under load. --clip-size 320 makes
small videos, which spares disk where there are thousands of large pictures.`,
		Example: `  klingctl sandbox serve
  klingctl sandbox serve --addr 127.0.0.1:9000 --dir ./state --generation-time 30s
  klingctl sandbox serve --generation-time 60s..240s`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return app.serveSandbox(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8787", "`host:port` to listen on; loopback only")
	flags.StringVar(&o.dir, "dir", "", "state `folder`; by default the sandbox's own")
	flags.StringVar(&o.scenario, "scenario", "", "play this `scenario` for every request without a marker")
	flags.Var(&o.generation, "generation-time", "how long a job takes, or from..to; 3s unless set")
	flags.IntVar(&o.clipSide, "clip-size", 0, "longest side of the videos in `pixels`, 64 to 1280; 1280 unless set")
	return cmd
}

func (a *app) serveSandbox(ctx context.Context, o *serveOptions) error {
	settings, err := a.config()
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(o.addr)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageFault("serve the sandbox", "--addr takes a loopback address such as 127.0.0.1:8787: the sandbox believes everybody", "")
	}
	if o.clipSide != 0 && (o.clipSide < 64 || o.clipSide > 1280) {
		return usageFault("serve the sandbox", "--clip-size is 64 to 1280 pixels", "")
	}
	options := sandbox.Options{
		Dir: o.dir, GenerationTime: o.generation.least, GenerationMost: o.generation.most,
		ClipSide: o.clipSide, Scenario: o.scenario, Now: a.process.Now,
	}
	if options.GenerationTime <= 0 {
		options.GenerationTime = settings.SandboxTime
	}
	if options.Dir == "" {
		if options.Dir, err = a.emulatorFolder(); err != nil {
			return err
		}
	}
	server, err := sandbox.New(options)
	if err != nil {
		return &fault.Error{Kind: fault.Usage, Op: "serve the sandbox", Hint: "klingctl sandbox scenarios", Err: err}
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return &fault.Error{Kind: fault.Local, Op: "listen on", Subject: o.addr, Err: err}
	}
	a.term().Notice("sandbox at http://" + listener.Addr().String() + ", journal at /_sandbox/journal; stop with Ctrl-C")
	return serveUntil(ctx, listener, server)
}

// serveUntil serves until the context ends, then gives answers that are under
// way a moment.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	const header, goodbye = 10 * time.Second, 500 * time.Millisecond
	server := &http.Server{Handler: handler, ReadHeaderTimeout: header, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return &fault.Error{Kind: fault.Local, Op: "serve the sandbox", Err: err}
	case <-ctx.Done():
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			_ = server.Close()
		}
		return nil
	}
}

func newSandboxJournal(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "journal",
		Short:   "Show every request the emulator received",
		Long:    "Show the requests that the emulator received since the last reset, newest last.",
		Example: "  klingctl sandbox journal\n  klingctl sandbox journal --json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return app.showJournal() },
	}
}

func newSandboxReset(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Forget every job of the emulator",
		Long:    "Remove the emulator's jobs and its journal. The ledger keeps its rows.",
		Example: "  klingctl sandbox reset",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			server, err := app.emulator()
			if err != nil {
				return err
			}
			if err := server.Reset(); err != nil {
				return &fault.Error{Kind: fault.Local, Op: "reset the sandbox", Err: err}
			}
			return nil
		},
	}
}

func newSandboxScenarios(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "scenarios",
		Short:   "List what the emulator can play",
		Long:    "List the scenarios: write one into a prompt as [[name]] or [[name:argument]].",
		Example: "  klingctl sandbox scenarios\n  klingctl submit --sandbox -i a.png -p \"a boat [[moderated]]\" --wait",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return app.showScenarios() },
	}
}
