package kling

import "time"

// ArtifactKind tells the plain video from its watermarked twin.
type ArtifactKind string

const (
	// Video is the result itself.
	Video ArtifactKind = "video"
	// Watermarked is the same video with the provider's watermark.
	Watermarked ArtifactKind = "watermarked"
)

// Artifact is one result of a succeeded job. URL, Seconds and ExpiresAt come
// from the provider; Path, SHA256 and Bytes from the download.
type Artifact struct {
	Kind ArtifactKind `json:"kind"`
	// URL is the provider's link, as it was given; it is a secret of sorts
	// (often signed) and expires.
	URL string `json:"url"`
	// Seconds is the duration as the provider states it, 0 when it does not.
	Seconds float64 `json:"seconds,omitempty"`
	// ExpiresAt is when the link is expected to die; zero when unknown.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Path is the absolute file name chosen before the download.
	Path string `json:"path,omitempty"`
	// SHA256 is the lower-case hex digest of the checked file.
	SHA256 string `json:"sha256,omitempty"`
	// Bytes is the size of the checked file.
	Bytes int64 `json:"bytes,omitempty"`
	// Placing is set while the file is about to get its name: whoever finds it
	// set long afterwards cannot tell whether the file ever got there.
	Placing bool `json:"placing,omitempty"`
}

// OnDisk reports whether a checked file was stored for the artifact. The file
// may have been deleted since.
func (a Artifact) OnDisk() bool { return a.SHA256 != "" && !a.Placing }
