package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// Base64 is the base64 text of a local file, as a stream of known length.
// Nothing is held in memory but one chunk while it is read.
type Base64 struct {
	img    Image
	prefix string
}

// NewBase64 describes the base64 of an inspected image; nothing is opened yet.
// With dataURI the text starts with "data:TYPE;base64,".
func NewBase64(img Image, dataURI bool) Base64 {
	b := Base64{img: img}
	if dataURI {
		b.prefix = "data:" + img.Type + ";base64,"
	}
	return b
}

// Len is the exact number of bytes that Open gives.
func (b Base64) Len() int64 {
	return int64(len(b.prefix)) + (b.img.Bytes+2)/3*4
}

// Label stands for the content where it is too long to show:
// "<image/png, 12345 bytes, sha256 ab12cd34>".
func (b Base64) Label() string {
	digest := b.img.SHA256
	return fmt.Sprintf("<%s, %d bytes, sha256 %s>", b.img.Type, b.img.Bytes, digest[:min(len(digest), 8)])
}

// Open starts the stream. A file that is not what was inspected any more is an
// error here, when size or time of modification tell, else of a Read before
// the last chunk is out: whoever has Len bytes has the right ones.
func (b Base64) Open() (io.ReadCloser, error) {
	e, err := openInspected(b.img)
	if err != nil {
		return nil, err
	}
	e.ready, e.out = []byte(b.prefix), make([]byte, chunkOut)
	return e, nil
}

// Open starts a stream of the file's own bytes, with the same promise as a
// Base64: whoever has all of them has the ones that were inspected.
func (img Image) Open() (io.ReadCloser, error) { return openInspected(img) }

func openInspected(img Image) (*encoder, error) {
	path := img.File()
	file, info, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	sameTime := img.ModTime.IsZero() || info.ModTime().Equal(img.ModTime)
	if info.Size() != img.Bytes || !sameTime {
		_ = file.Close()
		return nil, changed(path)
	}
	return &encoder{
		file: file, path: path, sum: sha256.New(), left: img.Bytes, want: img.SHA256, in: make([]byte, chunkIn),
	}, nil
}

func changed(path string) error { return refuse(path, "changed since it was checked") }

// Chunks are multiples of three bytes in and four characters out, so that
// padding appears at the end only.
const (
	chunkIn  = 48 << 10
	chunkOut = chunkIn / 3 * 4
)

// encoder reads a file, as base64 or as it is, without a goroutine: an answer that comes
// early leaves nothing behind but a Close.
type encoder struct {
	file *os.File
	path string
	sum  hash.Hash
	want string
	// left counts the bytes of the file not read yet.
	left int64
	// ready is what was not handed out yet.
	ready []byte
	// in holds a chunk of the file, out its text; nil hands the file out as
	// it is.
	in, out []byte
	err     error
}

func (e *encoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(e.ready) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		e.err = e.fill()
	}
	n := copy(p, e.ready)
	e.ready = e.ready[n:]
	return n, nil
}

// fill encodes the next chunk. The last one is kept back until length and
// digest of the whole file are known to be right.
func (e *encoder) fill() error {
	if e.left == 0 {
		return io.EOF
	}
	chunk := e.in[:min(int64(len(e.in)), e.left)]
	if _, err := io.ReadFull(e.file, chunk); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return changed(e.path)
		}
		return readFault(e.path, err)
	}
	e.sum.Write(chunk)
	if e.left -= int64(len(chunk)); e.left == 0 {
		if err := e.verify(); err != nil {
			return err
		}
	}
	if e.out == nil {
		e.ready = chunk
		return nil
	}
	n := base64.StdEncoding.EncodedLen(len(chunk))
	base64.StdEncoding.Encode(e.out[:n], chunk)
	e.ready = e.out[:n]
	return nil
}

func (e *encoder) verify() error {
	var more [1]byte
	if n, err := e.file.Read(more[:]); n > 0 {
		return changed(e.path)
	} else if err != nil && !errors.Is(err, io.EOF) {
		return readFault(e.path, err)
	}
	if want, err := hex.DecodeString(e.want); err == nil && len(want) > 0 && !bytes.Equal(want, e.sum.Sum(nil)) {
		return changed(e.path)
	}
	return nil
}

// Close releases the file. What was not read stays unread.
func (e *encoder) Close() error { return e.file.Close() }
