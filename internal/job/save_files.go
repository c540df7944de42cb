package job

import (
	"strconv"
	"sync"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// files are the paths that artifacts were given in this process, so that no
// two jobs write to one file, whatever may be replaced. The zero value is ready
// for use.
type files struct {
	mu     sync.Mutex
	owners map[string]string
}

// owner names one artifact of a job.
func owner(job kling.Job, index int) string { return Name(job) + "/" + strconv.Itoa(index) }

// Keep reserves the files that a job has on disk: no other job of this service
// is given their names, whatever may be replaced.
func (s *Service) Keep(job kling.Job) { s.files.keep(job) }

// keep reserves the files that a job has on disk already.
func (f *files) keep(job kling.Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, artifact := range job.Artifacts {
		if artifact.OnDisk() && f.free(artifact.Path, owner(job, i)) {
			f.give(artifact.Path, owner(job, i))
		}
	}
}

// choose gives an owner the path that pick finds; taken tells pick what others
// were given. A path that is another's all the same, because the user spelled
// it out, is a Usage fault.
func (f *files) choose(owner string, pick func(taken func(path string) bool) (string, error)) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, err := pick(func(path string) bool { return !f.free(path, owner) })
	if err != nil {
		return "", err
	}
	if !f.free(path, owner) {
		return "", &fault.Error{
			Kind: fault.Usage, Op: "write to", Subject: path, Detail: "another video of this command was given the name",
			Hint: "give a folder/ or a template such as {stem}-{id8}.mp4",
		}
	}
	f.give(path, owner)
	return path, nil
}

func (f *files) free(path, owner string) bool {
	have, given := f.owners[path]
	return !given || have == owner
}

func (f *files) give(path, owner string) {
	if f.owners == nil {
		f.owners = map[string]string{}
	}
	f.owners[path] = owner
}
