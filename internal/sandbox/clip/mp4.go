package clip

import (
	"encoding/binary"
	"io"
)

// lengthBytes is the width of the length before each NAL unit in a sample.
const lengthBytes = 4

// movie is everything the file needs: the parameter sets, the first picture,
// and the slices that hold it, used in turn.
type movie struct {
	timing

	width, height int
	sps, pps      []byte
	first         []byte
	held          [][]byte
}

// sample returns the NAL unit of the i-th picture.
func (m *movie) sample(i int) []byte {
	if i == 0 {
		return m.first
	}
	return m.held[(i-1)%len(m.held)]
}

// write sends the whole file, the index first, so that a player may start
// before it has all of it.
func (m *movie) write(w io.Writer) error {
	body := 0
	for i := range m.frames {
		body += lengthBytes + len(m.sample(i))
	}
	head := fileType()
	// The index has the same length whatever offset it names.
	offset := len(head) + len(m.index(0)) + boxHeader
	head = append(head, m.index(offset)...)
	head = binary.BigEndian.AppendUint32(head, uint32(boxHeader+body))
	head = append(head, "mdat"...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(m.first)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	if _, err := w.Write(m.first); err != nil {
		return err
	}
	tail := make([]byte, 0, body-len(m.first)-lengthBytes)
	for i := 1; i < m.frames; i++ {
		s := m.sample(i)
		tail = binary.BigEndian.AppendUint32(tail, uint32(len(s)))
		tail = append(tail, s...)
	}
	_, err := w.Write(tail)
	return err
}

func fileType() []byte {
	return box("ftyp", []byte("isom"), u32(0x200), []byte("isomiso2avc1mp41"))
}

// index returns the moov box; offset is where the first sample starts in the file.
func (m *movie) index(offset int) []byte {
	return box("moov", m.movieHeader(), box("trak",
		m.trackHeader(),
		box("mdia",
			m.mediaHeader(),
			fullBox("hdlr", 0, u32(0), []byte("vide"), make([]byte, 12), []byte("video\x00")),
			box("minf",
				fullBox("vmhd", 1, make([]byte, 8)),
				box("dinf", fullBox("dref", 0, u32(1), fullBox("url ", 1))),
				box("stbl",
					fullBox("stsd", 0, u32(1), m.sampleEntry()),
					m.durations(),
					fullBox("stss", 0, u32(1, 1)),
					fullBox("stsc", 0, u32(1, 1, m.frames, 1)),
					m.sizes(),
					fullBox("stco", 0, u32(1, offset)),
				),
			),
		),
	))
}

// identity is the matrix that leaves a picture as it is.
func identity() []byte { return u32(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30) }

// movieHeader has no creation time: it would make every file differ.
func (m *movie) movieHeader() []byte {
	return fullBox("mvhd", 0, u32(0, 0, m.timescale(), m.ticks, 1<<16, 0x01000000, 0, 0),
		identity(), make([]byte, 24), u32(2))
}

func (m *movie) trackHeader() []byte {
	const shown = 3 // enabled, and part of the presentation
	return fullBox("tkhd", shown, u32(0, 0, 1, 0, m.ticks, 0, 0, 0, 0),
		identity(), u32(m.width<<16, m.height<<16))
}

func (m *movie) mediaHeader() []byte {
	const undetermined = 'u' - 0x60<<10 | 'n' - 0x60<<5 | 'd' - 0x60
	return fullBox("mdhd", 0, u32(0, 0, m.timescale(), m.ticks, undetermined<<16))
}

// sampleEntry describes the stream: size, parameter sets, colour.
func (m *movie) sampleEntry() []byte {
	const (
		dpi72      = 72 << 16
		depth24    = 24
		noPalette  = 0xffff
		nameLength = 32
	)
	return box("avc1",
		make([]byte, 6), u16(1), make([]byte, 16),
		u16(m.width, m.height), u32(dpi72, dpi72, 0), u16(1),
		make([]byte, nameLength), u16(depth24, noPalette),
		box("avcC",
			[]byte{1, m.sps[1], m.sps[2], m.sps[3], 0xfc | lengthBytes - 1, 0xe0 | 1},
			u16(len(m.sps)), m.sps,
			[]byte{1}, u16(len(m.pps)), m.pps,
		),
		box("colr", []byte("nclx"), u16(bt709, bt709, bt709), []byte{0}),
	)
}

func (m *movie) durations() []byte {
	if m.steady() {
		return fullBox("stts", 0, u32(1, m.frames, ticksPerFrame))
	}
	if m.frames == 1 {
		return fullBox("stts", 0, u32(1, 1, m.last))
	}
	return fullBox("stts", 0, u32(2, m.frames-1, ticksPerFrame, 1, m.last))
}

func (m *movie) sizes() []byte {
	sizes := make([]byte, 0, 4*m.frames)
	for i := range m.frames {
		sizes = binary.BigEndian.AppendUint32(sizes, uint32(lengthBytes+len(m.sample(i))))
	}
	return fullBox("stsz", 0, u32(0, m.frames), sizes)
}
