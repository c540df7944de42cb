package faulttest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// fillerBytes makes the film long enough to be cut, resumed and throttled.
const fillerBytes = 300 << 10

// film is a video that is made once and served by all cases.
type film struct {
	data []byte
	etag string
	made time.Time
}

// newFilm makes a short clip and lets a "free" box of noise follow it, so that a
// cut or a splice anywhere shows in the digest.
func newFilm() (*film, error) {
	var out bytes.Buffer
	if err := clip.Encode(&out, nil, clip.Options{Seconds: 1, Seed: "faults"}); err != nil {
		return nil, fmt.Errorf("make the film: %w", err)
	}
	noise := make([]byte, fillerBytes)
	_, _ = rand.NewChaCha8([32]byte{'f', 'a', 'u', 'l', 't', 's'}).Read(noise) // never fails
	head := binary.BigEndian.AppendUint32(nil, uint32(len(noise)+8))
	out.Write(append(head, "free"...))
	out.Write(noise)
	return &film{data: out.Bytes(), etag: `"the-film"`, made: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, nil
}
