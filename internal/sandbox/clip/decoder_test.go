package clip_test

import (
	"errors"
	"fmt"
)

// decoded is an IDR picture rebuilt from its bits: planes Y, Cb, Cr in whole
// macroblocks, and how many macroblocks were raw.
type decoded struct {
	mbWidth, mbHeight int
	planes            [3][]byte
	raw               int
}

func (d *decoded) side(plane int) int {
	if plane == 0 {
		return 16
	}
	return 8
}

// decodeIDR rebuilds the picture of an IDR slice made of I_PCM and of I_16x16
// macroblocks without coefficients.
func decodeIDR(nal []byte, mbWidth, mbHeight int) (*decoded, error) {
	r := newBitReader(nal)
	for _, e := range []struct {
		name string
		got  int
		want int
	}{
		{"NAL header", r.u(8), 0x65},
		{"first_mb_in_slice", r.ue(), 0},
		{"slice_type", r.ue(), 7},
		{"pic_parameter_set_id", r.ue(), 0},
		{"frame_num", r.u(8), 0},
		{"idr_pic_id", r.ue(), 0},
		{"reference marking", r.u(2), 0},
		{"slice_qp_delta", r.se(), 0},
		{"disable_deblocking_filter_idc", r.ue(), 1},
	} {
		if e.got != e.want {
			return nil, fmt.Errorf("%s: got %d, want %d", e.name, e.got, e.want)
		}
	}
	d := &decoded{mbWidth: mbWidth, mbHeight: mbHeight}
	d.planes = [3][]byte{
		make([]byte, mbWidth*mbHeight*256), make([]byte, mbWidth*mbHeight*64), make([]byte, mbWidth*mbHeight*64),
	}
	coefficients := make([]int, mbWidth*mbHeight) // 16 for raw, else 0
	for mb := range coefficients {
		x, y := mb%mbWidth, mb/mbWidth
		kind := r.ue()
		if kind == 25 {
			for r.pos%8 != 0 {
				if r.u(1) != 0 {
					return nil, fmt.Errorf("macroblock %d: pcm_alignment_zero_bit is 1", mb)
				}
			}
			for plane := range d.planes {
				d.each(plane, x, y, func(at, _, _ int) byte { return r.data[r.pos/8] }, func() { r.pos += 8 })
			}
			coefficients[mb], d.raw = 16, d.raw+1
			continue
		}
		if err := d.rebuild(r, kind, x, y, coefficients); err != nil {
			return nil, fmt.Errorf("macroblock %d: %w", mb, err)
		}
	}
	return d, r.end()
}

// rebuild predicts one macroblock from its neighbours.
func (d *decoded) rebuild(r *bitReader, kind, x, y int, coefficients []int) error {
	chroma := r.ue()
	if err := r.want("mb_qp_delta", r.se(), 0); err != nil {
		return err
	}
	left, above := x > 0, y > 0
	mb, sum, n := y*d.mbWidth+x, 0, 0
	if left {
		sum, n = sum+coefficients[mb-1], n+1
	}
	if above {
		sum, n = sum+coefficients[mb-d.mbWidth], n+1
	}
	near := sum
	if n == 2 {
		near = (sum + 1) / 2
	}
	switch {
	case near >= 8:
		if err := r.want("coeff_token", r.u(6), 3); err != nil {
			return err
		}
	case near < 2:
		if err := r.want("coeff_token", r.u(1), 1); err != nil {
			return err
		}
	}
	fromAbove := [3]bool{kind == 1, chroma == 2, chroma == 2}
	if kind != 1 && kind != 2 || chroma != 1 && chroma != 2 {
		return fmt.Errorf("mb_type %d, intra_chroma_pred_mode %d", kind, chroma)
	}
	for plane, vertical := range fromAbove {
		if vertical && !above || !vertical && !left {
			return errors.New("predicted from outside the picture")
		}
		p, stride := d.planes[plane], d.mbWidth*d.side(plane)
		d.each(plane, x, y, func(at, row, col int) byte {
			if vertical {
				return p[at-(row+1)*stride]
			}
			return p[at-col-1]
		}, func() {})
	}
	return nil
}

// each sets every sample of a macroblock in raster order.
func (d *decoded) each(plane, mbX, mbY int, value func(at, row, col int) byte, next func()) {
	side := d.side(plane)
	for row := range side {
		for col := range side {
			at := (mbY*side+row)*d.mbWidth*side + mbX*side + col
			d.planes[plane][at] = value(at, row, col)
			next()
		}
	}
}

// rgb returns the colour at a pixel, by the inverse of BT.709 in limited range.
func (d *decoded) rgb(x, y int) [3]float64 {
	luma := (float64(d.planes[0][y*d.mbWidth*16+x]) - 16) * 255 / 219
	cb := (float64(d.planes[1][y/2*d.mbWidth*8+x/2]) - 128) * 255 / 224
	cr := (float64(d.planes[2][y/2*d.mbWidth*8+x/2]) - 128) * 255 / 224
	return [3]float64{luma + 1.5748*cr, luma - 0.1873*cb - 0.4681*cr, luma + 1.8556*cb}
}
