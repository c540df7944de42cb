package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
)

// maxImage is the documented limit of a picture file, in bytes.
const maxImage = 10 << 20

// spill is a text too long to be anything but a picture: it is decoded from
// base64 while it is read and ends in the image store. Up to 10 MiB and one
// byte are kept of it, enough to know that it is too large.
type spill struct {
	size    int64  // bytes of the text
	sum     string // sha256 of the text
	dataURI bool   // it began with data:...;base64,
	err     error  // why it is no picture file
	image   string // digest in the image store

	s       *Server
	text    hash.Hash
	head    []byte // the start, until a prefix can be told
	begun   bool
	rest    []byte // base64 not yet a whole group of four
	ended   bool   // padding was seen
	out     []byte // the last bytes decoded, kept for its room
	file    *os.File
	bytes   int64
	content hash.Hash
	done    bool
}

var (
	errBase64   = errors.New("not base64")
	errImageBig = errors.New("image file is larger than 10 MB")
)

func (s *Server) newSpill() (*spill, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, imagesDir), ".new-*")
	if err != nil {
		return nil, fmt.Errorf("keep image: %w", err)
	}
	return &spill{s: s, text: sha256.New(), content: sha256.New(), file: f}, nil
}

func (sp *spill) write(text []byte) {
	sp.size += int64(len(text))
	_, _ = sp.text.Write(text) // a hash never fails
	if sp.begun {
		sp.decode(text)
		return
	}
	sp.head = append(sp.head, text...)
	if len(sp.head) >= 512 {
		sp.begin()
	}
}

func (sp *spill) begin() {
	sp.begun = true
	text := sp.head
	if bytes.HasPrefix(text, []byte("data:")) {
		sp.dataURI = true
		_, after, ok := bytes.Cut(text, []byte(";base64,"))
		if !ok {
			sp.err = errBase64
		}
		text = after
	}
	sp.decode(text)
	sp.head = nil
}

func (sp *spill) decode(text []byte) {
	if sp.err != nil || len(text) == 0 {
		return
	}
	if sp.ended || bytes.ContainsAny(text, "\r\n") {
		sp.err = errBase64
		return
	}
	sp.rest = append(sp.rest, text...)
	whole := len(sp.rest) / 4 * 4
	out := slices.Grow(sp.out[:0], base64.StdEncoding.DecodedLen(whole))[:base64.StdEncoding.DecodedLen(whole)]
	sp.out = out
	n, err := base64.StdEncoding.Strict().Decode(out, sp.rest[:whole])
	if err != nil {
		sp.err = errBase64
		return
	}
	sp.ended = whole > 0 && sp.rest[whole-1] == '='
	sp.rest = append(sp.rest[:0], sp.rest[whole:]...)
	if sp.bytes += int64(n); sp.bytes > maxImage {
		sp.err = errImageBig
		return
	}
	_, _ = sp.content.Write(out[:n])
	_, sp.err = sp.file.Write(out[:n])
}

// finish closes the text and moves the picture into the store.
func (sp *spill) finish() {
	if sp.done {
		return
	}
	sp.done = true
	if !sp.begun {
		sp.begin()
	}
	sp.sum = hex.EncodeToString(sp.text.Sum(nil))
	if sp.err == nil && (len(sp.rest) > 0 || sp.bytes == 0) {
		sp.err = errBase64
	}
	sp.image = hex.EncodeToString(sp.content.Sum(nil))
	if err := keep(sp.file, sp.s.imagePath(sp.image), sp.err); err != nil {
		sp.image, sp.err = "", err
	}
	sp.rest, sp.out, sp.file = nil, nil, nil
}

func (s *Server) imagePath(sum string) string {
	return filepath.Join(s.dir, imagesDir, filepath.Base(sum))
}
