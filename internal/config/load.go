package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// UserFile is the name of the user file in the config folder.
	UserFile = "config.yaml"
	// ProjectFile is the name of the project file in the working folder.
	ProjectFile = ".klingctl.yaml"
	// maxFile bounds a settings file, in bytes.
	maxFile = 1 << 20
)

var errProject = errors.New("a project file may set defaults of requests and output only; endpoints, keys, the ledger and the rest belong into the user file or the environment")

// loader gathers the layers, weakest first, into one Viper. Each layer goes in
// by Set, which later layers replace: Viper's own reading of files would turn
// a key such as 0123 into a number, and its own reading of the environment
// cannot be handed one.
type loader struct {
	source   Source
	env      map[string]string
	dirs     Dirs
	viper    *viper.Viper
	origin   map[string]Origin
	warnings []string
}

func (l *loader) set(key, value string, origin Origin) {
	l.viper.Set(key, value)
	l.origin[key] = origin
}

// files reads the user file and then the project file over it.
func (l *loader) files() error {
	user, explicit := l.source.File, l.source.File != ""
	if user == "" {
		user = l.env["KLINGCTL_CONFIG"]
		explicit = user != ""
	}
	if user == "" && l.dirs.Config != "" {
		user = filepath.Join(l.dirs.Config, UserFile)
	}
	if user != "" {
		if err := l.file(user, layerUser, explicit, nil); err != nil {
			return err
		}
	}
	if l.source.Folder == "" {
		return nil
	}
	return l.file(filepath.Join(l.source.Folder, ProjectFile), layerProject, false, projectKeys())
}

// file reads one YAML file; only says which keys it may hold, nil permits all.
func (l *loader) file(path, layer string, required bool, only map[string]bool) error {
	text, err := readSmall(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil
	case err != nil:
		return &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Err: err}
	}
	entries, err := parse(text)
	if err != nil {
		return &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Err: err}
	}
	holdsSecret := false
	for _, e := range entries {
		switch {
		case only != nil && !only[e.key]:
			return &fault.Error{
				Kind: fault.Usage, Op: "read", Subject: path,
				Detail: fmt.Sprintf("line %d: %q is not allowed there", e.line, fault.SafeText(e.key)), Err: errProject,
			}
		case !declared(e.key):
			l.unknownKey(e, path)
			continue
		}
		holdsSecret = holdsSecret || isSecret(e.key)
		l.set(e.key, e.value, Origin{Layer: layer, Where: path, Line: e.line})
	}
	if holdsSecret {
		l.warnReadable(path)
	}
	return nil
}

// isSecret reports whether a declared key is one whose value is never shown.
func isSecret(key string) bool {
	return slices.ContainsFunc(PerProvider(), func(s Setting) bool { return s.Secret && strings.HasSuffix(key, "."+s.Key) })
}

// warnReadable warns of a file with a key in it that others can read.
func (l *loader) warnReadable(path string) {
	if info, err := os.Stat(path); err == nil && l.source.OS != "windows" && info.Mode().Perm()&0o044 != 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("%s holds a key and can be read by others; run: chmod 600 %s", path, path))
	}
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > maxFile:
		return nil, errors.New("it is larger than a settings file can be")
	}
	text, err := os.ReadFile(path)
	return text, cause(err)
}

// cause leaves out the call and the path, which the message has already.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// environment binds the variable of every declared setting of every provider
// that is known by now.
func (l *loader) environment() {
	for _, setting := range General() {
		l.bind(setting.Key, setting.Env())
	}
	for _, name := range l.names() {
		for _, setting := range PerProvider() {
			key := "providers." + name + "." + setting.Key
			l.bind(key, envName(key))
		}
	}
}

func (l *loader) bind(key, variable string) {
	if value := l.env[variable]; value != "" {
		l.set(key, value, Origin{Layer: layerEnvironment, Where: variable})
	}
}

// names are the providers that are built in or configured, sorted.
func (l *loader) names() []string {
	var names []string
	for _, known := range l.source.Known {
		names = append(names, known.Name)
	}
	for name := range l.viper.GetStringMap("providers") {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
