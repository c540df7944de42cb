package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// File is a settings file that may be read.
type File struct {
	// Layer is project or user.
	Layer string
	// Path is where it is looked for.
	Path string
	// Exists is true for a file that is there.
	Exists bool
}

// Files are the settings files, strongest first.
func Files(source Source) ([]File, error) {
	l, err := newLoader(source)
	if err != nil {
		return nil, err
	}
	user, _ := l.userFile()
	var files []File
	for _, file := range []File{{Layer: layerProject, Path: l.projectFile()}, {Layer: layerUser, Path: user}} {
		if file.Path != "" {
			_, err := os.Stat(file.Path)
			file.Exists = !errors.Is(err, fs.ErrNotExist)
			files = append(files, file)
		}
	}
	return files, nil
}

// Check finds everything that is wrong with the settings that Load would read,
// in the order of files and lines.
func Check(source Source) ([]Problem, error) {
	l, err := newLoader(source)
	if err != nil {
		return nil, err
	}
	l.checking = true
	if err := l.files(); err != nil {
		return nil, err
	}
	l.environment()
	return l.check()
}

// CheckFile does so for one file alone: no other layer counts. A file with
// the name of a project file is judged as one.
func CheckFile(source Source, path string) ([]Problem, error) {
	l, err := newLoader(source)
	if err != nil {
		return nil, err
	}
	l.checking, l.source.Flags = true, nil
	home := map[string]string{}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		home[name] = l.env[name]
	}
	l.env = home
	layer := layerUser
	if filepath.Base(path) == ProjectFile {
		layer = layerProject
	}
	if _, err := l.file(path, layer, true); err != nil {
		return nil, err
	}
	return l.check()
}

// check settles what is left after wrong values were put aside, for what only
// all settings together can tell.
func (l *loader) check() ([]Problem, error) {
	l.flags()
	if _, err := l.settle(); err != nil {
		return nil, err
	}
	if name := l.text("provider"); name != "" && !slices.Contains(l.names(), name) {
		l.report(Problem{
			Key: "provider", Origin: l.origin["provider"],
			Message: fmt.Sprintf("provider: there is no provider %q%s", fault.SafeText(name), didYouMean(nearest(name, l.names()))),
		})
	}
	for _, warning := range l.warnings {
		l.report(Problem{Origin: Origin{Layer: layerDefault}, Message: warning})
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(order(a)-order(b), strings.Compare(a.Origin.Where, b.Origin.Where), a.Origin.Line-b.Origin.Line, a.Column-b.Column)
	})
	return l.problems, nil
}

// order puts files before variables before the rest.
func order(p Problem) int {
	return slices.Index([]string{layerUser, layerProject, layerEnvironment, layerDefault}, p.Origin.Layer)
}
