package view

import (
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// ImageCheck is the record of a look at one file.
type ImageCheck struct {
	SchemaVersion int    `json:"schema_version"`
	File          string `json:"file"`
	// Image is null for a file that is no usable image; Problem says why.
	Image   *Image         `json:"image"`
	Problem string         `json:"problem,omitempty"`
	Models  []ImageVerdict `json:"models"`
}

// Image is the record of what an image is.
type Image struct {
	Type        string `json:"type"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"`
	Orientation int    `json:"orientation,omitempty"`
	Animated    bool   `json:"animated,omitempty"`
}

// ImageVerdict is what one model would say to an image.
type ImageVerdict struct {
	Provider string   `json:"provider"`
	Model    string   `json:"model"`
	Kind     string   `json:"kind"`
	Taken    bool     `json:"taken"`
	Fixable  bool     `json:"fixable"`
	Problems []string `json:"problems"`
}

// NewImage makes the record of an image.
func NewImage(image media.Image) *Image {
	return &Image{
		Type: image.Type, Width: image.Width, Height: image.Height, Bytes: image.Bytes,
		SHA256: image.SHA256, Orientation: image.Orientation, Animated: image.Animated,
	}
}

// Taken reports whether any of the models would take the file.
func (c ImageCheck) Taken() bool {
	for _, verdict := range c.Models {
		if verdict.Taken {
			return true
		}
	}
	return false
}

// Rows adds one row a model to a table, or one that says why there is none.
func (c ImageCheck) Rows(table *Table) {
	file := fault.SafeText(c.File)
	if c.Image == nil {
		table.Add(file, "", "", "", "refused", fault.SafeText(c.Problem))
		return
	}
	what := fmt.Sprintf("%s %dx%d", c.Image.Type, c.Image.Width, c.Image.Height)
	for _, verdict := range c.Models {
		word := "taken"
		if !verdict.Taken {
			word = "refused"
		}
		table.Add(file, what, verdict.Provider, verdict.Model, word, fault.SafeText(strings.Join(verdict.Problems, "; ")))
	}
}
