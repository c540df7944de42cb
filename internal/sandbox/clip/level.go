package clip

// level is a row of ITU-T H.264, table A-1.
type level struct {
	idc       byte
	frameSize int // macroblocks a picture
	rate      int // macroblocks a second
	buffer    int // coded picture buffer, units of 1200 bits
}

// levelFor returns the level_idc of the lowest level (from 2 on) that allows
// the size, the rate, the width, and a coded buffer in which a whole raw picture
// fits. One rule cannot be kept by raw samples at ordinary levels, the least
// compression ratio of an access unit; decoders do not enforce it.
func levelFor(mbWidth, mbHeight, fps int) (byte, bool) {
	size := mbWidth * mbHeight
	long := max(mbWidth, mbHeight)
	for _, l := range levels() {
		if size <= l.frameSize && size*fps <= l.rate && long*long <= 8*l.frameSize &&
			size*pcmBytes*8 <= l.buffer*1200 {
			return l.idc, true
		}
	}
	return 0, false
}

func levels() []level {
	return []level{
		{20, 396, 11_880, 2_000},
		{21, 792, 19_800, 4_000},
		{22, 1_620, 20_250, 4_000},
		{30, 1_620, 40_500, 10_000},
		{31, 3_600, 108_000, 14_000},
		{32, 5_120, 216_000, 20_000},
		{40, 8_192, 245_760, 25_000},
		{41, 8_192, 245_760, 62_500},
		{42, 8_704, 522_240, 62_500},
		{50, 22_080, 589_824, 135_000},
		{51, 36_864, 983_040, 240_000},
		{52, 36_864, 2_073_600, 240_000},
	}
}
