package ui_test

import (
	"cmp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/klingctl/klingctl/internal/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// beside is the second cell of a character that takes two.
const beside = '\x00'

// screen is a small terminal. It obeys what the bar may use and complains of
// everything else, of a line that reaches its edge, and of a write that leaves
// the cursor elsewhere than in the first column.
type screen struct {
	t *testing.T

	mu     sync.Mutex
	width  int
	says   int  // the width that a program is told, when it lags behind
	clips  bool // lines are clipped at the edge, not wrapped
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
		return cmp.Or(s.says, s.width)
	}}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	for text := string(p); text != ""; {
		text = s.obey(text)
	}
	if s.clips {
		s.t.Errorf("after %q lines stay clipped", p)
	}
	if s.column != 0 {
		s.t.Errorf("after %q the cursor is in column %d, want 0", p, s.column)
	}
	return len(p), nil
}

// obey does the first thing in a text and gives the rest.
func (s *screen) obey(text string) string {
	if rest, ok := strings.CutPrefix(text, "\x1b[J"); ok {
		line := []rune(s.rows[s.row])
		s.rows = append(s.rows[:s.row], string(line[:min(s.column, len(line))]))
		return rest
	}
	for code, clips := range map[string]bool{"\x1b[?7l": true, "\x1b[?7h": false} {
		if rest, ok := strings.CutPrefix(text, code); ok {
			s.clips = clips
			return rest
		}
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
		s.put(append([]rune{r}, []rune(strings.Repeat(string(beside), max(0, ui.Columns(string(r))-1)))...))
	}
	return rest
}

// put puts a character's cells where the cursor is. What no longer fits goes
// to the next row, or over the last cell where lines are clipped.
func (s *screen) put(cells []rune) {
	switch over := s.column + len(cells) - s.width; {
	case over > 0 && s.clips:
		s.column = max(0, s.column-over)
	case over > 0 && s.column > 0:
		s.row, s.column = s.row+1, 0
		if s.row == len(s.rows) {
			s.rows = append(s.rows, "")
		}
	}
	line := []rune(s.rows[s.row])
	for len(line) < s.column+len(cells) {
		line = append(line, ' ')
	}
	copy(line[s.column:], cells)
	s.rows[s.row] = string(line)
	s.column += len(cells)
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
			end := width
			if line[end] == beside && end > 1 {
				end-- // a wide character is not torn apart
			}
			rows, line = append(rows, string(line[:end])), line[end:]
		}
		rows = append(rows, string(line))
	}
	s.rows = rows
}

// lag makes the screen say that it has another width than it has; 0 ends that.
func (s *screen) lag(width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says = width
}

// shown is what stands on the screen.
func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.ReplaceAll(strings.Join(s.rows, "\n"), string(beside), "")
	return strings.TrimRight(text, "\n ")
}

// wraps reports whether any row fills the window.
func (s *screen) wraps() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range s.rows {
		if len([]rune(row)) >= s.width {
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
