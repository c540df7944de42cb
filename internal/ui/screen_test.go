package ui_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/klingctl/klingctl/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen is a small terminal. It obeys what the bar may use and complains of
// everything else, of a line that reaches its edge, and of a write that leaves
// the cursor elsewhere than in the first column.
type screen struct {
	t *testing.T

	mu     sync.Mutex
	width  int
	rows   []string
	row    int
	column int
	writes int
}

func newScreen(t *testing.T, width int) *screen {
	t.Helper()
	return &screen{t: t, width: width, rows: []string{""}}
}

// terminal is the screen as the program sees it.
func (s *screen) terminal() ui.Terminal {
	return ui.Terminal{Err: s, ErrTTY: true, Draw: true, Width: func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.width
	}}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	for text := string(p); text != ""; {
		text = s.obey(text)
	}
	if s.column != 0 {
		s.t.Errorf("after %q the cursor is in column %d, want 0", p, s.column)
	}
	return len(p), nil
}

// obey does the first thing in a text and gives the rest.
func (s *screen) obey(text string) string {
	if rest, ok := strings.CutPrefix(text, "\x1b[K"); ok {
		s.rows[s.row] = string([]rune(s.rows[s.row])[:min(s.column, len([]rune(s.rows[s.row])))])
		return rest
	}
	if rest, ok := strings.CutPrefix(text, "\x1b[J"); ok {
		s.rows, s.rows[s.row] = s.rows[:s.row+1], s.rows[s.row][:0]
		return rest
	}
	r := []rune(text)[0]
	rest := text[len(string(r)):]
	switch {
	case r == '\r':
		s.column = 0
	case r == '\n':
		s.row, s.column = s.row+1, 0
		if s.row == len(s.rows) {
			s.rows = append(s.rows, "")
		}
	case r < ' ' || r == 0x7f:
		s.t.Errorf("the terminal got %q", text)
	default:
		line := []rune(s.rows[s.row])
		for len(line) <= s.column {
			line = append(line, ' ')
		}
		line[s.column] = r
		s.rows[s.row] = string(line)
		s.column++
	}
	return rest
}

// resize wraps what is wider than the window now, as most terminals do, and
// keeps the cursor with the character it is on.
func (s *screen) resize(width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = width
	var rows []string
	for i, row := range s.rows {
		if i == s.row {
			s.row = len(rows)
		}
		line := []rune(row)
		for len(line) > width {
			rows, line = append(rows, string(line[:width])), line[width:]
		}
		rows = append(rows, string(line))
	}
	s.rows = rows
}

// shown is what stands on the screen.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimRight(strings.Join(s.rows, "\n"), "\n ")
}

// wraps reports whether any row fills the window.
func (s *screen) wraps() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range s.rows {
		if ui.Columns(row) >= s.width {
			return true
		}
	}
	return false
}

func (s *screen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// pass lets time go by, in a bubble.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
