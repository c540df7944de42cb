package clip

import "testing"

func TestLevelFor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		width, height, fps int
		want               byte
	}{
		"small":                        {160, 96, 24, 20},
		"720p":                         {1280, 720, 24, 31},
		"720p, upright":                {720, 1280, 30, 31},
		"720p at sixty":                {1280, 720, 60, 32},
		"1080p":                        {1920, 1080, 24, 40},
		"rate alone":                   {320, 288, 60, 30},
		"width alone":                  {1280, 16, 1, 22},
		"raw picture above the buffer": {640, 640, 12, 30},
		"largest":                      {4096, 2304, 24, 51},
		"too much a second":            {4096, 2304, 60, 0},
		"too many macroblocks":         {4096, 4096, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := levelFor(macroblocks(tc.width), macroblocks(tc.height), tc.fps)
			if got != tc.want || ok != (tc.want != 0) {
				t.Errorf("%dx%d at %d: got level_idc %d (%t), want %d", tc.width, tc.height, tc.fps, got, ok, tc.want)
			}
		})
	}
}
