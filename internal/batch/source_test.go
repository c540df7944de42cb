package batch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
)

// tree makes a folder of files.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func ids(rows []batch.Row) []string {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

func TestFolderOrdersItsImages(t *testing.T) {
	t.Parallel()
	folder := tree(t, map[string]string{
		"b.png": "", "a.JPG": "", "a.txt": "a lighthouse\n", "sub/b.png": "", "sub/b.txt": "\ufeffa boat", ".hidden.png": "", ".git/x.png": "",
		"notes.md": "", "batch.yaml": "duration: 5", "out/b.mp4": "",
	})
	m, err := batch.Read(folder, "/elsewhere", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.JPG", "b.png", "sub/b.png"}, ids(m.Rows)); diff != "" {
		t.Error(diff)
	}
	if m.Rows[0].Caption != "a lighthouse" || m.Rows[1].Caption != "" || m.Rows[2].Caption != "a boat" {
		t.Errorf("captions: %q %q %q", m.Rows[0].Caption, m.Rows[1].Caption, m.Rows[2].Caption)
	}
	if want := filepath.Join(folder, "sub", "b.png"); m.Rows[2].Image() != want {
		t.Errorf("image %q, want %q", m.Rows[2].Image(), want)
	}
	if m.Passed != 1 || m.Defaults != filepath.Join(folder, "batch.yaml") {
		t.Errorf("passed %d, defaults %q", m.Passed, m.Defaults)
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	folder := tree(t, map[string]string{"shots[1]/b.png": "", "shots[1]/a.png": "", "shots[1]/c.txt": ""})
	inside := filepath.Join(folder, "shots[1]")
	m, err := batch.Read("*.png", inside, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.png", "b.png"}, ids(m.Rows)); diff != "" {
		t.Error(diff)
	}
	if _, err := batch.Read("*.webp", inside, nil); !fault.Is(err, fault.Usage) {
		t.Errorf("a pattern that matches nothing: %v", err)
	}
}

func TestNamesThatNoScreenShowsStayInTheBatch(t *testing.T) {
	t.Parallel()
	folder := tree(t, map[string]string{"a\nb.png": "", "\xff.png": "", "-x.png": ""})
	m, err := batch.Read(folder, folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Rows) != 3 {
		t.Fatalf("rows: %q", ids(m.Rows))
	}
	for _, row := range m.Rows {
		if strings.ContainsRune(row.ID, '\n') || !utf8.ValidString(row.ID) {
			t.Errorf("id %q", row.ID)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file, content string
		want          []batch.Row
	}{
		"commas": {
			"m.csv", "\ufeffid,image,prompt,negative_prompt,param.seed,who\nx,a.png,\"slow, pan\",,7,Ann\ny,https://example.com/b.png,rain,blur,,\n",
			[]batch.Row{
				{
					ID: "x", Line: 2, Flags: map[string][]string{"image": {"F/a.png"}, "prompt": {"slow, pan"}}, Params: map[string]string{"seed": "7"},
					Columns: map[string]string{"id": "x", "image": "a.png", "prompt": "slow, pan", "param.seed": "7", "who": "Ann"},
				},
				{
					ID: "y", Line: 3, Flags: map[string][]string{"image": {"https://example.com/b.png"}, "prompt": {"rain"}, "negative-prompt": {"blur"}},
					Columns: map[string]string{"id": "y", "image": "https://example.com/b.png", "prompt": "rain", "negative_prompt": "blur"},
				},
			},
		},
		"semicolons": {
			"m.csv", "image;prompt\na.png;a, b\n;\nb.png;c\n",
			[]batch.Row{
				{ID: "a.png", Line: 2, Flags: map[string][]string{"image": {"F/a.png"}, "prompt": {"a, b"}}, Columns: map[string]string{"image": "a.png", "prompt": "a, b"}},
				{ID: "b.png", Line: 4, Flags: map[string][]string{"image": {"F/b.png"}, "prompt": {"c"}}, Columns: map[string]string{"image": "b.png", "prompt": "c"}},
			},
		},
		"lines": {
			"m.jsonl", `{"image":["a.png","b.png"],"provider":"kling","model":"m","kind":"image-to-video","duration":5,"sound":true,"input":{"shot_type":"x"}}` + "\n\n",
			[]batch.Row{{
				ID: "", Line: 1, Provider: "kling", Model: "m", Kind: "image-to-video", Input: map[string]any{"shot_type": "x"},
				Flags:   map[string][]string{"image": {"F/a.png", "F/b.png"}, "duration": {"5"}, "sound": {"true"}},
				Columns: map[string]string{"provider": "kling", "model": "m", "kind": "image-to-video", "duration": "5", "sound": "true"},
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := tree(t, map[string]string{test.file: test.content})
			m, err := batch.Read(test.file, folder, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range m.Rows {
				if test.want[i].ID == "" {
					m.Rows[i].ID = ""
				}
				for _, values := range m.Rows[i].Flags {
					for k := range values {
						values[k] = strings.Replace(values[k], folder, "F", 1)
					}
				}
			}
			if diff := cmp.Diff(test.want, m.Rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	read := func(content string) (batch.Manifest, error) {
		return batch.Read("-", "/f", strings.NewReader(content))
	}
	m, err := read("a.png\na.png\nb.png\na.png\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.png", "a.png#2", "b.png", "a.png#3"}, ids(m.Rows)); diff != "" {
		t.Error(diff)
	}
	one, err := read(`{"prompt":"a"}` + "\n" + `{"prompt":"b"}`)
	if err != nil {
		t.Fatal(err)
	}
	two, err := read(`{"prompt":"b"}` + "\n" + `{"prompt":"c"}` + "\n" + `{"prompt":"a"}`)
	if err != nil {
		t.Fatal(err)
	}
	if one.Rows[0].ID != two.Rows[2].ID || one.Rows[1].ID != two.Rows[0].ID || one.Rows[0].ID == one.Rows[1].ID {
		t.Errorf("rows without an image move: %q, %q", ids(one.Rows), ids(two.Rows))
	}
	if _, err := read(`{"id":"x","prompt":"a"}` + "\n" + `{"id":"x","prompt":"b"}`); err == nil || !strings.Contains(err.Error(), "lines 1 and 2") {
		t.Errorf("one id twice: %v", err)
	}
	found := batch.ID("", "/a", "/b")
	if again := batch.ID("", "/a", "/b"); found != again || found == batch.ID("", "/a/b", "") || batch.ID("n", "x", "y") != "n" {
		t.Error("ids of batches")
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, want string }{
		"no rows":           {"m.csv", "image,prompt\n", "no rows"},
		"empty":             {"m.csv", "", "no rows"},
		"no name":           {"m.csv", "image,\na.png,x\n", "line 1"},
		"two of one name":   {"m.csv", "negative-prompt,negative_prompt\na,b\n", "two columns"},
		"too few cells":     {"m.csv", "image,prompt\na.png\n", "line 2"},
		"open quote":        {"m.csv", "image,prompt\n\"a.png,x\n", "line"},
		"not UTF-8":         {"m.csv", "image,prompt\na.png,\xff\n", "line 2"},
		"standard input":    {"m.csv", "image,prompt\n-,x\n", "line 2"},
		"no JSON":           {"m.jsonl", "{\"image\":\"a.png\"}\nnonsense\n", "line 2"},
		"a list":            {"m.jsonl", "[1]\n", "line 1"},
		"an object in one":  {"m.jsonl", `{"prompt":{"a":1}}`, "line 1"},
		"input is a text":   {"m.jsonl", `{"input":"a"}`, "line 1"},
		"control in an id":  {"m.jsonl", `{"id":"a\u0007","prompt":"x"}`, "control"},
		"a kind of its own": {"m.xlsx", "PK", "no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := tree(t, map[string]string{test.file: test.content})
			_, err := batch.Read(test.file, folder, nil)
			if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := batch.Read("nowhere", t.TempDir(), nil); !fault.Is(err, fault.Usage) {
		t.Errorf("no such folder: %v", err)
	}
	if _, err := batch.Read(t.TempDir(), "/", nil); !fault.Is(err, fault.Usage) {
		t.Errorf("a folder without images: %v", err)
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	row := batch.Row{
		ID: "r1", Caption: "a {boat}", Columns: map[string]string{"who": "Ann"},
		Flags: map[string][]string{"image": {"/shots/day one/kite.v2.png"}},
	}
	for text, want := range map[string]string{
		"plain":                 "plain",
		"{stem} {name} {dir}":   "kite.v2 kite.v2.png day one",
		"{caption} with {who}":  "a {boat} with Ann",
		"{{literal}} {row}{id}": "{literal} r1r1",
	} {
		if got, err := row.Expand(text); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{nobody}", "{", "a } b", "{stem"} {
		if got, err := row.Expand(text); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := (batch.Row{}).Expand("{stem}"); !fault.Is(err, fault.Usage) {
		t.Error("a row without an image has no stem")
	}
}

func TestShardsShareAllRows(t *testing.T) {
	t.Parallel()
	var rows []batch.Row
	for i := range 1000 {
		rows = append(rows, batch.Row{ID: strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26)})
	}
	seen := map[string]int{}
	for i := range 4 {
		shard := batch.Shard{Index: i, Count: 4}
		mine := shard.Rows(rows)
		if len(mine) < 150 {
			t.Errorf("shard %d has %d of 1000 rows", i+1, len(mine))
		}
		for _, row := range mine {
			seen[row.ID]++
		}
	}
	for _, row := range rows {
		if seen[row.ID] == 0 {
			t.Fatalf("nobody has %q", row.ID)
		}
	}
	for _, text := range []string{"0/4", "5/4", "x", "1/", "1/0", "-1/2"} {
		if _, err := batch.ParseShard(text); !fault.Is(err, fault.Usage) {
			t.Errorf("--shard %s is taken", text)
		}
	}
	if s, err := batch.ParseShard("2/4"); err != nil || s != (batch.Shard{Index: 1, Count: 4}) {
		t.Errorf("2/4: %v, %v", s, err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add("image,prompt\na.png,b\n", byte(0))
	f.Add(`{"image":"a.png","input":{"x":[1]}}`, byte(1))
	f.Add("a.png\nb.png", byte(2))
	f.Fuzz(func(t *testing.T, content string, kind byte) {
		name := []string{"m.csv", "m.jsonl", "m.txt"}[int(kind)%3]
		folder := tree(t, map[string]string{name: content})
		m, err := batch.Read(name, folder, nil)
		if err != nil {
			if !fault.Is(err, fault.Usage) {
				t.Fatalf("%v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, row := range m.Rows {
			if row.ID == "" || seen[row.ID] {
				t.Fatalf("id %q is empty or there twice", row.ID)
			}
			seen[row.ID] = true
		}
	})
}

// What never ends is no log.
func TestALogIsAFile(t *testing.T) {
	t.Parallel()
	if _, err := batch.OpenLog(os.DevNull, false); !fault.Is(err, fault.Local) {
		t.Errorf("a device is taken for a log: %v", err)
	}
}
