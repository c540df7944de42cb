package clip

import "math/bits"

// NAL unit types and the reference marks of ITU-T H.264, table 7-1.
const (
	nalSlice    = 1
	nalIDRSlice = 5
	nalSPS      = 7
	nalPPS      = 8
)

// nalWriter writes the bits of one NAL unit. It inserts emulation prevention
// bytes as it goes, so what it holds is ready for a file.
type nalWriter struct {
	buf   []byte
	cur   byte // bits not yet in buf, from the top
	used  int  // how many bits of cur are taken, 0 to 7
	zeros int  // zero bytes at the end of buf
}

// newNAL starts a NAL unit whose picture, if any, is kept for reference.
func newNAL(kind byte, capacity int) *nalWriter {
	n := &nalWriter{buf: make([]byte, 0, capacity)}
	n.byte(3<<5 | kind)
	return n
}

// byte appends a whole byte; the writer must be aligned. A byte of 0 to 3
// after two zeros could pass for a start code, so a 3 goes between.
func (n *nalWriter) byte(b byte) {
	if n.zeros == 2 && b <= 3 {
		n.buf = append(n.buf, 3)
		n.zeros = 0
	}
	n.buf = append(n.buf, b)
	if b == 0 {
		n.zeros++
	} else {
		n.zeros = 0
	}
}

// bytes appends whole bytes; the writer must be aligned.
func (n *nalWriter) bytes(p []byte) {
	for _, b := range p {
		n.byte(b)
	}
}

// u writes the low width bits of v, highest first: u(n) of the standard.
func (n *nalWriter) u(width int, v uint32) {
	for i := width - 1; i >= 0; i-- {
		n.cur |= byte(v>>i&1) << (7 - n.used)
		if n.used++; n.used == 8 {
			b := n.cur
			n.cur, n.used = 0, 0
			n.byte(b)
		}
	}
}

// flag writes one bit.
func (n *nalWriter) flag(on bool) {
	if on {
		n.u(1, 1)
		return
	}
	n.u(1, 0)
}

// ue writes v as unsigned Exp-Golomb code: as many zeros as v+1 has bits after
// its first, then v+1. v must be below the largest uint32.
func (n *nalWriter) ue(v uint32) {
	width := bits.Len32(v + 1)
	n.u(width-1, 0)
	n.u(width, v+1)
}

// se writes v as signed Exp-Golomb code: 0, 1, -1, 2, -2 and so on.
func (n *nalWriter) se(v int32) {
	if v > 0 {
		n.ue(uint32(2*v - 1))
		return
	}
	n.ue(uint32(-2 * v))
}

// align fills the current byte with zero bits.
func (n *nalWriter) align() {
	if n.used > 0 {
		n.u(8-n.used, 0)
	}
}

// finish writes the stop bit and returns the NAL unit.
func (n *nalWriter) finish() []byte {
	n.u(1, 1)
	n.align()
	return n.buf
}
