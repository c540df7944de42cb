package clip_test

import (
	"bytes"
	"image"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

func encode(tb testing.TB, img image.Image, o clip.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := clip.Encode(&b, img, o); err != nil {
		tb.Fatalf("Encode(%+v): %v", o, err)
	}
	return b.Bytes()
}

func TestFileStatesSizeAndDuration(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		width, height, frames int
		timescale, ticks      int
		durations             []int
		o                     clip.Options
	}{
		"five seconds":            {1280, 720, 120, 24000, 120000, []int{1, 120, 1000}, clip.Options{Seconds: 5}},
		"upright":                 {720, 1280, 240, 24000, 240000, []int{1, 240, 1000}, clip.Options{Seconds: 10}},
		"thirty a second":         {64, 64, 150, 30000, 150000, []int{1, 150, 1000}, clip.Options{Seconds: 5, FPS: 30}},
		"last frame held longer":  {332, 516, 12, 24000, 12240, []int{2, 11, 1000, 1, 1240}, clip.Options{Seconds: 0.51}},
		"last frame cut":          {332, 516, 13, 24000, 12960, []int{2, 12, 1000, 1, 960}, clip.Options{Seconds: 0.54}},
		"shorter than a frame":    {16, 16, 1, 24000, 240, []int{1, 1, 240}, clip.Options{Seconds: 0.01}},
		"shorter than a tick":     {16, 16, 1, 24000, 1, []int{1, 1, 1}, clip.Options{Seconds: 1e-9}},
		"more than 256 pictures":  {30, 50, 600, 24000, 600000, []int{1, 600, 1000}, clip.Options{Seconds: 25}},
		"exactly one frame":       {16, 16, 1, 1000, 1000, []int{1, 1, 1000}, clip.Options{Seconds: 1, FPS: 1}},
		"as long as is permitted": {16, 16, 3600, 1000, 3600000, []int{1, 3600, 1000}, clip.Options{Seconds: 3600, FPS: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := encode(t, gradient(tc.width, tc.height), tc.o)
			atoms := parse(t, file, 0)

			var order []string
			for _, a := range atoms {
				order = append(order, a.kind)
			}
			if diff := cmp.Diff([]string{"ftyp", "moov", "mdat"}, order); diff != "" {
				t.Errorf("top boxes (-want +got):\n%s", diff)
			}
			mvhd, tkhd := find(t, atoms, "moov", "mvhd"), find(t, atoms, "moov", "trak", "tkhd")
			mdhd, avc1 := find(t, atoms, "moov", "trak", "mdia", "mdhd"), find(t, atoms, stbl("stsd")...).children[0]
			stts := find(t, atoms, stbl("stts")...)
			var durations []int
			for at := 4; at < len(stts.payload); at += 4 {
				durations = append(durations, stts.u32(at))
			}
			type facts struct {
				Times               []int
				MovieScale, Movie   int
				Track, Scale, Media int
				ShownW, ShownH      int
				CodedW, CodedH      int
				Samples             int
				Durations           []int
			}
			got := facts{
				// Creation and modification times.
				Times:      []int{mvhd.u32(4), mvhd.u32(8), tkhd.u32(4), tkhd.u32(8), mdhd.u32(4), mdhd.u32(8)},
				MovieScale: mvhd.u32(12), Movie: mvhd.u32(16),
				Track: tkhd.u32(20), Scale: mdhd.u32(12), Media: mdhd.u32(16),
				ShownW: tkhd.u32(76), ShownH: tkhd.u32(80),
				CodedW: avc1.u16(24), CodedH: avc1.u16(26),
				Samples: len(samples(t, file, atoms)), Durations: durations,
			}
			want := facts{
				Times:      make([]int, 6),
				MovieScale: tc.timescale, Movie: tc.ticks,
				Track: tc.ticks, Scale: tc.timescale, Media: tc.ticks,
				ShownW: tc.width << 16, ShownH: tc.height << 16,
				CodedW: tc.width, CodedH: tc.height,
				Samples: tc.frames, Durations: tc.durations,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
			if stco, mdat := find(t, atoms, stbl("stco")...), find(t, atoms, "mdat"); stco.u32(8) != mdat.at {
				t.Errorf("first sample at %d, want the start of mdat, %d", stco.u32(8), mdat.at)
			}
		})
	}
}

func TestEncodeIsDeterministic(t *testing.T) {
	t.Parallel()
	o := clip.Options{Seconds: 5}
	one, two := encode(t, gradient(640, 360), o), encode(t, gradient(640, 360), o)
	if !bytes.Equal(one, two) {
		t.Error("two clips of one picture differ")
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		width, height int
		o             clip.Options
	}{
		"no duration":                {64, 64, clip.Options{}},
		"negative duration":          {64, 64, clip.Options{Seconds: -1}},
		"duration that is no number": {64, 64, clip.Options{Seconds: math.NaN()}},
		"endless duration":           {64, 64, clip.Options{Seconds: math.Inf(1)}},
		"more than an hour":          {64, 64, clip.Options{Seconds: 3601}},
		"negative frame rate":        {64, 64, clip.Options{Seconds: 5, FPS: -1}},
		"absurd frame rate":          {64, 64, clip.Options{Seconds: 5, FPS: 121}},
		"odd width":                  {65, 64, clip.Options{Seconds: 5}},
		"odd height":                 {64, 65, clip.Options{Seconds: 5}},
		"too small":                  {14, 64, clip.Options{Seconds: 5}},
		"too large":                  {64, 4098, clip.Options{Seconds: 5}},
		"beyond every level":         {4096, 4096, clip.Options{Seconds: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			err := clip.Encode(&b, image.NewGray(image.Rect(0, 0, tc.width, tc.height)), tc.o)
			if err == nil || b.Len() > 0 {
				t.Errorf("got error %v and %d bytes, want an error and none", err, b.Len())
			}
		})
	}
}

func TestEncodeReportsAFailedWrite(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := clip.Encode(w, gradient(64, 64), clip.Options{Seconds: 5}); err == nil {
		t.Error("got no error from a closed pipe")
	}
}

// BenchmarkEncode takes the worst picture, in which nothing can be predicted.
func BenchmarkEncode(b *testing.B) {
	img := noise(1280, 720)
	b.ReportAllocs()
	for b.Loop() {
		if err := clip.Encode(io.Discard, img, clip.Options{Seconds: 5}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(encode(b, img, clip.Options{Seconds: 5}))), "file-bytes")
}
