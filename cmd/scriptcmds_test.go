package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// script is a command of scripts.
type script = func(ts *testscript.TestScript, neg bool, args []string)

// scriptCommands are the commands that scripts have beside testscript's own.
func scriptCommands() map[string]script {
	return map[string]script{
		"exits":    scriptExits,
		"prints":   scriptPrints,
		"keep":     scriptKeep,
		"json":     scriptJSON,
		"ndjson":   scriptNDJSON,
		"event":    scriptEvent,
		"journal":  scriptJournal,
		"requests": scriptRequests,
		"task":     scriptTask,
		"serve":    scriptServe,
		"host":     scriptHost,
		"get":      scriptGet,
		"mkimage":  scriptMkimage,
		"padpng":   scriptPadPNG,
		"cut":      scriptCut,
		"datauri":  scriptDataURI,
		"letters":  scriptLetters,
		"ismp4":    scriptIsMP4,
	}
}

// scriptExits runs a program and holds its exit code:
//
//	exits CODE PROGRAM [ARG...]
//
// Whatever is run, no key and no control character may come out, and under
// --json standard output is one document.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	for _, stream := range []string{"stdout", "stderr"} {
		text := ts.ReadFile(stream)
		if word := leaked([]byte(text)); word != "" {
			ts.Fatalf("%s holds %s", stream, word)
		}
		if at := strings.IndexFunc(text, unsafeRune); at >= 0 {
			ts.Fatalf("%s holds an unsafe character at %q", stream, text[at:min(at+20, len(text))])
		}
	}
	if slices.Contains(args, "--json") {
		if _, err := oneDocument(ts.ReadFile("stdout")); err != nil {
			ts.Fatalf("stdout under --json: %v", err)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// unsafeRune tells what must never reach a terminal off a server or a file:
// controls but newline and tab, and what turns the direction of writing.
func unsafeRune(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// oneDocument reads a text that is exactly one JSON document.
func oneDocument(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("no JSON document: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON document")
	}
	return document, nil
}

// scriptPrints holds the whole of standard output: one line for each pattern.
//
//	prints [PATTERN...]
func scriptPrints(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! prints")
	}
	text := ts.ReadFile("stdout")
	var lines []string
	if text != "" {
		lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	if len(lines) != len(args) {
		ts.Fatalf("stdout has %d lines, want %d", len(lines), len(args))
	}
	for i, line := range lines {
		pattern, err := regexp.Compile("^(?:" + args[i] + ")$")
		ts.Check(err)
		if !pattern.MatchString(line) {
			ts.Fatalf("line %d is %q, want a match of %s", i+1, line, args[i])
		}
	}
}

// scriptKeep puts standard output, or one value of its JSON, into a variable:
//
//	keep NAME [PATH]
func scriptKeep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: keep NAME [PATH]")
	}
	text := ts.ReadFile("stdout")
	if len(args) == 2 {
		value := jsonAt(ts, "stdout", args[1])
		word, ok := value.(string)
		if !ok {
			ts.Fatalf("%s is no text: %v", args[1], value)
		}
		text = word
	}
	ts.Setenv(args[0], strings.TrimSpace(text))
}

// scriptJSON compares a value of a JSON file with JSON, or with a text:
//
//	json FILE PATH WANT
//	! json FILE PATH        (it is not there)
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg && len(args) == 2 {
		if value := jsonAt(ts, args[0], args[1]); value != nil {
			ts.Fatalf("%s is there: %v", args[1], value)
		}
		return
	}
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH WANT, or ! json FILE PATH")
	}
	value := jsonAt(ts, args[0], args[1])
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	ts.Check(encoder.Encode(value))
	got := strings.TrimSpace(encoded.String())
	text, isText := value.(string)
	if equal := got == args[2] || isText && text == args[2]; equal == neg {
		ts.Fatalf("%s is %s, against %s", args[1], got, args[2])
	}
}

// jsonAt finds a value by a path such as error.job.artifacts.0.path; "." is
// the document, "length" behind an array its length. nil when there is none.
func jsonAt(ts *testscript.TestScript, file, path string) any {
	value, err := oneDocument(ts.ReadFile(file))
	ts.Check(err)
	if path == "." {
		return value
	}
	for name := range strings.SplitSeq(path, ".") {
		switch have := value.(type) {
		case map[string]any:
			value = have[name]
		case []any:
			if name == "length" {
				value = json.Number(strconv.Itoa(len(have)))
				continue
			}
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(have) {
				return nil
			}
			value = have[at]
		default:
			return nil
		}
	}
	return value
}

// scriptServe serves the emulator over HTTP from the folder "served" and puts
// its address into SERVE:
//
//	serve [SCENARIO]
func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: serve [SCENARIO]")
	}
	options := sandbox.Options{Dir: ts.MkAbs("served"), GenerationTime: 150 * time.Millisecond}
	if len(args) == 1 {
		options.Scenario = args[0]
	}
	emulator, err := sandbox.New(options)
	ts.Check(err)
	server := httptest.NewServer(emulator)
	ts.Defer(server.Close)
	ts.Setenv("SERVE", server.URL)
}

// scriptHost serves a folder over HTTP and puts its address into FILES:
//
//	host FOLDER
func scriptHost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: host FOLDER")
	}
	server := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(server.Close)
	ts.Setenv("FILES", server.URL)
}

// scriptGet prints the body of an HTTP answer:
//
//	get URL
func scriptGet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: get URL")
	}
	client := &http.Client{Timeout: 5 * time.Second}
	reply, err := client.Get(args[0]) //nolint:noctx // the client has a timeout
	ts.Check(err)
	defer reply.Body.Close()
	_, err = io.Copy(ts.Stdout(), reply.Body)
	ts.Check(err)
}

// scriptMkimage writes a picture:
//
//	mkimage FILE [WIDTHxHEIGHT [png|jpeg|webp|phone|noise]]
func scriptMkimage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 3 {
		ts.Fatalf("usage: mkimage FILE [WIDTHxHEIGHT [png|jpeg|webp|phone|noise]]")
	}
	width, height, kind := 300, 300, "png"
	if len(args) > 1 {
		_, err := fmt.Sscanf(args[1], "%dx%d", &width, &height)
		ts.Check(err)
	}
	if len(args) == 3 {
		kind = args[2]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), encodePicture(ts, kind, width, height), 0o600))
}

// picture is a quiet gradient.
func picture(width, height int) image.Image {
	drawn := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{
		color.RGBA{R: 20, G: 40, B: 90, A: 255}, color.RGBA{R: 230, G: 200, B: 120, A: 255},
	})
	for y := range height {
		for x := range width {
			drawn.SetColorIndex(x, y, uint8((x/20+y/20)%2)) //nolint:gosec // 0 or 1
		}
	}
	return drawn
}

// scriptLetters puts a text of so many characters of two bytes each into a
// variable:
//
//	letters NAME COUNT
func scriptLetters(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: letters NAME COUNT")
	}
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], strings.Repeat("ж", count))
}
