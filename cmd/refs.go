package cmd

import (
	"bufio"
	"errors"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// references are the arguments of a verb, "-" replaced by the words on
// standard input. single is true for exactly one reference on the command
// line.
func (a *app) references(args []string) (refs []string, single bool, err error) {
	if !slices.Contains(args, "-") {
		return args, len(args) == 1, nil
	}
	for _, arg := range args {
		if arg != "-" {
			refs = append(refs, arg)
			continue
		}
		if a.process.InTTY {
			return nil, false, usageFault("read references", "standard input is a terminal; pipe them in, or name them", "")
		}
		words := bufio.NewScanner(a.process.In)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			refs = append(refs, words.Text())
		}
		if err := words.Err(); err != nil {
			problem := &fault.Error{Kind: fault.Local, Op: "read references from standard input", Err: err}
			if _, ok := errors.AsType[signalled](err); ok {
				problem.Kind = fault.Interrupted
			}
			return nil, false, problem
		}
	}
	if len(refs) == 0 {
		return nil, false, usageFault("read references", "standard input holds none", "")
	}
	return refs, false, nil
}

// sandboxTask begins every task id of the emulator.
const sandboxTask = "sbx"

// rightMode refuses a job of the sandbox outside it, and the reverse. A job that
// the ledger does not hold is told by its task id, unless its provider is on
// this machine: there the emulator may be served.
func (a *app) rightMode(found kling.Job) error {
	emulated := found.Sandbox
	if found.ID == "" {
		emulated = strings.HasPrefix(found.Ref.Task, sandboxTask) && (a.settings.Sandbox || !a.nearby(found.Ref.Provider))
	}
	switch {
	case emulated && !a.settings.Sandbox:
		return usageFault("use job "+found.Ref.String(), "it belongs to the sandbox", "KLINGCTL_SANDBOX=1 klingctl status "+found.Ref.String())
	case !emulated && a.settings.Sandbox && found.Ref.Task != "":
		return usageFault("use job "+found.Ref.String(), "it does not belong to the sandbox, which is switched on", "unset KLINGCTL_SANDBOX and leave out --sandbox")
	}
	return nil
}

// nearby reports whether a provider's address is this machine or a private
// network.
func (a *app) nearby(name string) bool {
	settings, err := a.providerSettings(name)
	return err == nil && privateHost(settings.BaseURL)
}

// notFound tells where else a job may be remembered.
func (a *app) notFound(ref string, err error) error {
	problem := fault.Of(err)
	if problem == nil || problem.Kind != fault.NotFound || kling.IsRef(ref) {
		return err
	}
	complete := *problem
	if a.settings.Sandbox {
		complete.Hint = "klingctl jobs list shows those of the sandbox; for a real one leave out --sandbox and KLINGCTL_SANDBOX"
	} else {
		complete.Hint = "klingctl jobs list shows what is remembered; for a job of the sandbox set KLINGCTL_SANDBOX=1"
	}
	return &complete
}
