package sandbox

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// spillAt is the length from which a JSON string goes to disk while it is
	// read. The longest legal text, 5,000 characters all escaped, is shorter.
	spillAt = 128 << 10
	// maxSlim bounds what is left of a body without its long strings.
	maxSlim = 4 << 20
)

var (
	errTooLarge = errors.New("request body is larger than 64 MiB")
	errNotJSON  = errors.New("request body is not a JSON object")
)

// readJSON reads a request body. Long strings, the pictures, are decoded to
// disk on the way and stand in the tree as *spill; the rest is small. It also
// returns the number of bytes read.
func (s *Server) readJSON(r io.Reader) (object, int64, error) {
	counted := &counter{r: r}
	slim := &slimmer{in: bufio.NewReaderSize(counted, 64<<10), s: s, tag: "\x00" + rand.Text() + ":"}
	defer slim.discard()
	text, err := slim.run()
	if err != nil {
		return nil, counted.n, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree object
	if err := dec.Decode(&tree); err != nil || tree == nil {
		return nil, counted.n, errNotJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, counted.n, errNotJSON
	}
	slim.restore(tree)
	return tree, counted.n, nil
}

// counter counts and caps what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > maxBody {
		return 0, errTooLarge
	}
	return n, err
}

// slimmer copies JSON text and replaces long strings by marks.
type slimmer struct {
	in     *bufio.Reader
	out    []byte
	s      *Server
	tag    string // begins every mark; nobody outside can know it
	spills []*spill
}

func (z *slimmer) run() ([]byte, error) {
	for {
		chunk, err := z.chunk()
		if errors.Is(err, io.EOF) {
			return z.out, nil
		}
		if err != nil {
			return nil, err
		}
		i := bytes.IndexByte(chunk, '"')
		end := i + 1
		if i < 0 {
			end = len(chunk)
		}
		z.out = append(z.out, chunk[:end]...)
		_, _ = z.in.Discard(end) // peeked before
		if i >= 0 {
			if err := z.text(); err != nil {
				return nil, err
			}
		}
		if len(z.out) > maxSlim {
			return nil, errTooLarge
		}
	}
}

// chunk is what can be looked at without another copy.
func (z *slimmer) chunk() ([]byte, error) {
	if z.in.Buffered() == 0 {
		if _, err := z.in.Peek(1); err != nil {
			return nil, err
		}
	}
	return z.in.Peek(z.in.Buffered())
}

// text copies one string behind its opening quote, to disk once it is long.
func (z *slimmer) text() error {
	start := len(z.out)
	var long *spill
	for {
		chunk, err := z.chunk()
		if errors.Is(err, io.EOF) {
			return errNotJSON
		}
		if err != nil {
			return err
		}
		i := bytes.IndexAny(chunk, `"\`)
		piece := chunk
		if i >= 0 {
			piece = chunk[:i]
		}
		if long != nil {
			long.write(piece)
		} else {
			z.out = append(z.out, piece...)
		}
		stop := i >= 0 && chunk[i] == '"'
		escape := i >= 0 && !stop
		_, _ = z.in.Discard(len(piece))
		if escape {
			pair := make([]byte, 2)
			if _, err := io.ReadFull(z.in, pair); err != nil {
				return errNotJSON
			}
			if long != nil {
				long.write(unescape(pair))
			} else {
				z.out = append(z.out, pair...)
			}
		}
		if long == nil && len(z.out)-start > spillAt {
			if long, err = z.s.newSpill(); err != nil {
				return err
			}
			z.spills = append(z.spills, long)
			long.write(unescape(z.out[start:]))
			z.out = z.out[:start]
		}
		if stop {
			_, _ = z.in.Discard(1)
			if long != nil {
				mark, _ := json.Marshal(fmt.Sprintf("%s%d", z.tag, len(z.spills)-1)) // a string always marshals
				z.out = append(z.out, mark[1:len(mark)-1]...)
				long.finish()
			}
			z.out = append(z.out, '"')
			return nil
		}
	}
}

// unescape undoes the one escape that legal base64 may carry. Others are left
// standing, and the decoder refuses them.
func unescape(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(`\/`), []byte("/"))
}

// restore puts the spills where their marks stand.
func (z *slimmer) restore(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = z.restore(v[k])
		}
	case []any:
		for i := range v {
			v[i] = z.restore(v[i])
		}
	case string:
		rest, ok := strings.CutPrefix(v, z.tag)
		var n int
		if _, err := fmt.Sscanf(rest, "%d", &n); ok && err == nil && n < len(z.spills) {
			return z.spills[n]
		}
	}
	return v
}

// discard removes files of spills that no store has taken.
func (z *slimmer) discard() {
	for _, sp := range z.spills {
		sp.finish()
	}
}

// elided is a copy of a body for the journal: long strings give their length
// and digest instead.
func elided(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(object, len(v))
		for k := range v {
			out[k] = elided(v[k])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = elided(v[i])
		}
		return out
	case string:
		return elide(v)
	case *spill:
		return fmt.Sprintf("elided: %d bytes, sha256 %s", v.size, v.sum)
	default:
		return v
	}
}

func elide(text string) string {
	if len(text) <= 200 {
		return text
	}
	return fmt.Sprintf("elided: %d bytes, sha256 %s", len(text), digest([]byte(text)))
}
