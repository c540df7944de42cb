package media

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// textImage is what the start of a text file that holds an image tells.
type textImage struct {
	// uri tells a data: URI from bare base64.
	uri bool
	// kind is the content type of the image inside, by its content.
	kind string
	// skip is how many bytes stand before the base64.
	skip int
}

func (t textImage) String() string {
	if t.uri {
		return "a data: URI of an image"
	}
	return "base64 text of an image"
}

// maxURIHead bounds what may stand before the comma of a data: URI.
const maxURIHead = 256

// findTextImage tells from its first bytes whether a file is base64 text of an
// image, with or without "data:image/png;base64," before it, on one line or on
// many.
func findTextImage(start []byte) (textImage, bool) {
	const enough = 12
	var found textImage
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), base64Space)
	if len(text) >= 5 && strings.EqualFold(string(text[:5]), "data:") {
		head, rest, ok := bytes.Cut(text[:min(len(text), maxURIHead)], []byte{','})
		if !ok || !strings.HasSuffix(strings.ToLower(string(head)), ";base64") {
			return textImage{}, false
		}
		found.uri, text = true, text[len(text[:min(len(text), maxURIHead)])-len(rest):]
	}
	found.skip = len(start) - len(text)

	// What is broken further on is told when it is decoded; the start of a
	// longer text may well end within four characters.
	decoded, _ := io.ReadAll(newBase64Text(bytes.NewReader(text)))
	if len(decoded) < enough {
		return textImage{}, false
	}
	found.kind = sniff(decoded)
	return found, strings.HasPrefix(found.kind, "image/") && found.kind != "image/svg+xml"
}

// base64Space is what may stand between the characters.
const base64Space = " \t\r\n\v\f"

// textError is text that is no base64.
type textError struct {
	at  int64
	cut bool
}

func (e *textError) Error() string {
	if e.cut {
		return "holds base64 text that is cut: its last character is half of a byte"
	}
	return fmt.Sprintf("holds base64 text that is broken at byte %d", e.at)
}

// newBase64Text decodes base64 as people keep it: with line breaks and blanks,
// in either alphabet, with or without the padding at its end.
func newBase64Text(r io.Reader) io.Reader {
	clean := &base64Text{r: bufio.NewReader(r)}
	return &base64Bytes{text: clean, decoded: base64.NewDecoder(base64.RawStdEncoding, clean)}
}

type base64Bytes struct {
	text    *base64Text
	decoded io.Reader
}

func (b *base64Bytes) Read(p []byte) (int, error) {
	n, err := b.decoded.Read(p)
	if _, broken := errors.AsType[base64.CorruptInputError](err); broken || errors.Is(err, io.ErrUnexpectedEOF) {
		// Only whole characters get here, so it can only be the end.
		err = &textError{at: b.text.at, cut: true}
	}
	return n, err
}

// base64Text passes the characters that count, in the standard alphabet.
type base64Text struct {
	r *bufio.Reader
	// at counts the bytes read.
	at int64
	// closing counts the padding, behind which nothing may come.
	closing int
}

func (t *base64Text) Read(p []byte) (int, error) {
	for n := range p {
		c, err := t.next()
		if err != nil {
			if n > 0 && errors.Is(err, io.EOF) {
				err = nil
			}
			return n, err
		}
		p[n] = c
	}
	return len(p), nil
}

func (t *base64Text) next() (byte, error) {
	for {
		c, err := t.r.ReadByte()
		if err != nil {
			return 0, err
		}
		t.at++
		switch {
		case strings.IndexByte(base64Space, c) >= 0:
			continue
		case c == '=' && t.closing < 2:
			t.closing++
			continue
		case t.closing > 0:
		case c == '-':
			return '+', nil
		case c == '_':
			return '/', nil
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			return c, nil
		}
		return 0, &textError{at: t.at}
	}
}
