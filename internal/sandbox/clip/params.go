package clip

const (
	profileBaseline = 66
	// constraintSets marks the stream as Constrained Baseline (sets 0 and 1).
	constraintSets = 0xC0

	// frameNumBits is the width of frame_num, which wraps after 256 pictures.
	frameNumBits = 8

	// bt709 is the code point of ITU-R BT.709 as primaries, transfer and matrix
	// alike (ITU-T H.273).
	bt709 = 1
)

// sequenceParameters returns the SPS: size, cropping, level and, as usability
// information, the meaning of the samples and the frame rate.
func sequenceParameters(pl *planes, level byte, t timing) []byte {
	n := newNAL(nalSPS, 64)
	n.u(8, profileBaseline)
	n.u(8, constraintSets)
	n.u(8, uint32(level))
	n.ue(0)                // seq_parameter_set_id
	n.ue(frameNumBits - 4) // log2_max_frame_num_minus4
	n.ue(2)                // pic_order_cnt_type: output order is decoding order
	n.ue(1)                // max_num_ref_frames
	n.flag(false)          // gaps_in_frame_num_value_allowed_flag
	n.ue(uint32(pl.mbWidth - 1))
	n.ue(uint32(pl.mbHeight - 1))
	n.flag(true) // frame_mbs_only_flag
	n.flag(true) // direct_8x8_inference_flag

	// Cropping counts in chroma samples, two pixels each.
	right, bottom := (pl.mbWidth*mbSide-pl.width)/2, (pl.mbHeight*mbSide-pl.height)/2
	cropped := right > 0 || bottom > 0
	n.flag(cropped)
	if cropped {
		n.ue(0)
		n.ue(uint32(right))
		n.ue(0)
		n.ue(uint32(bottom))
	}
	n.flag(true) // vui_parameters_present_flag
	usability(n, t)
	return n.finish()
}

// usability writes the VUI parameters of annex E.
func usability(n *nalWriter, t timing) {
	n.flag(true) // aspect_ratio_info_present_flag
	n.u(8, 1)    // square pixels
	n.flag(false)

	n.flag(true)  // video_signal_type_present_flag
	n.u(3, 5)     // video_format: unspecified
	n.flag(false) // limited range
	n.flag(true)  // colour_description_present_flag
	n.u(8, bt709)
	n.u(8, bt709)
	n.u(8, bt709)

	n.flag(true) // chroma_loc_info_present_flag
	n.ue(1)      // chroma sits in the middle of its four pixels
	n.ue(1)

	n.flag(true) // timing_info_present_flag
	n.u(32, 1)   // a tick is a field, half a frame
	n.u(32, uint32(2*t.fps))
	n.flag(t.steady()) // fixed_frame_rate_flag

	n.flag(false) // nal_hrd_parameters_present_flag
	n.flag(false) // vcl_hrd_parameters_present_flag
	n.flag(false) // pic_struct_present_flag

	n.flag(true) // bitstream_restriction_flag
	n.flag(true) // motion_vectors_over_pic_boundaries_flag
	n.ue(0)      // no limit on the bytes of a picture
	n.ue(0)      // nor on the bits of a macroblock
	n.ue(0)      // motion vectors are zero
	n.ue(0)
	n.ue(0) // max_num_reorder_frames: show each picture at once
	n.ue(1) // max_dec_frame_buffering
}

// pictureParameters returns the PPS. All quantizers stay at their start, for
// there are no coefficients.
func pictureParameters() []byte {
	n := newNAL(nalPPS, 16)
	n.ue(0)       // pic_parameter_set_id
	n.ue(0)       // seq_parameter_set_id
	n.flag(false) // CAVLC
	n.flag(false) // bottom_field_pic_order_in_frame_present_flag
	n.ue(0)       // one slice group
	n.ue(0)       // one reference in list 0
	n.ue(0)
	n.flag(false) // weighted_pred_flag
	n.u(2, 0)     // weighted_bipred_idc
	n.se(0)       // pic_init_qp_minus26
	n.se(0)       // pic_init_qs_minus26
	n.se(0)       // chroma_qp_index_offset
	n.flag(true)  // deblocking_filter_control_present_flag
	n.flag(false) // constrained_intra_pred_flag
	n.flag(false) // redundant_pic_cnt_present_flag
	return n.finish()
}
