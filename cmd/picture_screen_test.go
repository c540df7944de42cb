package cmd

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// cell is a character on a screen and how it looks.
type cell struct {
	char rune
	look look
}

// look is bold or not, and a colour by its number on a terminal, 0 for none.
type look struct {
	bold  bool
	color int
}

// screen plays a terminal as far as the program uses one: colours, going back
// to the start of a line or up, and erasing below.
type screen struct {
	lines       [][]cell
	row, column int
	width       int
	nowrap      bool
	look        look
}

// play puts on the screen what a process wrote.
func (s *screen) play(text string) {
	for text != "" {
		if code, rest, found := escapeCode(text); found {
			s.obey(code)
			text = rest
			continue
		}
		char, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch char {
		case '\r':
			s.column = 0
		case '\n':
			s.row++
		default:
			s.put(char)
		}
	}
}

// escapeCode cuts a control sequence such as ESC [ 31 m off a text: it gives
// what stands behind the bracket.
func escapeCode(text string) (code, rest string, found bool) {
	inside, found := strings.CutPrefix(text, "\x1b[")
	if !found {
		return "", text, false
	}
	end := strings.IndexFunc(inside, func(r rune) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		return "", "", true
	}
	return inside[:end+1], inside[end+1:], true
}

func (s *screen) obey(code string) {
	arguments, kind := code[:len(code)-1], code[len(code)-1]
	count, err := strconv.Atoi(arguments)
	if err != nil {
		count = 1
	}
	switch kind {
	case 'm':
		for number := range strings.SplitSeq(arguments, ";") {
			s.paint(number)
		}
	case 'A':
		s.row = max(0, s.row-count)
	case 'G':
		s.column = count - 1
	case 'K', 'J':
		s.reach()
		s.lines[s.row] = s.lines[s.row][:min(s.column, len(s.lines[s.row]))]
		if kind == 'J' {
			s.lines = s.lines[:s.row+1]
		}
	case 'l', 'h':
		if arguments == "?7" {
			s.nowrap = kind == 'l'
		}
	}
}

func (s *screen) paint(number string) {
	switch n, _ := strconv.Atoi(number); {
	case n == 0:
		s.look = look{}
	case n == 1:
		s.look.bold = true
	case n == 22:
		s.look.bold = false
	case n >= 30 && n <= 37 || n >= 90 && n <= 97:
		s.look.color = n
	case n == 39:
		s.look.color = 0
	}
}

// reach makes the line of the cursor.
func (s *screen) reach() {
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
}

func (s *screen) put(char rune) {
	if s.column >= s.width {
		if s.nowrap {
			return
		}
		s.row, s.column = s.row+1, 0
	}
	s.reach()
	line := s.lines[s.row]
	for len(line) <= s.column {
		line = append(line, cell{char: ' '})
	}
	line[s.column] = cell{char: char, look: s.look}
	s.lines[s.row] = line
	s.column++
}

// text is the screen without its colours.
func (s *screen) text() []string {
	lines := make([]string, 0, len(s.lines))
	for _, line := range s.lines {
		var text strings.Builder
		for _, c := range line {
			text.WriteRune(c.char)
		}
		lines = append(lines, strings.TrimRight(text.String(), " "))
	}
	return lines
}

func TestScreen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		written string
		want    []string
	}{
		{"a\r\nb\r\n", []string{"a", "b"}},
		{"12345\r\x1b[Jab\r\n", []string{"ab"}},
		{"one\r\ntwo\x1b[1A\r\x1b[Jx", []string{"x"}},
		{"1234567890abc", []string{"1234567890", "abc"}},
		{"\x1b[?7l1234567890abc\x1b[?7h", []string{"1234567890"}},
		{"\x1b[31;1mred\x1b[0m", []string{"red"}},
	} {
		s := &screen{width: 10}
		s.play(test.written)
		if got := s.text(); !slices.Equal(got, test.want) {
			t.Errorf("%q shows %q, want %q", test.written, got, test.want)
		}
	}
}
