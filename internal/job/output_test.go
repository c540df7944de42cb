package job_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

func named(t *testing.T, stem string) kling.Job {
	t.Helper()
	request, err := json.Marshal(map[string]any{"stem": stem})
	if err != nil {
		t.Fatal(err)
	}
	return kling.Job{
		ID: "0123456789ab", Ref: kling.Ref{Provider: "kie", Task: "t-1"}, Model: "kling/v2-1-pro", Kind: kling.ImageToVideo,
		Seconds: 10, Request: request, CreatedAt: time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local),
		Artifacts: []kling.Artifact{{Kind: kling.Video}},
	}
}

func free(string) bool { return false }

func TestOutputsNameFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	braces := filepath.Join(folder, "{odd}")
	if err := os.Mkdir(braces, 0o700); err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("ä", 150)
	tests := []struct{ text, stem, want string }{
		{"", "photo", filepath.Join(wd, "photo-01234567.mp4")},
		{"clip.mp4", "photo", filepath.Join(wd, "clip.mp4")},
		{folder, "photo", filepath.Join(folder, "photo.mp4")},
		{folder + "/", "photo", filepath.Join(folder, "photo.mp4")},
		{braces, "photo", filepath.Join(braces, "photo.mp4")},
		{folder + "/new/", "photo", filepath.Join(folder, "new", "photo.mp4")},
		{folder + "/{provider}/{date}/", "photo", filepath.Join(folder, "kie", "2026-11-20", "photo.mp4")},
		{folder + "/{stem}-{model}-{kind}-{seconds}-{id}.mp4", "photo", filepath.Join(folder, "photo-kling-v2-1-pro-image-to-video-10-0123456789ab.mp4")},
		{folder + "/{{stem}}-{id8}.mp4", "photo", filepath.Join(folder, "{stem}-01234567.mp4")},
		{folder + "/{stem}.mp4", "../../etc/passwd", filepath.Join(folder, "--..-etc-passwd.mp4")},
		{folder + "/{stem}.mp4", "{id}", filepath.Join(folder, "{id}.mp4")},
		{folder + "/{stem}.mp4", "CON", filepath.Join(folder, "-CON.mp4")},
		{folder + "/{stem}", "..", filepath.Join(folder, "-")},
		{folder + "/{stem}-{stem}.mp4", long, filepath.Join(folder, strings.Repeat("ä", 98)+".mp4")},
	}
	for _, test := range tests {
		output, err := job.ParseOutput(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		got, err := output.Path(named(t, test.stem), 0, free)
		if err != nil || got != test.want {
			t.Errorf("%q of %q gives %q, %v, want %q", test.text, test.stem, got, err, test.want)
		}
	}
}

func TestOutputsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"-", "{nope}.mp4", "{stem", "stem}", "a}b", "{}.mp4", "{stem}{", "out/{x}/"} {
		if _, err := job.ParseOutput(text); !fault.Is(err, fault.Usage) {
			t.Errorf("%q: error %v, want a usage fault", text, err)
		}
	}
}

func TestALiteralNameThatExistsIsRefusedEarly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clip.mp4")
	literal, err := job.ParseOutput(path)
	if err != nil || !literal.Literal() || literal.Check() != nil {
		t.Fatalf("%v, %v, want a free name", err, literal.Check())
	}
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if e := faultOf(t, literal.Check(), fault.Usage, fault.NotCharged); !strings.Contains(e.Hint, "--force") {
		t.Errorf("hint %q", e.Hint)
	}
	literal.Force = true
	if err := literal.Check(); err != nil {
		t.Errorf("with force: %v", err)
	}
	template, err := job.ParseOutput(filepath.Dir(path))
	if err != nil || template.Literal() || template.Check() != nil {
		t.Errorf("a folder: %v, %v", err, template.Check())
	}
}

func TestNamesOfOneJobAreDistinct(t *testing.T) {
	t.Parallel()
	made := named(t, "photo")
	made.Artifacts = []kling.Artifact{{Kind: kling.Video}, {Kind: kling.Watermarked}, {Kind: kling.Video}, {Kind: kling.Watermarked}}
	for text, want := range map[string]string{
		"/x/clip.mp4": "clip.mp4 clip-watermark.mp4 clip-2.mp4 clip-2-watermark.mp4",
		"/x/{stem}":   "photo photo-watermark photo-2 photo-2-watermark",
	} {
		output, err := job.ParseOutput(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range made.Artifacts {
			path, err := output.Path(made, i, free)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, filepath.Base(path))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s gives %v, want %s", text, got, want)
		}
	}
}

func TestNamesThatAreTakenGetANumber(t *testing.T) {
	t.Parallel()
	taken := func(path string) bool {
		return strings.HasSuffix(path, "photo.mp4") || strings.HasSuffix(path, "photo-2.mp4")
	}
	output, err := job.ParseOutput("/x/{stem}.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := output.Path(named(t, "photo"), 0, taken); err != nil || got != "/x/photo-3.mp4" {
		t.Errorf("got %q, %v, want /x/photo-3.mp4", got, err)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, text := range []string{
		"photo", "", ".", "..", "...", " . ", "a/b\\c", "a\x00b", "CON", "con.txt", "COM1.x", "nul .a", "lpt9", "ä\xff\u202e", "a:b*c?d\"e<f>g|h",
		strings.Repeat("é", 300), "CON." + strings.Repeat("x", 300), strings.Repeat("a", 199) + ". .", ".hidden", "-", "~", "C:\\x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := job.SafeName(text)
		switch {
		case name == "", name == ".", name == "..", len(name) > 200, !utf8.ValidString(name):
			t.Errorf("%q gives %q of %d bytes", text, name, len(name))
		case strings.ContainsAny(name, "/\\:*?\"<>|\x00\r\n\x7f"), strings.HasPrefix(name, "."):
			t.Errorf("%q gives %q, which is no harmless element", text, name)
		case strings.HasSuffix(name, "."), strings.HasSuffix(name, " "):
			t.Errorf("%q gives %q, which Windows would shorten", text, name)
		case filepath.Base(name) != name, job.SafeName(name) != name:
			t.Errorf("%q gives %q, which is not stable", text, name)
		}
		for _, device := range []string{"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"} {
			base, _, _ := strings.Cut(strings.ToUpper(name), ".")
			if strings.TrimRight(base, " ") == device {
				t.Errorf("%q gives the device %q", text, name)
			}
		}
	})
}
