package job

import (
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// Repeat is what it takes to order a job again: the normalised request without
// what belonged to that one create.
type Repeat struct {
	// Input and Envelope are the provider's own, nil when nobody here knows
	// them. Images stand in them by their Source.
	Input, Envelope map[string]any
	Images          []RepeatImage
}

// RepeatImage is an image of a request.
type RepeatImage struct {
	// Property is the place in the input, as in "image_urls[0]".
	Property string
	// Source is an address, the absolute path of a file, or "-".
	Source string
	// SHA256 is the lower-case hex digest of what was sent, "" for an address.
	SHA256 string
}

// RepeatOf reads the request of a job. A job that was named by a bare
// reference has none.
func RepeatOf(job kling.Job) (Repeat, error) {
	kept, err := recordOf(job)
	if err != nil {
		return Repeat{}, err
	}
	for _, property := range kept.Once {
		path := strings.Split(property, ".")
		remove(kept.Input, path)
		remove(kept.Envelope, path)
	}
	again := Repeat{Input: kept.Input, Envelope: kept.Envelope}
	for _, image := range kept.Images {
		again.Images = append(again.Images, RepeatImage{Property: image.Property, Source: image.Source, SHA256: image.SHA256})
	}
	return again, nil
}

func remove(object map[string]any, path []string) {
	for _, name := range path[:len(path)-1] {
		object, _ = object[name].(map[string]any)
	}
	delete(object, path[len(path)-1])
}
