package config

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// sheet is a settings file as lines, each with its ending.
type sheet struct {
	lines []string
	// ending is what ends the lines of this file.
	ending string
}

func newSheet(text []byte) *sheet {
	s := &sheet{ending: "\n"}
	if bytes.Contains(text, []byte("\r\n")) {
		s.ending = "\r\n"
	}
	for line := range strings.Lines(string(text)) {
		s.lines = append(s.lines, line)
	}
	if last := len(s.lines) - 1; last >= 0 && !strings.HasSuffix(s.lines[last], "\n") {
		s.lines[last] += s.ending
	}
	return s
}

func (s *sheet) bytes() []byte { return []byte(strings.Join(s.lines, "")) }

// line is a line counted from 1, "" past the end.
func (s *sheet) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	return s.lines[number-1]
}

// span is where a scalar that stands on one line begins and ends in it, in
// bytes. A node's column is counted in characters.
func (s *sheet) span(node *yaml.Node) (begin, end int, ok bool) {
	line := s.line(node.Line)
	for range node.Column - 1 {
		_, size := utf8.DecodeRuneInString(line[begin:])
		begin += size
	}
	rest := line[begin:]
	switch {
	case node.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			switch rest[i] {
			case '\\':
				i++
			case '"':
				return begin, begin + i + 1, rest[0] == '"'
			}
		}
	case node.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if strings.HasPrefix(rest[i:], "''") {
				i++
			} else if rest[i] == '\'' {
				return begin, begin + i + 1, rest[0] == '\''
			}
		}
	case node.Style == 0 && strings.HasPrefix(rest, node.Value):
		return begin, begin + len(node.Value), true
	}
	return 0, 0, false
}

// afterName is the place behind the colon of a name.
func (s *sheet) afterName(name *yaml.Node) (int, bool) {
	_, end, ok := s.span(name)
	if !ok {
		return 0, false
	}
	colon := strings.IndexByte(s.line(name.Line)[end:], ':')
	return end + colon + 1, colon >= 0
}

// put replaces a part of a line.
func (s *sheet) put(number, begin, end int, text string) {
	line := s.line(number)
	s.lines[number-1] = line[:begin] + text + line[end:]
}

// replace writes another value where one stands.
func (s *sheet) replace(at spot, value string) bool {
	if at.value.Tag == "!!null" && at.value.Value == "" {
		behind, ok := s.afterName(at.name)
		if !ok {
			return false
		}
		s.put(at.name.Line, behind, behind, " "+marshalled(value))
		return true
	}
	begin, end, ok := s.span(at.value)
	if !ok {
		return false
	}
	s.put(at.value.Line, begin, end, marshalled(value))
	return true
}

// remove takes out a line; inside of { } it leaves a null, which is no value.
func (s *sheet) remove(at spot) bool {
	if at.flow {
		begin, end, ok := s.span(at.value)
		if !ok {
			return false
		}
		s.put(at.value.Line, begin, end, "null")
		return true
	}
	if at.name.Line != at.value.Line || strings.TrimSpace(s.line(at.name.Line)[:at.name.Column-1]) != "" {
		return false
	}
	s.lines = slices.Delete(s.lines, at.name.Line-1, at.name.Line)
	return true
}

// uncomment writes a setting over the comment that stands in its place, as in
// a file made by Template.
func (s *sheet) uncomment(key, value string) bool {
	for i, line := range s.lines {
		rest, ok := strings.CutPrefix(line, "# "+key+":")
		if ok && (strings.TrimSpace(rest) == "" || strings.HasPrefix(rest, " ")) {
			s.lines[i] = key + ": " + marshalled(value) + s.ending
			return true
		}
	}
	return false
}

// insert writes a setting that is not there yet.
func (s *sheet) insert(at spot, value string) bool {
	switch {
	case at.flow:
		begin := at.mapping.Column - 1
		line := s.line(at.mapping.Line)
		if begin >= len(line) || line[begin] != '{' {
			return false
		}
		text := strings.Join(at.rest, ": {") + ": " + marshalled(value) + strings.Repeat("}", len(at.rest)-1)
		if len(at.mapping.Content) > 0 {
			text += ", "
		}
		s.put(at.mapping.Line, begin+1, begin+1, text)
	case at.holder != nil:
		s.add(at.holder.Line, at.holder.Column+1, at.rest, value)
	case at.mapping == nil:
		last := s.end()
		if last > 0 {
			last++
			s.lines = slices.Insert(s.lines, last-1, s.ending)
		}
		s.add(last, 0, at.rest, value)
	default:
		s.add(s.lastOf(at.mapping), at.mapping.Content[0].Column-1, at.rest, value)
	}
	return true
}

// add writes nested names and the value of the last below a line.
func (s *sheet) add(below, indent int, names []string, value string) {
	var block []string
	for i, name := range names {
		line := strings.Repeat(" ", indent+2*i) + marshalled(name) + ":"
		if i == len(names)-1 {
			line += " " + marshalled(value)
		}
		block = append(block, line+s.ending)
	}
	s.lines = slices.Insert(s.lines, below, block...)
}

// end is the last line of a file without any settings that is neither blank
// nor the end of a document.
func (s *sheet) end() int {
	last := len(s.lines)
	for last > 0 && (strings.TrimSpace(s.line(last)) == "" || strings.HasPrefix(s.line(last), "...")) {
		last--
	}
	return last
}

// lastOf is the last line of a map: up to where something stands further left,
// without the comments and blank lines between.
func (s *sheet) lastOf(mapping *yaml.Node) int {
	last := deepest(mapping)
	indent := mapping.Content[0].Column - 1
	for number := last + 1; number <= len(s.lines); number++ {
		text := strings.TrimSpace(s.line(number))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		left := len(s.line(number)) - len(strings.TrimLeft(s.line(number), " "))
		if left < indent || left == 0 {
			break
		}
		last = number
	}
	return last
}

// deepest is the greatest line on which anything in a node begins.
func deepest(node *yaml.Node) int {
	line := node.Line
	for _, child := range node.Content {
		line = max(line, deepest(child))
	}
	return line
}
