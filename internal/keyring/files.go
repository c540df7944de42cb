package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile bounds a file of ours, in bytes.
const maxFile = 64 << 10

// Files is a ring of files in a folder, one an account, which nobody but their
// owner may read. The folder is made when it is needed.
type Files struct{ Folder string }

// Path is the file of an account.
func (f Files) Path(account string) string { return filepath.Join(f.Folder, account+".key") }

// Get implements Ring.
func (f Files) Get(account string) (string, error) {
	file, err := os.Open(f.Path(account))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotKept
	}
	if err != nil {
		return "", fmt.Errorf("open the kept key: %w", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return "", fmt.Errorf("read the kept key: %w", err)
	}
	return string(text), nil
}

// Set implements Ring. The earlier file stays until the new one is whole.
func (f Files) Set(account, text string) error {
	if err := os.MkdirAll(f.Folder, 0o700); err != nil {
		return fmt.Errorf("make the folder for keys: %w", err)
	}
	file, err := os.CreateTemp(f.Folder, account+".*.key") // 0600 by its contract
	if err != nil {
		return fmt.Errorf("make the file for the key: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // nothing is there once it was renamed
	_, err = file.WriteString(text + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), f.Path(account))
	}
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return nil
}

// Delete implements Ring.
func (f Files) Delete(account string) error {
	err := os.Remove(f.Path(account))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotKept
	}
	if err != nil {
		return fmt.Errorf("delete the kept key: %w", err)
	}
	return nil
}
