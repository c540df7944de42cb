package ledger

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// roleVariable makes the test binary play one of several processes.
const roleVariable = "LEDGER_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// play is the life of a child process: it says ready, waits for a line, and
// does its part.
func play(role string, args []string) error {
	ctx := context.Background()
	say("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	if role == "umask" {
		return playUmask(ctx, args[0])
	}
	s, err := Open(ctx, Options{Path: args[0]})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	switch role {
	case "open":
		return nil
	case "work":
		return playWork(ctx, s, args[1])
	case "count":
		return playCount(ctx, s, args[1:])
	case "intend":
		_, wait, err := intend(ctx, s, args[1], epoch(), epoch().Add(time.Minute), Pace{})
		if err == nil && wait == 0 {
			say("won")
		}
		return nil
	}
	return playRace(ctx, s, role, args[1])
}

// playRace is one of twenty intents that not all can have.
func playRace(ctx context.Context, s *Store, role, id string) error {
	in := Intent{Now: epoch(), Deadline: epoch().Add(time.Minute)}
	switch role {
	case "twins":
	case "spend":
		in.Budget = Budget{
			Day: "today", Price: Price{Known: true, Micros: 3 * micro, Unit: "USD"},
			Caps: []Cap{{Scope: ScopeDay, Unit: "USD", Micros: 23 * micro}},
		}
	default:
		return fmt.Errorf("no role %q", role)
	}
	granted, err := s.Intend(ctx, id, in)
	if err == nil && granted.Job.State == kling.Submitting {
		say("won")
	}
	return err
}

// say tells the parent one line.
func say(line string) { _, _ = os.Stdout.WriteString(line + "\n") }

// playWork adds ten jobs, moves each on twice, and counts on a common one.
func playWork(ctx context.Context, s *Store, name string) error {
	for i := range 10 {
		job := draft(fmt.Sprintf("%s%04d", name, i), epoch())
		if err := s.Add(ctx, job); err != nil {
			return err
		}
		if _, _, err := intend(ctx, s, job.ID, epoch(), epoch().Add(time.Minute), Pace{}); err != nil {
			return err
		}
		if _, err := s.Update(ctx, job.ID, epoch(), to(kling.Queued)); err != nil {
			return err
		}
		if _, err := s.Update(ctx, commonID, epoch(), countOne); err != nil {
			return err
		}
	}
	return nil
}

// playCount counts on each of some jobs, all at once, and says each number that
// was stored, until it is killed.
func playCount(ctx context.Context, s *Store, names []string) error {
	failed := make(chan error)
	for _, id := range names {
		go func() {
			for {
				job, err := s.Update(ctx, id, epoch(), countOne)
				if err != nil {
					failed <- err
					return
				}
				say(id + " " + job.Word)
			}
		}()
	}
	return <-failed
}

const commonID = "0000c0mm0000"

func countOne(job kling.Job) (kling.Job, error) {
	n, _ := strconv.Atoi(job.Word)
	job.Word = strconv.Itoa(n + 1)
	return job, nil
}

// child is one of several processes, at its starting line.
type child struct {
	command *exec.Cmd
	start   func()
	out     *bufio.Scanner
	stderr  *os.File
}

func startChild(t *testing.T, role string, args ...string) child {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Env = append(os.Environ(), roleVariable+"="+role)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stderr.Close() })
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("a child said %q, want ready", lines.Text())
	}
	return child{command, func() { _, _ = in.Write([]byte("\n")) }, lines, stderr}
}

// wait gives what the child said after it was started.
func (c child) wait(t *testing.T) []string {
	t.Helper()
	var said []string
	for c.out.Scan() {
		said = append(said, c.out.Text())
	}
	if err := c.command.Wait(); err != nil {
		text, _ := os.ReadFile(c.stderr.Name())
		t.Errorf("a process ended with %v: %s", err, text)
	}
	return said
}
