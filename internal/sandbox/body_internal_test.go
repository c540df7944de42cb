package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func newServer(tb testing.TB) *Server {
	tb.Helper()
	s, err := New(Options{Dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestLongStringsGoToDisk(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	file := bytes.Repeat([]byte{0, 1, 2, 0xff, 0xfe, 0xfd}, 40_000)
	plain := base64.StdEncoding.EncodeToString(file)
	for name, c := range map[string]struct {
		text    string
		err     error
		dataURI bool
	}{
		"raw":               {plain, nil, false},
		"data URI":          {"data:image/png;base64," + plain, nil, true},
		"escaped slashes":   {strings.ReplaceAll(plain, "/", `\/`), nil, false},
		"line breaks":       {plain[:200_000] + `\n` + plain[200_000:], errBase64, false},
		"padding inside":    {plain[:199_996] + "QQ==" + plain[200_000:], errBase64, false},
		"cut":               {plain[:len(plain)-1], errBase64, false},
		"other data":        {"data:text/plain," + plain, errBase64, true},
		"another character": {plain[:150_000] + "?" + plain[150_001:], errBase64, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"a":{"image":["` + c.text + `"]},"b":"x\"y"}`
			tree, n, err := s.readJSON(iotest.HalfReader(strings.NewReader(body)))
			if err != nil || n != int64(len(body)) {
				t.Fatalf("got %d bytes, %v, want %d", n, err, len(body))
			}
			if tree["b"] != `x"y` {
				t.Errorf("short string: got %q", tree["b"])
			}
			sp, ok := tree["a"].(object)["image"].([]any)[0].(*spill) //nolint:forcetypeassert // a wrong tree fails the test
			if !ok {
				t.Fatal("the long string stayed in memory")
			}
			if !errors.Is(sp.err, c.err) || sp.dataURI != c.dataURI {
				t.Errorf("got error %v, data URI %t, want %v, %t", sp.err, sp.dataURI, c.err, c.dataURI)
			}
			if c.err == nil && !bytes.Equal(s.pictureBytes(sp.image), file) {
				t.Error("the kept file differs")
			}
		})
	}
}

func TestNothingFollowsThePadding(t *testing.T) {
	t.Parallel()
	sp, err := newServer(t).newSpill()
	if err != nil {
		t.Fatal(err)
	}
	sp.write([]byte(strings.Repeat("QUJD", 256) + "QQ=="))
	sp.write([]byte("QUJD"))
	sp.finish()
	if !errors.Is(sp.err, errBase64) {
		t.Errorf("got %v, want %v", sp.err, errBase64)
	}
}

func TestNoTemporaryFilesAreLeft(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, body := range []string{
		`{"image":"` + strings.Repeat("?", spillAt+9) + `"}`,
		`{"image":"` + strings.Repeat("A", spillAt+9),
		`{"image":"` + strings.Repeat("A", spillAt+9) + `"`,
	} {
		_, _, _ = s.readJSON(strings.NewReader(body))
	}
	left, err := os.ReadDir(filepath.Join(s.dir, imagesDir))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), ".new-") {
			t.Errorf("left behind: %s", f.Name())
		}
	}
}

func TestBodiesThatAreNoObject(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, body := range map[string]string{
		"empty": "", "null": "null", "array": "[]", "text": `"x"`, "two": "{} {}", "cut": `{"a":`, "cut text": `{"a":"b`,
		"cut escape": `{"a":"\`, "deep": strings.Repeat(`{"a":`, 20_000),
	} {
		if _, _, err := s.readJSON(strings.NewReader(body)); !errors.Is(err, errNotJSON) {
			t.Errorf("%s: got %v, want %v", name, err, errNotJSON)
		}
	}
	if _, _, err := s.readJSON(strings.NewReader(`{"a":[` + strings.Repeat("1,", maxSlim) + `1]}`)); !errors.Is(err, errTooLarge) {
		t.Errorf("much JSON: got %v, want %v", err, errTooLarge)
	}
}

// Whatever comes in, reading it gives what encoding/json gives, or an error.
func FuzzReadJSON(f *testing.F) {
	s := newServer(f)
	for _, seed := range []string{`{}`, `{"a":"b\"\\","c":[1,null,{"d":"\u0000"}]}`, `{"a":"`, `[`, "{\"a\":\"\x00\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, _, err := s.readJSON(strings.NewReader(body))
		var want map[string]any
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		if err != nil || dec.Decode(&want) != nil {
			return
		}
		a, errA := json.Marshal(got)
		b, errB := json.Marshal(want)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("got %s %v, want %s %v", a, errA, b, errB)
		}
	})
}
