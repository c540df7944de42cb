package batch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// Manifest is what a source orders.
type Manifest struct {
	// Source is where it was read, absolute, or "-".
	Source string
	// Folder is what relative paths in it start from.
	Folder string
	Rows   []Row
	// Defaults is a batch.yaml that stands in the folder of images, "" for
	// none.
	Defaults string
	// Passed are files of a folder that are no images.
	Passed int
}

// maxRows bounds a manifest, maxRow one row of it in bytes.
const (
	maxRows = 1_000_000
	maxRow  = 1 << 20
)

// Read reads a source: a folder of images, a pattern such as shots/*.png, a
// .csv, .tsv, .jsonl or .ndjson file, or "-", which reads stdin as JSON lines or
// as one image a line. folder is where relative names start. Whatever cannot be
// used is fault.Usage and names the line.
func Read(source, folder string, stdin io.Reader) (Manifest, error) {
	if source == "-" {
		m := Manifest{Source: "-", Folder: folder}
		return m.filled(readStream(stdin, folder))
	}
	path := source
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return openFolder(path)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(source, "*?["):
		return openPattern(source, folder)
	case err != nil:
		return Manifest{}, sourceFault(source, err)
	case !info.Mode().IsRegular():
		return Manifest{}, sourceFault(source, errors.New("it is neither a folder nor a file"))
	}
	return openFile(path)
}

func openFile(path string) (Manifest, error) {
	m := Manifest{Source: path, Folder: filepath.Dir(path)}
	var read func(io.Reader, string) ([]Row, error)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv":
		read = readTable
	case ".jsonl", ".ndjson":
		read = readLines
	case ".txt":
		read = readList
	default:
		return m, sourceFault(path, errors.New("it is no folder, .csv, .tsv, .jsonl or .txt file"))
	}
	file, err := os.Open(path)
	if err != nil {
		return m, sourceFault(path, err)
	}
	defer func() { _ = file.Close() }()
	return m.filled(read(file, m.Folder))
}

// readStream tells JSON lines from a list of images by the first character.
func readStream(in io.Reader, folder string) ([]Row, error) {
	buffered := bufio.NewReader(in)
	for {
		start, err := buffered.Peek(1)
		if err != nil {
			return nil, nil //nolint:nilerr // nothing there: no rows
		}
		if !bytes.ContainsAny(start, " \t\r\n") {
			if start[0] == '{' {
				return readLines(buffered, folder)
			}
			return readList(buffered, folder)
		}
		_, _ = buffered.Discard(1)
	}
}

// filled settles the ids of the rows and refuses a source that orders nothing.
func (m Manifest) filled(rows []Row, err error) (Manifest, error) {
	if err == nil {
		err = identify(rows)
	}
	if err == nil && len(rows) == 0 {
		err = errors.New("it holds no rows")
	}
	if err != nil {
		return m, sourceFault(m.Source, err)
	}
	m.Rows = rows
	return m, nil
}

func sourceFault(source string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("there is no such file or folder")
	}
	return &fault.Error{Kind: fault.Usage, Op: "read the batch", Subject: fault.SafeText(source), Charged: fault.NotCharged, Err: err}
}

// lineError says where in a manifest something is wrong.
func lineError(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: %w", line, fmt.Errorf(format, args...))
}
