package clip_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// One clip of five seconds from the bytes of a picture to the bytes of an MP4.
// Nothing predicts noise, so that no picture is dearer.
func BenchmarkClip(b *testing.B) {
	for _, test := range []struct {
		name   string
		w, h   int
		side   int
		encode func(io.Writer, image.Image) error
	}{
		{"png300", 300, 300, 1280, png.Encode},
		{"jpeg720", 1280, 720, 1280, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }},
		{"jpeg720to320", 1280, 720, 320, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }},
		{"jpeg4k", 3840, 2160, 1280, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }},
	} {
		b.Run(test.name, func(b *testing.B) {
			var picture bytes.Buffer
			if err := test.encode(&picture, noise(test.w, test.h)); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			var out bytes.Buffer
			for b.Loop() {
				out.Reset()
				if err := clip.Encode(&out, clip.PictureWithin(picture.Bytes(), "", test.side), clip.Options{Seconds: 5}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len()), "bytes/clip")
		})
	}
}
