package batch

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// defaultsFile stands in a folder of images and says how they are to be made.
const defaultsFile = "batch.yaml"

// maxCaption bounds the text beside an image, in bytes.
const maxCaption = 64 << 10

// openFolder takes every image below a folder, in the order of their names. The
// row's id is the path below the folder, with slashes. Names that begin with a
// dot and links to folders are passed over.
func openFolder(folder string) (Manifest, error) {
	m := Manifest{Source: folder, Folder: folder}
	var rows []Row
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != folder && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case path == filepath.Join(folder, defaultsFile):
			m.Defaults = path
			return nil
		case !named(entry.Name()):
			if ext := strings.ToLower(filepath.Ext(entry.Name())); ext != ".txt" && ext != ".mp4" {
				m.Passed++
			}
			return nil
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		row, err := imageRow(filepath.ToSlash(rel), path)
		rows = append(rows, row)
		return err
	})
	return m.filled(rows, err)
}

// openPattern takes the images that a pattern matches; their ids are their
// paths as the pattern spells them.
func openPattern(pattern, folder string) (Manifest, error) {
	m := Manifest{Source: pattern, Folder: folder}
	absolute := pattern
	if !filepath.IsAbs(pattern) {
		absolute = filepath.Join(escapePattern(folder), pattern)
	}
	m.Source = absolute
	found, err := filepath.Glob(absolute)
	if err != nil {
		return m, sourceFault(pattern, err)
	}
	slices.Sort(found)
	var rows []Row
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && info.IsDir() || !named(path) {
			m.Passed++
			continue
		}
		id := path
		if rel, err := filepath.Rel(folder, path); err == nil && !filepath.IsAbs(pattern) {
			id = rel
		}
		row, err := imageRow(filepath.ToSlash(id), path)
		if err != nil {
			return m, sourceFault(pattern, err)
		}
		rows = append(rows, row)
	}
	return m.filled(rows, nil)
}

// escapePattern keeps what looks like a pattern in a folder's own name from
// being one.
func escapePattern(folder string) string {
	return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(folder)
}

// imageRow is the row of one image and of the text beside it. A name that no
// screen can show stays out of the id, and the row stays in the batch.
func imageRow(id, path string) (Row, error) {
	if !utf8.ValidString(id) || sound(id) != nil {
		id = "row-" + digest(id)
	}
	row := Row{ID: id, Flags: map[string][]string{"image": {path}}}
	var err error
	row.Caption, err = caption(path)
	return row, err
}

// caption reads x.txt beside x.png; no such file is no caption.
func caption(image string) (string, error) {
	path := strings.TrimSuffix(image, filepath.Ext(image)) + ".txt"
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "", nil // nothing that can be read is no caption
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxCaption+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > maxCaption:
		return "", &fs.PathError{Op: "read caption", Path: path, Err: errTooLong}
	case !utf8.Valid(text):
		return "", &fs.PathError{Op: "read caption", Path: path, Err: errNotUTF8}
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), bom)), nil
}

// named reports a file name that is an image's. What the file holds is checked
// when the row is ordered.
func named(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif":
		return true
	}
	return false
}
