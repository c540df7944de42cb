package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/media"
)

func mp4Box(kind string, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(out, kind...), body...)
}

// wideBox has its size in 64 bits.
func wideBox(kind string, content []byte) []byte {
	out := append([]byte{0, 0, 0, 1}, kind...)
	out = binary.BigEndian.AppendUint64(out, uint64(16+len(content)))
	return append(out, content...)
}

func words(values ...uint32) []byte {
	var out []byte
	for _, value := range values {
		out = binary.BigEndian.AppendUint32(out, value)
	}
	return out
}

func fileType() []byte { return mp4Box("ftyp", []byte("isom\x00\x00\x02\x00isommp42")) }

func movieHeader(scale, ticks uint32) []byte {
	return mp4Box("mvhd", words(0, 0, 0, scale, ticks), make([]byte, 80))
}

func trackHeader(width, height uint32) []byte {
	return mp4Box("trak", mp4Box("tkhd", make([]byte, 76), words(width<<16, height<<16)))
}

func movie() []byte {
	return mp4Box("moov", movieHeader(1000, 5042), trackHeader(0, 0), trackHeader(1280, 720))
}

func video() []byte {
	return bytes.Join([][]byte{fileType(), movie(), mp4Box("mdat", []byte("pictures"))}, nil)
}

func TestCheckMP4(t *testing.T) {
	t.Parallel()
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	whole := media.MP4{Seconds: 5.042, Width: 1280, Height: 720}
	data := mp4Box("mdat", []byte("pictures"))
	toTheEnd := append([]byte("\x00\x00\x00\x00mdat"), "pictures"...)
	long := mp4Box("moov", mp4Box("mvhd", []byte{1, 0, 0, 0}, make([]byte, 16), words(600, 0, 6000), make([]byte, 80)))
	fragmented := join(
		fileType(), mp4Box("moov", movieHeader(1000, 0), mp4Box("mvex", mp4Box("mehd", words(0, 7500)))),
		mp4Box("moof"), data, mp4Box("moof"), data)

	tests := map[string]struct {
		content []byte
		want    media.MP4
		is      error
		says    string
	}{
		"a whole file":                {content: video(), want: whole},
		"its index at the end":        {content: join(fileType(), data, movie()), want: whole},
		"boxes of other kinds":        {content: join(fileType(), mp4Box("free", nil), mp4Box("uuid", make([]byte, 16)), movie(), mp4Box("skip"), data), want: whole},
		"a size of 64 bits":           {content: join(fileType(), movie(), wideBox("mdat", []byte("x"))), want: whole},
		"a size that says to the end": {content: join(fileType(), movie(), toTheEnd), want: whole},
		"times of 64 bits":            {content: join(fileType(), long, data), want: media.MP4{Seconds: 10}},
		"fragments":                   {content: fragmented, want: media.MP4{Seconds: 7.5}},
		"a duration not known":        {content: join(fileType(), mp4Box("moov", movieHeader(1000, math.MaxUint32)), data), want: media.MP4{}},
		"a scale of zero":             {content: join(fileType(), mp4Box("moov", movieHeader(0, 5)), data), want: media.MP4{}},

		"nothing":                  {content: nil, is: media.ErrNotVideo, says: "empty"},
		"a web page":               {content: []byte("<!doctype html><html><head></head></html>"), is: media.ErrNotVideo, says: "HTML"},
		"JSON":                     {content: []byte(`{"error":{"code":1}}`), is: media.ErrNotVideo, says: "application/json"},
		"an image":                 {content: pngBytes(t, 3, 2), is: media.ErrNotVideo, says: "image/png"},
		"data before the header":   {content: join(data, fileType(), movie()), is: media.ErrNotVideo},
		"no index":                 {content: join(fileType(), data), is: media.ErrCut, says: "moov"},
		"no data":                  {content: join(fileType(), movie()), is: media.ErrCut, says: "mdat"},
		"more bytes than boxes":    {content: append(video(), 0, 0, 0), is: media.ErrCut},
		"a size past every file":   {content: join(fileType(), movie(), []byte("\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff")), is: media.ErrCut},
		"a size below its header":  {content: join(fileType(), []byte("\x00\x00\x00\x07mdat")), says: "broken"},
		"zeros where a box begins": {content: join(video(), make([]byte, 100)), says: "broken"},
		"a box larger than the one it lies in": {
			content: join(fileType(), mp4Box("moov", []byte("\x00\x00\xff\xfftrak")), data), says: "broken",
		},
		"too many boxes": {content: join(fileType(), bytes.Repeat(mp4Box("free"), 100_001)), says: "too many boxes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := media.CheckMP4(bytes.NewReader(test.content), int64(len(test.content)))
			if test.is == nil && test.says == "" {
				if err != nil || got != test.want {
					t.Fatalf("CheckMP4 = %+v, %v, want %+v", got, err, test.want)
				}
				return
			}
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("CheckMP4 = %v, want %v with %q", err, test.is, test.says)
			}
		})
	}
}

func TestCheckMP4FindsEveryCut(t *testing.T) {
	t.Parallel()
	whole := video()
	for length := range whole {
		_, err := media.CheckMP4(bytes.NewReader(whole[:length]), int64(length))
		if err == nil {
			t.Errorf("cut to %d of %d bytes: no error", length, len(whole))
		}
		if length >= len(fileType()) && !errors.Is(err, media.ErrCut) {
			t.Errorf("cut to %d of %d bytes: %v, want ErrCut", length, len(whole), err)
		}
	}
}

func TestCheckMP4PassesReadErrorsOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := video()
		broken := errors.New("disk")
		r := failing{bytes.NewReader(content), rapid.IntRange(0, 5).Draw(t, "reads"), broken}
		if _, err := media.CheckMP4(&r, int64(len(content))); !errors.Is(err, broken) {
			t.Errorf("CheckMP4 = %v, want the disk's error", err)
		}
	})
}

type failing struct {
	*bytes.Reader
	after int
	err   error
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if f.after--; f.after < 0 {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, at)
}

func FuzzCheckMP4(f *testing.F) {
	f.Add(video())
	f.Add(append(fileType(), wideBox("mdat", []byte("x"))...))
	f.Add(append(fileType(), mp4Box("moov", movieHeader(1, 2), mp4Box("mvex", mp4Box("mehd", words(1<<24, 0, 9))))...))
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := media.CheckMP4(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		if got.Seconds < 0 || math.IsNaN(got.Seconds) || math.IsInf(got.Seconds, 0) || got.Width < 0 || got.Height < 0 {
			t.Errorf("CheckMP4 = %+v, want sane figures", got)
		}
	})
}
