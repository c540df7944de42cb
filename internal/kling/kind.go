package kling

// Kind is what a model makes a video from. An offer is a provider, a model
// and a kind.
type Kind string

const (
	// ImageToVideo starts from one or two images.
	ImageToVideo Kind = "image-to-video"
	// TextToVideo starts from a prompt alone.
	TextToVideo Kind = "text-to-video"
)

// Kinds lists the known kinds.
func Kinds() []Kind { return []Kind{ImageToVideo, TextToVideo} }

// Valid reports whether k is one of the known kinds.
func (k Kind) Valid() bool { return k == ImageToVideo || k == TextToVideo }
