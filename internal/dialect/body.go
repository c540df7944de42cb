package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Stream is a long string inside a JSON body that is never held whole, such
// as an image in base64. Its bytes are plain ASCII that JSON needs no escapes
// for.
type Stream interface {
	// Len is the exact number of bytes that Open will give.
	Len() int64
	// Open gives the bytes from the start; it may be called more than once.
	Open() (io.ReadCloser, error)
	// Label stands for the stream in dry runs and logs.
	Label() string
}

// Body is a request body as literal pieces of JSON around streams. The zero
// Body is empty.
type Body struct{ parts []part }

// part is a literal or a stream, never both.
type part struct {
	literal []byte
	stream  Stream
}

// EncodeJSON encodes a JSON value in which a Stream may stand for any string.
// Maps are encoded with sorted keys, so equal values give equal bytes.
func EncodeJSON(value any) (Body, error) {
	var encoder jsonEncoder
	if err := encoder.encode(value); err != nil {
		return Body{}, fmt.Errorf("encode the request body: %w", err)
	}
	encoder.flush()
	return Body{parts: encoder.parts}, nil
}

// Empty reports whether there is no body.
func (b Body) Empty() bool { return len(b.parts) == 0 }

// Len is the exact Content-Length.
func (b Body) Len() int64 {
	var total int64
	for _, p := range b.parts {
		if p.stream != nil {
			total += p.stream.Len()
			continue
		}
		total += int64(len(p.literal))
	}
	return total
}

// Open gives the body from its start, opening each stream only when it is
// reached.
func (b Body) Open() io.ReadCloser { return &bodyReader{parts: b.parts} }

// Elided is the body with each stream replaced by its label: what a person
// sees of it.
func (b Body) Elided() []byte {
	var out bytes.Buffer
	for _, p := range b.parts {
		if p.stream == nil {
			out.Write(p.literal)
			continue
		}
		quoted := quote(p.stream.Label())
		out.Write(quoted[1 : len(quoted)-1])
	}
	return out.Bytes()
}

type jsonEncoder struct {
	buffer bytes.Buffer
	parts  []part
}

func (e *jsonEncoder) flush() {
	if e.buffer.Len() > 0 {
		e.parts = append(e.parts, part{literal: bytes.Clone(e.buffer.Bytes())})
		e.buffer.Reset()
	}
}

func (e *jsonEncoder) encode(value any) error {
	switch v := value.(type) {
	case Stream:
		e.buffer.WriteByte('"')
		e.flush()
		e.parts = append(e.parts, part{stream: v})
		e.buffer.WriteByte('"')
	case map[string]any:
		return e.encodeMap(v)
	case []any:
		e.buffer.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				e.buffer.WriteByte(',')
			}
			if err := e.encode(item); err != nil {
				return err
			}
		}
		e.buffer.WriteByte(']')
	case string:
		e.buffer.Write(quote(v))
	default:
		encoded, err := json.Marshal(v)
		if err != nil {
			return err
		}
		e.buffer.Write(encoded)
	}
	return nil
}

func (e *jsonEncoder) encodeMap(m map[string]any) error {
	e.buffer.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			e.buffer.WriteByte(',')
		}
		e.buffer.Write(quote(key))
		e.buffer.WriteByte(':')
		if err := e.encode(m[key]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	e.buffer.WriteByte('}')
	return nil
}

// quote encodes a string without escaping <, > and &: prompts carry
// placeholders such as <<<image_1>>>, and the text should stay readable.
func quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return bytes.TrimRight(out.Bytes(), "\n")
}

// bodyReader reads part after part.
type bodyReader struct {
	parts   []part
	current io.ReadCloser
}

func (r *bodyReader) Read(p []byte) (int, error) {
	for {
		if r.current == nil {
			if len(r.parts) == 0 {
				return 0, io.EOF
			}
			if err := r.next(); err != nil {
				return 0, err
			}
		}
		n, err := r.current.Read(p)
		if err == io.EOF { //nolint:errorlint // io.Reader's contract is the bare value
			closeErr := r.current.Close()
			r.current, err = nil, closeErr
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (r *bodyReader) next() error {
	p := r.parts[0]
	r.parts = r.parts[1:]
	if p.stream == nil {
		r.current = io.NopCloser(bytes.NewReader(p.literal))
		return nil
	}
	opened, err := p.stream.Open()
	if err != nil {
		return err
	}
	r.current = opened
	return nil
}

func (r *bodyReader) Close() error {
	r.parts = nil
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}
