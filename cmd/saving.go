package cmd

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/job"
)

// parallelFiles is how many jobs have their files fetched at a time.
const parallelFiles = 4

// saveOptions are the flags of verbs that write videos.
type saveOptions struct {
	flags *pflag.FlagSet

	output, exec   string
	force, sidecar bool
	parallel       int

	// command is what exec means, once it is parsed.
	command *command
}

// addFlags declares them; where tells what -o does for the verb.
func (o *saveOptions) addFlags(flags *pflag.FlagSet, where string) {
	o.flags = flags
	flags.StringVarP(&o.output, "output", "o", "", where)
	flags.BoolVar(&o.force, "force", false, "replace existing files")
	flags.BoolVar(&o.sidecar, "sidecar", false, "leave a record beside each video, NAME.json: how it was made; submit --from takes it")
	flags.IntVar(&o.parallel, "parallel", parallelFiles, "download the videos of this many jobs at a time")
	flags.StringVar(&o.exec, "exec", "", "run this `command` for each video when it is in its place, such as 'ffprobe {path}'")
}

// asked reports whether the user said where videos go.
func (o *saveOptions) asked() bool { return o.output != "" }

// parse reads -o, else what the settings say, and the command of --exec.
func (o *saveOptions) parse(setting string) (job.Output, error) {
	if o.parallel < 1 {
		return job.Output{}, usageFault("read --parallel", fmt.Sprintf("%d is no number of downloads", o.parallel), "1 downloads one after the other")
	}
	if o.flags.Changed("exec") {
		command, err := parseCommand(o.exec)
		if err != nil {
			return job.Output{}, err
		}
		o.command = command
	}
	output, err := job.ParseOutput(firstOf(o.output, setting))
	output.Force = o.force
	return output, err
}

// errand is to save videos the way the flags say.
func (o *saveOptions) errand(output job.Output) errand {
	return errand{
		Errand:  job.Errand{Save: true, Output: output, Parallel: o.parallel},
		sidecar: o.sidecar, command: o.command,
	}
}

// needsOutput refuses what is for files where none will be.
func (o *saveOptions) needsOutput() error {
	switch {
	case o.asked():
		return nil
	case o.sidecar:
		return usageFault("leave a sidecar", "--sidecar goes with -o", "add -o")
	case o.flags.Changed("exec"):
		return usageFault("run a command for each video", "--exec goes with -o", "add -o")
	}
	return nil
}

// oneForAll refuses one file name for several videos.
func oneForAll(output job.Output, videos int) error {
	if output.Literal() && videos > 1 {
		return usageFault("save several videos", "-o names one file for all of them", "give a folder/ or a template such as {stem}-{id8}.mp4")
	}
	return nil
}
