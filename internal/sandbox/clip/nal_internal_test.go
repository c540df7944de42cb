package clip

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestExpGolomb(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		write func(*nalWriter)
		want  []byte // after the header byte, with the stop bit
	}{
		"ue 0":               {func(n *nalWriter) { n.ue(0) }, []byte{0b1100_0000}},
		"ue 1":               {func(n *nalWriter) { n.ue(1) }, []byte{0b0101_0000}},
		"ue 2":               {func(n *nalWriter) { n.ue(2) }, []byte{0b0111_0000}},
		"ue 7":               {func(n *nalWriter) { n.ue(7) }, []byte{0b0001_0001}},
		"ue 25":              {func(n *nalWriter) { n.ue(25) }, []byte{0b0000_1101, 0b0100_0000}},
		"ue 3600":            {func(n *nalWriter) { n.ue(3600) }, []byte{0b0000_0000, 0b0001_1100, 0b0010_0011}},
		"se 0":               {func(n *nalWriter) { n.se(0) }, []byte{0b1100_0000}},
		"se 1":               {func(n *nalWriter) { n.se(1) }, []byte{0b0101_0000}},
		"se -1":              {func(n *nalWriter) { n.se(-1) }, []byte{0b0111_0000}},
		"se 2":               {func(n *nalWriter) { n.se(2) }, []byte{0b0010_0100}},
		"se -2":              {func(n *nalWriter) { n.se(-2) }, []byte{0b0010_1100}},
		"fixed width":        {func(n *nalWriter) { n.u(5, 0b10110); n.u(4, 0b0001) }, []byte{0b1011_0000, 0b1100_0000}},
		"only the low bits":  {func(n *nalWriter) { n.u(3, 0xff) }, []byte{0b1111_0000}},
		"alignment is zeros": {func(n *nalWriter) { n.u(1, 1); n.align(); n.align() }, []byte{0x80, 0x80}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNAL(nalPPS, 0)
			tc.write(n)
			if got := n.finish(); got[0] != 0x68 || !bytes.Equal(got[1:], tc.want) {
				t.Errorf("got %08b, want header 0x68 and %08b", got, tc.want)
			}
		})
	}
}

func TestEmulationPrevention(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want []byte }{
		"start code":            {[]byte{0, 0, 1}, []byte{0, 0, 3, 1}},
		"three zeros":           {[]byte{0, 0, 0}, []byte{0, 0, 3, 0}},
		"many zeros":            {[]byte{0, 0, 0, 0, 0, 0}, []byte{0, 0, 3, 0, 0, 3, 0, 0}},
		"the byte itself":       {[]byte{0, 0, 3}, []byte{0, 0, 3, 3}},
		"four needs none":       {[]byte{0, 0, 4}, []byte{0, 0, 4}},
		"one zero needs none":   {[]byte{0, 1, 0, 2}, []byte{0, 1, 0, 2}},
		"zeros that are parted": {[]byte{0, 9, 0, 1}, []byte{0, 9, 0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNAL(nalPPS, 0)
			n.bytes(tc.in)
			if got := n.finish(); !bytes.Equal(got[1:len(got)-1], tc.want) {
				t.Errorf("got % x, want % x", got[1:len(got)-1], tc.want)
			}
		})
	}
}

// No bytes may form a start code inside a NAL unit, and taking out each 3 after
// two zeros must give them back.
func TestNALUnitsHideNoStartCode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.SampledFrom([]byte{0, 0, 0, 1, 2, 3, 4, 0xff})).Draw(t, "in")
		n := newNAL(nalPPS, 0)
		n.bytes(in)
		nal := n.finish()
		var out []byte
		zeros := 0
		for i, b := range nal {
			switch {
			case zeros >= 2 && b < 3:
				t.Fatalf("byte %d of % x could end a start code", i, nal)
			case zeros >= 2 && b == 3:
				zeros = 0
				continue
			case b == 0:
				zeros++
			default:
				zeros = 0
			}
			out = append(out, b)
		}
		if !bytes.Equal(out[1:len(out)-1], in) {
			t.Fatalf("got % x back, want % x", out[1:len(out)-1], in)
		}
	})
}
