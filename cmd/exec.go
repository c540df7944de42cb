package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

var errDash = errors.New("it begins with a dash there and would be taken for an option; use {path}, or put something before it")

// execHelp tells of --exec in the long help of verbs.
const execHelp = `--exec runs a command for each video that this run has brought, once it is in
its place: {path} {dir} {stem} {id} {ref} {model} {provider} in its arguments
are replaced, without any the path comes last, and {{ is a brace. There is no
shell: '...', "..." and backslashes quote, nothing else has a meaning. It has
KLINGCTL_JOB and KLINGCTL_PATH but no provider's key, an empty standard input,
and standard error for what it prints. When it fails, the exit code is 1 and
the video stays.`

// command is what --exec runs for each finished file, never through a shell.
type command struct {
	// program is where it was found, words what was written: the first is its
	// name, the others are arguments with placeholders.
	program string
	words   []string
}

// parseCommand reads --exec and finds the program, so that a mistake costs
// nothing.
func parseCommand(text string) (*command, error) {
	refused := func(err error) error {
		return &fault.Error{Kind: fault.Usage, Op: "read --exec", Charged: fault.NotCharged, Err: err}
	}
	words, err := splitWords(text)
	switch {
	case err != nil:
		return nil, refused(err)
	case len(words) == 0:
		return nil, refused(errors.New("it is empty"))
	case strings.ContainsAny(words[0], "{}"):
		return nil, refused(errors.New("the program itself takes no placeholder"))
	}
	anywhere := false
	for _, word := range words[1:] {
		_, used, err := fillWord(word, execValues(kling.Job{}, ""))
		if err != nil {
			return nil, refused(err)
		}
		anywhere = anywhere || used
	}
	if !anywhere {
		words = append(words, "{path}")
	}
	program, err := exec.LookPath(words[0])
	if errors.Is(err, exec.ErrDot) {
		return nil, refused(fmt.Errorf("%s is only found in the working folder; write %s", words[0], "."+string(os.PathSeparator)+words[0]))
	}
	if err != nil {
		return nil, refused(err)
	}
	return &command{program: program, words: words}, nil
}

// execNames are the placeholders of --exec.
func execNames() []string {
	return []string{"path", "dir", "stem", "id", "ref", "model", "provider"}
}

// execValues are what placeholders stand for. No text of a server is among
// them: the path is of our making, the task in {ref} is percent-encoded.
func execValues(j kling.Job, path string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "path":
			return path, true
		case "dir":
			return filepath.Dir(path), true
		case "stem":
			return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), true
		case "id":
			return job.Name(j), true
		case "ref":
			return j.Ref.String(), true
		case "model":
			return j.Model, true
		case "provider":
			return j.Ref.Provider, true
		}
		return "", false
	}
}

// arguments are the words for one file. What a placeholder stands for is never
// taken for an option.
func (c *command) arguments(j kling.Job, path string) ([]string, error) {
	arguments := make([]string, 0, len(c.words)-1)
	for _, word := range c.words[1:] {
		filled, _, err := fillWord(word, execValues(j, path))
		if err == nil && strings.HasPrefix(filled, "-") && !strings.HasPrefix(word, "-") {
			err = fmt.Errorf("argument %s: %w", word, errDash)
		}
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, filled)
	}
	return arguments, nil
}
