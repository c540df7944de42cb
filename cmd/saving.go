package cmd

import (
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/job"
)

// saveOptions are the flags of verbs that write videos.
type saveOptions struct {
	output         string
	force, sidecar bool
}

// addFlags declares them; where tells what -o does for the verb.
func (o *saveOptions) addFlags(flags *pflag.FlagSet, where string) {
	flags.StringVarP(&o.output, "output", "o", "", where)
	flags.BoolVar(&o.force, "force", false, "replace existing files")
	flags.BoolVar(&o.sidecar, "sidecar", false, "leave a record beside each video, NAME.json: how it was made; submit --from takes it")
}

// asked reports whether the user said where videos go.
func (o *saveOptions) asked() bool { return o.output != "" }

// parse reads -o, else what the settings say.
func (o *saveOptions) parse(setting string) (job.Output, error) {
	output, err := job.ParseOutput(firstOf(o.output, setting))
	output.Force = o.force
	return output, err
}

// needsOutput refuses a sidecar of no file.
func (o *saveOptions) needsOutput() error {
	if o.sidecar && !o.asked() {
		return usageFault("leave a sidecar", "--sidecar goes with -o", "add -o")
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
