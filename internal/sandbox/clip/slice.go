package clip

const (
	sliceAllP = 5
	sliceAllI = 7

	// filterOff is disable_deblocking_filter_idc.
	filterOff = 1

	mbIntra16 = 1  // mb_type of I_16x16 without coefficients, plus its mode
	mbPCM     = 25 // mb_type of I_PCM

	pcmBytes = mbSide*mbSide + 2*chromaSide*chromaSide
	// pcmCost is what a raw macroblock may take at most: type, alignment and
	// samples, which are never 0 and so never need an emulation byte.
	pcmCost = pcmBytes + 2
)

// firstPicture returns the IDR slice that carries pl.
func firstPicture(pl *planes) []byte {
	n := newNAL(nalIDRSlice, 32+pl.mbWidth*pl.mbHeight*pcmCost)
	n.ue(0) // first_mb_in_slice
	n.ue(sliceAllI)
	n.ue(0)              // pic_parameter_set_id
	n.u(frameNumBits, 0) // frame_num
	n.ue(0)              // idr_pic_id
	n.flag(false)        // no_output_of_prior_pics_flag
	n.flag(false)        // long_term_reference_flag
	n.se(0)              // slice_qp_delta
	n.ue(filterOff)      // disable_deblocking_filter_idc
	raw := newRawMap(pl.mbWidth)
	for y := range pl.mbHeight {
		for x := range pl.mbWidth {
			luma, chroma, exact := pl.predict(x, y)
			if exact {
				predicted(n, luma, chroma, raw.around(x, y))
			} else {
				pcm(n, pl, x, y)
			}
			raw.set(x, !exact)
		}
	}
	return n.finish()
}

// predicted writes an I_16x16 macroblock without coefficients. rawNear tells
// whether a neighbour is raw: a raw block counts as 16 coefficients when the
// table for coeff_token is chosen (H.264, 9.2.1).
func predicted(n *nalWriter, luma, chroma uint32, rawNear bool) {
	n.ue(mbIntra16 + luma)
	n.ue(chroma) // intra_chroma_pred_mode
	n.se(0)      // mb_qp_delta
	if rawNear {
		n.u(6, 0b000011) // coeff_token of no coefficients, fixed-length table
		return
	}
	n.u(1, 1) // the same in the table for quiet surroundings
}

// pcm writes an I_PCM macroblock: its type, zero bits up to the next byte, 256
// luma samples and 64 of each chroma.
func pcm(n *nalWriter, pl *planes, mbX, mbY int) {
	n.ue(mbPCM)
	n.align()
	for row := range mbSide {
		at := (mbY*mbSide+row)*pl.yStride + mbX*mbSide
		n.bytes(pl.y[at : at+mbSide])
	}
	for _, plane := range [][]byte{pl.cb, pl.cr} {
		for row := range chromaSide {
			at := (mbY*chromaSide+row)*pl.cStride + mbX*chromaSide
			n.bytes(plane[at : at+chromaSide])
		}
	}
}

// heldPictures returns the slices that repeat the picture before them, one for
// each value of frame_num that count of them need: the slice of the picture after
// the i-th is element i%len.
func heldPictures(macroblocks, count int) [][]byte {
	held := make([][]byte, min(count, 1<<frameNumBits))
	for i := range held {
		held[i] = heldPicture(macroblocks, uint32(i+1)%(1<<frameNumBits))
	}
	return held
}

func heldPicture(macroblocks int, frameNum uint32) []byte {
	n := newNAL(nalSlice, 16)
	n.ue(0) // first_mb_in_slice
	n.ue(sliceAllP)
	n.ue(0) // pic_parameter_set_id
	n.u(frameNumBits, frameNum)
	n.flag(false) // num_ref_idx_active_override_flag
	n.flag(false) // ref_pic_list_modification_flag_l0
	n.flag(false) // adaptive_ref_pic_marking_mode_flag: the oldest makes room
	n.se(0)       // slice_qp_delta
	n.ue(filterOff)
	n.ue(uint32(macroblocks)) // mb_skip_run: all of them
	return n.finish()
}

// rawMap remembers which macroblocks left of and above the current one are raw.
type rawMap struct{ row []bool }

func newRawMap(mbWidth int) rawMap { return rawMap{row: make([]bool, mbWidth)} }

// around reports whether the macroblock above (x, y) or the one left of it is
// raw. With 0 or 16 coefficients a neighbour, one raw neighbour is enough for the
// mean of both to reach the fixed-length table.
func (r rawMap) around(x, y int) bool {
	return y > 0 && r.row[x] || x > 0 && r.row[x-1]
}

// set records the macroblock just written; until then its place holds the one above.
func (r rawMap) set(x int, raw bool) { r.row[x] = raw }
