package clip_test

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// atom is one box of a parsed file: its children, or its payload.
type atom struct {
	kind     string
	at       int // of the payload in the file
	payload  []byte
	children []atom
}

// parse walks boxes until data ends; sizes that do not add up fail the test.
func parse(tb testing.TB, data []byte, at int) []atom {
	tb.Helper()
	var atoms []atom
	for len(data) > 0 {
		if len(data) < 8 {
			tb.Fatalf("box at %d: %d bytes left, want a header", at, len(data))
		}
		size := int(binary.BigEndian.Uint32(data))
		if size < 8 || size > len(data) {
			tb.Fatalf("box at %d: size %d of %d bytes left", at, size, len(data))
		}
		a := atom{kind: string(data[4:8]), at: at + 8, payload: data[8:size]}
		skip := -1 // bytes before the children
		switch a.kind {
		case "moov", "trak", "mdia", "minf", "dinf", "stbl":
			skip = 0
		case "stsd", "dref":
			skip = 8
		case "avc1":
			skip = 78
		}
		if skip >= 0 {
			a.children = parse(tb, a.payload[skip:], a.at+skip)
		}
		atoms = append(atoms, a)
		data, at = data[size:], at+size
	}
	return atoms
}

// find returns the only box at the path.
func find(tb testing.TB, atoms []atom, path ...string) atom {
	tb.Helper()
	var found []atom
	for _, a := range atoms {
		if a.kind == path[0] {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		tb.Fatalf("box %q: got %d of them, want 1", path[0], len(found))
	}
	if len(path) == 1 {
		return found[0]
	}
	return find(tb, found[0].children, path[1:]...)
}

func (a atom) u32(at int) int { return int(binary.BigEndian.Uint32(a.payload[at:])) }
func (a atom) u16(at int) int { return int(binary.BigEndian.Uint16(a.payload[at:])) }

// stbl is the path to the sample tables.
func stbl(kind string) []string {
	return []string{"moov", "trak", "mdia", "minf", "stbl", kind}
}

// samples cuts the file into NAL units by its own tables.
func samples(tb testing.TB, file []byte, atoms []atom) [][]byte {
	tb.Helper()
	stsz, stco := find(tb, atoms, stbl("stsz")...), find(tb, atoms, stbl("stco")...)
	at := stco.u32(8)
	units := make([][]byte, 0, stsz.u32(8))
	for i := range stsz.u32(8) {
		size := stsz.u32(12 + 4*i)
		if got := int(binary.BigEndian.Uint32(file[at:])); got != size-4 {
			tb.Fatalf("sample %d: length field %d, want %d", i, got, size-4)
		}
		units = append(units, file[at+4:at+size])
		at += size
	}
	if at != len(file) {
		tb.Fatalf("samples end at %d, file at %d", at, len(file))
	}
	return units
}

// bitReader reads a NAL unit back: what a decoder does, for the few elements
// the package writes.
type bitReader struct {
	data []byte // without emulation prevention
	pos  int
}

func newBitReader(nal []byte) *bitReader {
	r := &bitReader{}
	zeros := 0
	for _, b := range nal {
		if zeros >= 2 && b == 3 {
			zeros = 0
			continue
		}
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
		r.data = append(r.data, b)
	}
	return r
}

func (r *bitReader) u(n int) int {
	v := 0
	for range n {
		v = v<<1 | int(r.data[r.pos/8]>>(7-r.pos%8)&1)
		r.pos++
	}
	return v
}

func (r *bitReader) ue() int {
	zeros := 0
	for r.u(1) == 0 {
		zeros++
	}
	return 1<<zeros - 1 + r.u(zeros)
}

func (r *bitReader) se() int {
	v := r.ue()
	if v%2 == 1 {
		return (v + 1) / 2
	}
	return -v / 2
}

// want reads one element and fails when it has another value.
func (r *bitReader) want(name string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s before bit %d: got %d, want %d", name, r.pos, got, want)
	}
	return nil
}

// end checks the stop bit and that only its alignment follows.
func (r *bitReader) end() error {
	if err := r.want("stop bit", r.u(1), 1); err != nil {
		return err
	}
	for r.pos%8 != 0 {
		if err := r.want("alignment", r.u(1), 0); err != nil {
			return err
		}
	}
	return r.want("bytes left", len(r.data)-r.pos/8, 0)
}
