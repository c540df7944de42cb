package cmd

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// stdinLimit bounds a prompt or a request read from standard input or a file,
// in bytes.
const stdinLimit = 1 << 20

// requestOptions are the flags that say what to make.
type requestOptions struct {
	provider, model, kind string
	from                  string
	params                []string
	fix, checkURL         bool
	// values holds what each canonical flag was given.
	values map[string]*flagValue
}

// flagValue collects what a canonical flag was given, unparsed: the model's
// schema says what the text means.
type flagValue struct {
	given []string
	kind  string
	many  bool
}

func (v *flagValue) String() string { return strings.Join(v.given, ",") }

// Set implements pflag.Value. A flag that takes one value keeps the last, as
// flags do everywhere.
func (v *flagValue) Set(text string) error {
	if !v.many {
		v.given = nil
	}
	v.given = append(v.given, text)
	return nil
}

// Type implements pflag.Value.
func (v *flagValue) Type() string { return v.kind }

// canonicalFlag is how a canonical flag shows in help.
type canonicalFlag struct{ name, kind, help string }

// canonicalFlags are the flags that reach a model through its x-flag
// keywords.
func canonicalFlags() []canonicalFlag {
	return []canonicalFlag{
		{"image", "file|url", "first frame: a file, an https URL, or - for standard input; repeat for models that take several"},
		{"tail-image", "file|url", "last frame"},
		{"prompt", "text", "what happens in the video, or - for standard input"},
		{"negative-prompt", "text", "what to keep out of it"},
		{"duration", "seconds", "length of the video, as the model offers it"},
		{"cfg-scale", "number", "how closely to follow the prompt"},
		{"mode", "mode", "quality tier, as the model offers it"},
		{"sound", "on|off", "make sound as well"},
		{"aspect-ratio", "ratio", "shape of the video, such as 16:9"},
		{"static-mask", "file|url", "mask of what must not move"},
		{"watermark", "on|off", "make a watermarked copy as well"},
		{"external-id", "id", "an id of yours, where the provider keeps one"},
		{"callback-url", "url", "where the provider posts when it is done"},
		{"route", "route", "how APIXO routes the request: auto, value or official"},
	}
}

func (o *requestOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.provider, "provider", "", "`name` of the provider")
	flags.StringVarP(&o.model, "model", "m", "", "`id` of the model, as the provider names it")
	flags.StringVar(&o.kind, "kind", "", "`kind` of video: image-to-video or text-to-video; by default what the images say")
	o.values = map[string]*flagValue{}
	for _, f := range canonicalFlags() {
		value := &flagValue{kind: f.kind, many: f.name == "image"}
		o.values[f.name] = value
		flag := &pflag.Flag{Name: f.name, Usage: f.help, Value: value}
		if f.kind == "on|off" {
			flag.NoOptDefVal = "true"
		}
		switch f.name {
		case "image":
			flag.Shorthand = "i"
		case "prompt":
			flag.Shorthand = "p"
		case "duration":
			flag.Shorthand = "d"
		}
		flags.AddFlag(flag)
	}
	flags.StringArrayVar(&o.params, "param", nil, "set any other property: `key=value`, dotted.key=value, or key=@file.json")
	flags.BoolVar(&o.fix, "fix", false, "mend images that the model would not take: turn, convert, scale or pad a temporary copy")
	flags.BoolVar(&o.checkURL, "check-url", false, "look at images given by address first: type and size")
	flags.StringVar(&o.from, "from", "", "take the request from a YAML or JSON `file`, such as a video's sidecar, or - for standard input")
}

// flags are the canonical flags that were given.
func (o *requestOptions) flags() map[string][]string {
	given := map[string][]string{}
	for name, value := range o.values {
		if len(value.given) > 0 {
			given[name] = value.given
		}
	}
	return given
}

// request is what was asked for, gathered from all its sources.
type request struct {
	query catalog.Query
	input catalog.Input
	// images are what a sidecar says of the images that were used.
	images []view.SidecarImage
}

// gather reads flags, --param, --from and standard input into one request.
func (a *app) gather(o *requestOptions) (request, error) {
	base, err := a.readFrom(o.from)
	if err != nil {
		return request{}, err
	}
	flags := base.flags
	maps.Copy(flags, o.flags())
	stdin := o.from == "-"
	for name, values := range flags {
		for i, value := range values {
			if value != "-" || name != "prompt" && name != "image" && name != "tail-image" && name != "static-mask" {
				continue
			}
			if stdin {
				return request{}, usageFault("read standard input", "it can be read only once, for one of --prompt, --image, --tail-image, --static-mask, --from", "")
			}
			stdin = true
			if name == "prompt" {
				if values[i], err = a.readText("the prompt"); err != nil {
					return request{}, err
				}
			}
		}
	}
	sets, err := readParams(o.params)
	if err != nil {
		return request{}, err
	}
	settings, err := a.config()
	if err != nil {
		return request{}, err
	}
	r := request{input: catalog.Input{Flags: flags, Sets: sets, Base: base.input}, images: base.images}
	r.query = catalog.Query{
		Provider: firstOf(o.provider, base.provider, settings.Provider),
		Model:    firstOf(o.model, base.model, settings.Model),
		Kind:     kling.Kind(firstOf(o.kind, base.kind)),
		HasImage: len(flags["image"]) > 0 || len(flags["tail-image"]) > 0 || base.hasImage(),
	}
	if mode := flags["mode"]; len(mode) > 0 {
		r.query.Mode = mode[len(mode)-1]
	}
	if r.query.Kind != "" && !r.query.Kind.Valid() {
		return request{}, usageFault("read --kind", fmt.Sprintf("%q is no kind; there are image-to-video and text-to-video", fault.SafeText(string(r.query.Kind))), "")
	}
	return r, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// readText reads standard input as text; one newline at the end is the
// shell's.
func (a *app) readText(what string) (string, error) {
	if a.process.InTTY {
		return "", usageFault("read "+what, "standard input is a terminal; pipe the text in, or give it on the command line", "")
	}
	text, err := io.ReadAll(io.LimitReader(a.process.In, stdinLimit+1))
	switch {
	case err != nil:
		return "", &fault.Error{Kind: fault.Local, Op: "read " + what + " from standard input", Err: err}
	case len(text) > stdinLimit:
		return "", usageFault("read "+what, fmt.Sprintf("standard input holds more than %d bytes", stdinLimit), "")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

var errParam = errors.New("--param reads key=value or key=@file.json")

// readParams reads --param values.
func readParams(params []string) ([]catalog.Set, error) {
	var sets []catalog.Set
	for _, param := range params {
		key, value, ok := strings.Cut(param, "=")
		if !ok || key == "" {
			return nil, &fault.Error{Kind: fault.Usage, Op: "read --param", Subject: fault.SafeText(param), Err: errParam}
		}
		set := catalog.Set{Path: key, Value: value}
		if file, found := strings.CutPrefix(value, "@"); found {
			text, err := readLimited(file)
			if err != nil {
				return nil, &fault.Error{Kind: fault.Usage, Op: "read the file of --param", Subject: key, Err: err}
			}
			set.Value, set.JSON = "", text
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > stdinLimit:
		return nil, fmt.Errorf("%s holds more than %d bytes", path, stdinLimit)
	}
	return os.ReadFile(path)
}
