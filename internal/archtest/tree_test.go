package archtest

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// A source is one Go file and what it imports.
type source struct {
	path    string // slash-separated, from the module's root
	imports []clause
}

// A clause is one import and the line it stands on.
type clause struct {
	path string
	line int
}

// test tells whether the go command leaves the file out of a build.
func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// readTree parses the import clauses of every Go file that the go command
// would see, whatever its build constraints say.
func readTree(fsys fs.FS) ([]source, error) {
	var files []source
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && unseenFolder(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || hidden(entry.Name()):
			return nil
		}
		file, err := readSource(fsys, name)
		if err != nil {
			return err
		}
		files = append(files, file)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	return files, nil
}

func readSource(fsys fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return source{}, err
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, name, text, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	file := source{path: name}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		file.imports = append(file.imports, clause{path: imported, line: positions.Position(spec.Pos()).Line})
	}
	return file, nil
}

// unseenFolder and hidden follow the go command's own rules.
func unseenFolder(name string) bool {
	return hidden(name) || name == "testdata" || name == "vendor"
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// moduleRoot walks up from the working directory to the folder with go.mod and
// returns it with the module's path.
func moduleRoot() (root, module string, err error) {
	dir, err := filepath.Abs(".")
	if err != nil {
		return "", "", fmt.Errorf("find the module: %w", err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, modulePath(string(text)), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", fmt.Errorf("find the module: %w", err)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", "", errors.New("find the module: no go.mod above the working directory")
		}
		dir = parent
	}
}

func modulePath(gomod string) string {
	for line := range strings.Lines(gomod) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}
