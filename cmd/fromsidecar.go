package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/view"
)

// isSidecar tells the record that stands beside a video from a request that a
// person wrote.
func isSidecar(object map[string]any) bool {
	_, program := object["klingctl"].(string)
	_, output := object["output"].(map[string]any)
	_, version := object["schema_version"].(json.Number)
	return program && output && version
}

var (
	errNewerSidecar = errors.New("a newer klingctl wrote it")
	errBareSidecar  = errors.New("it holds no request: the job was known by its reference only")
	errSidecarShape = errors.New("it is no sidecar as klingctl writes them")
)

// fillSidecar takes the request out of a sidecar. Keys that it does not know
// are those of later versions.
func (f *fromFile) fillSidecar(object map[string]any) error {
	if version, ok := object["schema_version"].(json.Number); !ok || version.String() != strconv.Itoa(view.SchemaVersion) {
		return errNewerSidecar
	}
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	var record view.Sidecar
	if err := json.Unmarshal(text, &record); err != nil {
		return fmt.Errorf("%w: %w", errSidecarShape, err)
	}
	input, ok := object["input"].(map[string]any) // its numbers as they were written
	if !ok {
		return errBareSidecar
	}
	f.provider, f.model, f.kind = record.Provider, record.Model, record.Kind
	f.input = maps.Clone(input)
	if envelope, ok := object["envelope"].(map[string]any); ok {
		maps.Copy(f.input, envelope)
	}
	f.images = record.Images
	return nil
}

// compare tells of images that are not what they were when the video of a
// sidecar was made.
func (a *app) compare(made []view.SidecarImage, slots []catalog.Slot) {
	for _, slot := range slots {
		for _, image := range made {
			if image.Property == slot.Property && image.Source == slot.Source && image.SHA256 != "" &&
				slot.Image.SHA256 != "" && image.SHA256 != slot.Image.SHA256 {
				a.notice(slot.Source + " is not the image that the video was made with: its content differs")
			}
		}
	}
}
