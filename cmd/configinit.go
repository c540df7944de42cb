package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/view"
)

// configInitOptions are the flags of config init.
type configInitOptions struct{ force bool }

func newConfigInit(app *app) *cobra.Command {
	o := &configInitOptions{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first user file that explains itself",
		Long: `Write a user file with every setting, its default and what it is for. On a
terminal it asks for the provider, the model and where files go; elsewhere it
asks nothing. No key goes into the file: auth login is for keys.`,
		Example: "  klingctl config init\n  klingctl config init --force --config ./trial.yaml < /dev/null",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.initConfig(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "replace a file that exists")
	return cmd
}

func (a *app) initConfig(ctx context.Context, o *configInitOptions) error {
	source, err := a.source()
	if err != nil {
		return err
	}
	path, err := a.userFile(source)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil && !o.force {
		return usageFault("write "+path, "the file exists", "klingctl config set KEY VALUE changes one setting; --force begins anew")
	}
	chosen := map[string]string{}
	if a.process.InTTY && a.process.ErrTTY {
		asked := &interview{in: bufio.NewReader(a.process.In), out: a.process.Err}
		if chosen, err = a.interview(ctx, asked, source); err != nil {
			return err
		}
	}
	if err := config.WritePrivate(path, config.Template(chosen)); err != nil {
		return err
	}
	a.term().Notice("next: klingctl auth login --provider " + firstOf(chosen["provider"], "NAME") + ", or try it with --sandbox")
	if a.global.json {
		return a.printJSON(view.SettingsFile{SchemaVersion: view.SchemaVersion, Layer: "user", Path: path, Exists: true})
	}
	return a.print(path)
}

// interview asks a person in a terminal.
type interview struct {
	in  *bufio.Reader
	out io.Writer
}

// ask gives one line of an answer; the end of input gives it up.
func (i *interview) ask(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprint(i.out, question+": ")
	line, err := i.in.ReadString('\n')
	if err != nil {
		_, _ = fmt.Fprintln(i.out)
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", &fault.Error{Kind: fault.Usage, Op: "read an answer", Charged: fault.NotCharged, Detail: "the input ended; nothing was written"}
	}
	return strings.TrimSpace(line), nil
}

// interview asks for the settings that a first user file has.
func (a *app) interview(ctx context.Context, i *interview, source config.Source) (map[string]string, error) {
	chosen := map[string]string{}
	names := knownProviders(source)
	_, _ = fmt.Fprintln(i.out, "Providers: "+strings.Join(names, ", "))
	for {
		name, err := i.ask(ctx, "Provider (empty: decide each time)")
		if err != nil {
			return nil, err
		}
		if name == "" || slices.Contains(names, name) {
			chosen["provider"] = name
			break
		}
		_, _ = fmt.Fprintln(i.out, "There is no such provider.")
	}
	if models := a.builtinModels(chosen["provider"]); len(models) > 0 {
		_, _ = fmt.Fprintln(i.out, "Models: "+strings.Join(models, ", "))
		for {
			name, err := i.ask(ctx, "Model (empty: decide each time)")
			if err != nil {
				return nil, err
			}
			if name == "" || slices.Contains(models, name) {
				chosen["model"] = name
				break
			}
			_, _ = fmt.Fprintln(i.out, "The provider has no such model.")
		}
	}
	folder, err := i.ask(ctx, "Folder for videos (empty: say it with -o)")
	if err != nil {
		return nil, err
	}
	if folder != "" {
		chosen["output"] = strings.TrimRight(folder, "/") + "/"
	}
	return chosen, nil
}

// builtinModels are the models of a provider that come with the program.
func (a *app) builtinModels(provider string) []string {
	offers, err := a.builtin()
	if err != nil {
		return nil
	}
	var names []string
	for _, offer := range offers.Offers() {
		if offer.Provider == provider && !slices.Contains(names, offer.Model) {
			names = append(names, offer.Model)
		}
	}
	return names
}
