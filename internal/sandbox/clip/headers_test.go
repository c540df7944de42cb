package clip_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sps is what a decoder learns from the sequence parameters.
type sps struct{ mbWidth, mbHeight, right, bottom, level int }

func readSPS(t *testing.T, nal []byte) sps {
	t.Helper()
	r := newBitReader(nal)
	var s sps
	if head := r.u(8); head != 0x67 {
		t.Fatalf("SPS header: got %#x, want 0x67", head)
	}
	if profile, sets := r.u(8), r.u(8); profile != 66 || sets&0x40 == 0 {
		t.Fatalf("profile %d, constraint sets %#x: want Constrained Baseline", profile, sets)
	}
	s.level = r.u(8)
	r.ue()
	if wrap := r.ue() + 4; wrap != 8 {
		t.Fatalf("frame_num has %d bits, want 8", wrap)
	}
	if kind := r.ue(); kind != 2 {
		t.Fatalf("pic_order_cnt_type: got %d, want 2", kind)
	}
	if references := r.ue(); references != 1 {
		t.Fatalf("max_num_ref_frames: got %d, want 1", references)
	}
	r.u(1)
	s.mbWidth, s.mbHeight = r.ue()+1, r.ue()+1
	r.u(2)
	if r.u(1) == 1 {
		r.ue()
		s.right = r.ue()
		r.ue()
		s.bottom = r.ue()
	}
	if r.u(1) == 1 {
		checkVUI(t, r)
	}
	if err := r.end(); err != nil {
		t.Fatalf("SPS: %v", err)
	}
	return s
}

// checkVUI reads the usability information of a clip of 24 whole frames a second.
func checkVUI(t *testing.T, r *bitReader) {
	t.Helper()
	type vui struct {
		Aspect, Overscan, Signal, FullRange int
		Colour                              []int
		Chroma                              []int
		Timing                              []int
		Buffering                           int
		Restrictions                        []int
	}
	got := vui{
		Aspect: r.u(9), Overscan: r.u(1), Signal: r.u(4), FullRange: r.u(1),
		Colour:       []int{r.u(1), r.u(8), r.u(8), r.u(8)},
		Chroma:       []int{r.u(1), r.ue(), r.ue()},
		Timing:       []int{r.u(1), r.u(32), r.u(32), r.u(1)},
		Buffering:    r.u(3),
		Restrictions: []int{r.u(1), r.u(1), r.ue(), r.ue(), r.ue(), r.ue(), r.ue(), r.ue()},
	}
	want := vui{
		Aspect: 1<<8 | 1, Overscan: 0, Signal: 1<<3 | 5, FullRange: 0,
		Colour:       []int{1, 1, 1, 1},
		Chroma:       []int{1, 1, 1},
		Timing:       []int{1, 1, 48, 1},
		Buffering:    0,
		Restrictions: []int{1, 1, 0, 0, 0, 0, 0, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("VUI (-want +got):\n%s", diff)
	}
}

// checkPPS reads the picture parameters; the slices rely on the filter control.
func checkPPS(t *testing.T, nal []byte) {
	t.Helper()
	r := newBitReader(nal)
	type pps struct {
		Head, ID, SPS                   int
		CABAC, FieldOrder, Groups       int
		References                      []int
		Weights                         int
		Quantizers                      []int
		FilterControl, IntraOnly, Spare int
	}
	got := pps{
		Head: r.u(8), ID: r.ue(), SPS: r.ue(),
		CABAC: r.u(1), FieldOrder: r.u(1), Groups: r.ue(),
		References:    []int{r.ue(), r.ue()},
		Weights:       r.u(3),
		Quantizers:    []int{r.se(), r.se(), r.se()},
		FilterControl: r.u(1), IntraOnly: r.u(1), Spare: r.u(1),
	}
	want := pps{Head: 0x68, References: []int{0, 0}, Quantizers: []int{0, 0, 0}, FilterControl: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PPS (-want +got):\n%s", diff)
	}
	if err := r.end(); err != nil {
		t.Errorf("PPS: %v", err)
	}
}
