package clip_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
)

// TestFFprobeAgrees asks a real demuxer and decoder where there is one.
func TestFFprobeAgrees(t *testing.T) {
	t.Parallel()
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("ffprobe is not installed: the clip was not checked by a real decoder")
	}
	path := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(path, encode(t, gradient(332, 516), clip.Options{Seconds: 5}), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), ffprobe, "-v", "error", "-count_frames", "-show_entries",
		"stream=codec_name,profile,width,height,avg_frame_rate,nb_read_frames:format=duration", "-of", "default=nk=0:nw=1", path)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("ffprobe: %v\n%s", err, complaints.String())
	}
	want := `codec_name=h264
profile=Constrained Baseline
width=332
height=516
avg_frame_rate=24/1
nb_read_frames=120
duration=5.000000
`
	if diff := cmp.Diff(want, strings.ReplaceAll(string(out), "\r\n", "\n")); diff != "" {
		t.Errorf("ffprobe (-want +got):\n%s", diff)
	}
}
