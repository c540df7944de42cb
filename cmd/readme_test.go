package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The README begins with two commands: the first makes a video with nothing
// configured, the second passes the tests.
func TestReadmeFirstCommand(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := fenced(string(text))
	if len(commands) < 2 || commands[1] != "go test ./..." {
		t.Fatalf("the first two commands of the README are %q, want one that makes a video, then go test ./...", commands[:min(2, len(commands))])
	}
	line, ok := strings.CutPrefix(commands[0], "go run . ")
	if !ok {
		t.Fatalf("the first command of the README is %q, want go run . ...", commands[0])
	}
	if before, _, _ := strings.Cut(string(text), line); strings.Count(before, "\n") > 15 {
		t.Error("the first command does not stand at the top of the README")
	}
	parsed, err := shellCommands("klingctl " + line)
	if err != nil || len(parsed) != 1 {
		t.Fatalf("read the first command: %v, %v", parsed, err)
	}

	p := newPlace(t)
	image, err := os.ReadFile(filepath.Join("..", "docs", "lighthouse.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(p.work, "docs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.work, "docs", "lighthouse.png"), image, 0o600); err != nil {
		t.Fatal(err)
	}
	stdout := p.run(t, parsed[0][1:]...)
	data, err := os.ReadFile(filepath.Join(p.work, stdout))
	if err != nil {
		t.Fatalf("the path on standard output: %v", err)
	}
	if seconds, err := movieSeconds(data); err != nil || seconds != 5 {
		t.Errorf("%s lasts %v s (%v), want a whole MP4 of 5 s", stdout, seconds, err)
	}
}

// fenced are the lines of all sh blocks of a page, joined where a backslash
// continues them; comments are left out.
func fenced(page string) []string {
	var lines []string
	inside := false
	joined := ""
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside && line == "```sh"
		case !inside, strings.HasPrefix(strings.TrimSpace(line), "#"), strings.TrimSpace(line) == "":
		case strings.HasSuffix(line, "\\"):
			joined += strings.TrimSuffix(line, "\\")
		default:
			lines = append(lines, joined+line)
			joined = ""
		}
	}
	return lines
}
