package job

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// DefaultOutput names files when nobody said how.
const DefaultOutput = "{stem}-{id8}.mp4"

// inFolder names files where only a folder was given.
const inFolder = "{stem}.mp4"

// Output is where results go: one file, a folder, or a template of names.
type Output struct {
	text     string
	template bool
	// Force replaces existing files, each only by a whole checked one.
	Force bool
}

// ParseOutput reads an -o value: a folder (it exists, or the text ends with a
// slash), a template (it holds a placeholder), else a file. Placeholders are
// {stem} {model} {provider} {kind} {seconds} {id} {id8} {date} {row} {batch};
// {{ is a brace.
func ParseOutput(text string) (Output, error) {
	if text == "" {
		return Output{text: DefaultOutput, template: true}, nil
	}
	if text == "-" {
		return Output{}, outputFault(text, "a video is written to a file, not to standard output")
	}
	if info, err := os.Stat(text); err == nil && info.IsDir() {
		return Output{text: filepath.Join(escapeBraces(text), inFolder), template: true}, nil
	}
	if os.IsPathSeparator(text[len(text)-1]) {
		text = filepath.Join(text, inFolder)
	}
	output := Output{text: text, template: strings.ContainsAny(text, "{}")}
	if output.template {
		if _, err := expand(text, kling.Job{}); err != nil {
			return Output{}, err
		}
	}
	return output, nil
}

// keeps reports whether a whole file at one path answers a wish for another:
// nobody said where, or both are in one folder.
func (o Output) keeps(have, wanted string) bool {
	return have == wanted || o.template && (o.text == DefaultOutput || filepath.Dir(have) == filepath.Dir(wanted))
}

// Literal reports whether the output is one named file.
func (o Output) Literal() bool { return !o.template }

// Check refuses a named file that exists already, before anything is bought.
func (o Output) Check() error {
	if o.template || o.Force {
		return nil
	}
	if _, err := os.Lstat(o.text); err == nil {
		return &fault.Error{
			Kind: fault.Usage, Op: "write", Subject: o.text, Charged: fault.NotCharged,
			Detail: "it exists already", Hint: "choose another name, or replace it with --force",
		}
	}
	return nil
}

// Path is the absolute name for one artifact of a job. taken reports names
// that are in use, for who may replace files only those of other videos; a
// template then gets a numbered suffix.
func (o Output) Path(job kling.Job, index int, taken func(path string) bool) (string, error) {
	name := o.text
	if o.template {
		expanded, err := expand(o.text, job)
		if err != nil {
			return "", err
		}
		name = shortened(expanded)
	}
	absolute, err := filepath.Abs(name)
	if err != nil {
		return "", &fault.Error{Kind: fault.Local, Op: "name the file", Subject: name, Err: err}
	}
	suffix := role(job, index)
	absolute = suffixed(absolute, suffix)
	// Only the name that the user spelled out is taken to the letter.
	if !o.template && suffix == "" {
		return absolute, nil
	}
	candidate := absolute
	for n := 2; taken(candidate); n++ {
		candidate = suffixed(absolute, "-"+strconv.Itoa(n))
	}
	return candidate, nil
}

// role is the suffix that tells a job's artifacts apart.
func role(job kling.Job, index int) string {
	videos := 0
	for _, artifact := range job.Artifacts[:min(index+1, len(job.Artifacts))] {
		if artifact.Kind == kling.Video {
			videos++
		}
	}
	suffix := ""
	if videos > 1 {
		suffix = "-" + strconv.Itoa(videos)
	}
	if index < len(job.Artifacts) && job.Artifacts[index].Kind == kling.Watermarked {
		suffix += "-watermark"
	}
	return suffix
}

// shortened leaves room in the last element for suffixes and for the names of
// parts.
func shortened(path string) string {
	folder, base := filepath.Split(path)
	extension := filepath.Ext(base)
	if len(extension) > maxExtension {
		extension = ""
	}
	return folder + cut(strings.TrimSuffix(base, extension), maxName-len(extension)) + extension
}

func suffixed(path, suffix string) string {
	extension := filepath.Ext(path)
	return strings.TrimSuffix(path, extension) + suffix + extension
}

func escapeBraces(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// expand fills a template; an unknown placeholder is a usage fault.
func expand(template string, job kling.Job) (string, error) {
	var out strings.Builder
	for rest := template; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:at])
		if at+1 < len(rest) && rest[at+1] == rest[at] {
			out.WriteByte(rest[at])
			rest = rest[at+2:]
			continue
		}
		end := strings.IndexByte(rest[at:], '}')
		if rest[at] == '}' || end < 0 {
			return "", outputFault(template, "a single brace stands alone; write {{ or }} for a brace")
		}
		value, ok := placeholder(rest[at+1:at+end], job)
		if !ok {
			return "", outputFault(template, fmt.Sprintf("{%s} is no placeholder; there are {stem} {model} {provider} {kind} {seconds} {id} {id8} {date} {row} {batch}", fault.SafeText(rest[at+1:at+end])))
		}
		out.WriteString(SafeName(value))
		rest = rest[at+end+1:]
	}
	return out.String(), nil
}

func placeholder(name string, job kling.Job) (string, bool) {
	id := job.ID
	if id == "" {
		id = job.Ref.Task
	}
	switch name {
	case "stem":
		return stemOf(job), true
	case "model":
		return job.Model, true
	case "provider":
		return job.Ref.Provider, true
	case "kind":
		return string(job.Kind), true
	case "seconds":
		return strconv.Itoa(job.Seconds), true
	case "id":
		return id, true
	case "id8":
		return id[:min(8, len(id))], true
	case "date":
		return job.CreatedAt.Local().Format("2006-01-02"), true
	case "row":
		return rowOf(job), true
	case "batch":
		return job.Batch, true
	}
	return "", false
}

// rowOf is the row that ordered a job, without the ending of an image's name;
// outside a batch it is the stem.
func rowOf(job kling.Job) string {
	if job.Row == "" {
		return stemOf(job)
	}
	return strings.TrimSuffix(job.Row, imageEnding(job.Row))
}

// imageEnding is the ending of a name where it is an image's.
func imageEnding(name string) string {
	ending := filepath.Ext(name)
	switch strings.ToLower(ending) {
	case ".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif":
		return ending
	}
	return ""
}

func outputFault(subject, detail string) error {
	return &fault.Error{Kind: fault.Usage, Op: "write to", Subject: fault.SafeText(subject), Charged: fault.NotCharged, Detail: detail}
}
