package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptNDJSON holds the kinds of the events on standard output, in their
// order; a star stands for none or several of a kind:
//
//	ndjson KIND[*]...
func scriptNDJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: ndjson KIND[*]...")
	}
	var pattern, kinds strings.Builder
	for _, arg := range args {
		kind, many := strings.CutSuffix(arg, "*")
		pattern.WriteString("(?:" + regexp.QuoteMeta(kind) + " )")
		if many {
			pattern.WriteString("*")
		}
	}
	for _, event := range eventsOf(ts) {
		fmt.Fprintf(&kinds, "%v ", event["event"])
	}
	if !regexp.MustCompile("^" + pattern.String() + "$").MatchString(kinds.String()) {
		ts.Fatalf("the events are %s, want %s", &kinds, strings.Join(args, " "))
	}
}

// scriptEvent holds that some event of a kind has a value, as JSON or as a
// text:
//
//	event KIND PATH WANT
func scriptEvent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: event KIND PATH WANT")
	}
	var seen []string
	for _, event := range eventsOf(ts) {
		if event["event"] != args[0] {
			continue
		}
		value := fmt.Sprint(valueAt(event, args[1]))
		if value == args[2] {
			return
		}
		seen = append(seen, value)
	}
	ts.Fatalf("%s of %s is %q, want %s", args[1], args[0], seen, args[2])
}

func valueAt(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch have := value.(type) {
		case map[string]any:
			value = have[name]
		case []any:
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

// eventsOf are the lines of standard output: each one JSON object of the
// schema, the last one a summary.
func eventsOf(ts *testscript.TestScript) []map[string]any {
	var events []map[string]any
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		document, err := oneDocument(line)
		ts.Check(err)
		event, ok := document.(map[string]any)
		if !ok || event["schema_version"] != json.Number("1") || event["at"] == nil || !strings.HasSuffix(line, "}\n") {
			ts.Fatalf("this is no event: %s", line)
		}
		events = append(events, event)
	}
	if len(events) == 0 || events[len(events)-1]["event"] != "summary" {
		ts.Fatalf("the last line is no summary")
	}
	return events
}

// tell is a program for --exec: it says what it was given.
//
//	tell [exit CODE | exit-if WORD WORD | exists PATH | hang [stubborn]] [ARG...]
func tell(args []string) int {
	switch {
	case len(args) > 1 && args[0] == "exit":
		code, _ := strconv.Atoi(args[1])
		return code
	case len(args) > 2 && args[0] == "exit-if" && args[1] == args[2]:
		return 3
	case len(args) > 1 && args[0] == "exists":
		if _, err := os.Stat(args[1]); err == nil {
			fmt.Fprintln(os.Stdout, "is there:", args[1])
		}
	case len(args) > 0 && args[0] == "hang":
		return hang(len(args) > 1 && args[1] == "stubborn")
	}
	fmt.Fprintln(os.Stdout, "<"+strings.Join(args, "> <")+">")
	for _, line := range os.Environ() {
		name, _, _ := strings.Cut(line, "=")
		switch {
		case name == "KLINGCTL_JOB" || name == "KLINGCTL_PATH":
			fmt.Fprintln(os.Stdout, line)
		case strings.HasSuffix(name, "_KEY"):
			fmt.Fprintln(os.Stdout, "a key is there:", name)
		case name == "AWS_PROFILE":
			fmt.Fprintln(os.Stdout, name, "is there")
		}
	}
	if text, err := io.ReadAll(os.Stdin); err == nil && len(text) == 0 {
		fmt.Fprintln(os.Stdout, "stdin is empty")
	}
	return 0
}

// hang waits for a signal, and goes on as if none had come when it is stubborn.
func hang(stubborn bool) int {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught)
	fmt.Fprintln(os.Stdout, "hanging")
	for s := range caught {
		fmt.Fprintln(os.Stdout, "heard", s)
		if !stubborn {
			return 9
		}
	}
	return 0
}
