package view_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox/clip"
	"github.com/klingctl/klingctl/internal/view"
)

// The page plays its clips from the disk under its own content policy: their
// colours are seen in a picture that a browser takes of it, in the order asked
// for, and a job without a clip leaves its place dark.
func TestReportInChromium(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("there is no chromium here, or no time: the page was not looked at")
	}
	folder := t.TempDir()
	colours := []color.RGBA{{R: 255, A: 255}, {B: 255, A: 255}}
	page := view.Report{Title: "clips", Made: time.Now(), Folder: folder}
	for i, colour := range colours {
		path := filepath.Join(folder, "out #1", string(rune('a'+i))+" 100%.mp4")
		writeClip(t, path, colour)
		page.Jobs = append(page.Jobs, view.Job{
			ID: path, State: "succeeded", Prompt: "<b>bold</b> & \"quoted\"", CreatedAt: time.Unix(int64(100-i), 0),
			Artifacts: []view.Artifact{{Kind: "video", Path: path, SHA256: "ab"}},
		})
	}
	page.Jobs = append(page.Jobs, view.Job{ID: "c", State: "failed", Message: "</script><script>document.title='hacked'</script>"})
	var text bytes.Buffer
	if err := page.Render(&text); err != nil {
		t.Fatal(err)
	}
	report, shot := filepath.Join(folder, "report.html"), filepath.Join(folder, "shot.png")
	if err := os.WriteFile(report, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	first, second := -1, -1
	for range looks {
		cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(folder, "profile"),
			"--window-size=1200,700", "--virtual-time-budget=6000", "--screenshot="+shot, "file://"+report)
		cmd.Env = append(os.Environ(), "HOME="+folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("chromium does not run here: %v\n%s", err, out)
		}
		seen := look(t, shot)
		if first, second = seen.first(colours[0]), seen.first(colours[1]); first >= 0 && second >= 0 {
			break
		}
	}
	if first < 0 || second < 0 || first > second {
		t.Errorf("the red clip begins at column %d and the blue one at %d, want both, red first", first, second)
	}
}

// looks is how often a browser may be too early: its pictures do not wait for
// films.
const looks = 6

// writeClip makes a video of one colour.
func writeClip(t *testing.T, path string, colour color.Color) {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 320, 180))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(colour), image.Point{}, draw.Src)
	var film bytes.Buffer
	if err := clip.Encode(&film, picture, clip.Options{Seconds: 2}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, film.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shown is what a browser drew.
type shown struct{ image.Image }

func look(t *testing.T, path string) shown {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return shown{picture}
}

// first is the first column with a patch of a colour, -1 for none.
func (s shown) first(want color.RGBA) int {
	near := func(a uint32, b uint8) bool { return int(a>>8)-int(b) < 60 && int(b)-int(a>>8) < 60 }
	for x := s.Bounds().Min.X; x < s.Bounds().Max.X; x++ {
		run := 0
		for y := s.Bounds().Min.Y; y < s.Bounds().Max.Y; y++ {
			r, g, b, _ := s.At(x, y).RGBA()
			if near(r, want.R) && near(g, want.G) && near(b, want.B) {
				run++
			}
		}
		if run > 40 {
			return x
		}
	}
	return -1
}
