package cmd

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// sidecarName is where the record of a file stands.
func sidecarName(path string) string { return path + ".json" }

// leaveSidecars writes the record of each file of a job beside it.
func (a *app) leaveSidecars(j kling.Job, force bool) error {
	again, err := job.RepeatOf(j)
	if err != nil {
		return err
	}
	for _, artifact := range j.Artifacts {
		record := view.NewSidecar(a.process.Version, j, artifact)
		record.Input, record.Envelope = again.Input, again.Envelope
		for _, image := range again.Images {
			record.Images = append(record.Images, view.SidecarImage{Property: image.Property, Source: image.Source, SHA256: image.SHA256})
		}
		path := sidecarName(artifact.Path)
		err := sidecarFree(path, force)
		if err == nil {
			err = writeSidecar(path, record)
		}
		if err != nil {
			return &fault.Error{
				Kind: fault.Local, Op: "write", Subject: path, Charged: fault.Charged, Job: job.Name(j), Err: err,
				Detail: "the video itself is whole: " + artifact.Path, Hint: "klingctl download --sidecar " + job.Name(j),
			}
		}
	}
	return nil
}

var errNotOurs = errors.New("a file that is no sidecar stands there; --force replaces it")

// sidecarFree refuses to replace a file that is no sidecar.
func sidecarFree(path string, force bool) error {
	_, err := os.Lstat(path)
	if force || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	text, err := readLimited(path)
	if err != nil {
		return err
	}
	if object, err := catalog.ReadObject(text); err != nil || !isSidecar(object) {
		return errNotOurs
	}
	return nil
}

// writeSidecar replaces the file in one step. It has the mode that the user's
// umask leaves of 0644.
func writeSidecar(path string, record view.Sidecar) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		return err
	}
	part := path + "." + rand.Text()[:8] + ".tmp"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // no secret in it
	if err != nil {
		return err
	}
	_, err = file.Write(view.Inert(text.Bytes()))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return err
}
