package cmd

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Measures of the picture in pixels. Every run of characters is told its width,
// so that columns stand below one another in any font.
const (
	cellWidth  = 8.4
	lineHeight = 19
	margin     = 16
)

// noBreak is a blank that stays.
const noBreak = "\u00a0"

// svg draws a screen as text. It brings its own background and so looks the
// same on a light and on a dark page.
func (s *screen) svg() string {
	var out strings.Builder
	width, height := float64(s.width)*cellWidth+2*margin, len(s.lines)*lineHeight+2*margin
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img">`+"\n", width, height, width, height)
	out.WriteString("<title>klingctl in a terminal</title>\n")
	out.WriteString(`<rect width="100%" height="100%" rx="8" fill="#22272e"/>` + "\n")
	out.WriteString(`<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#d5dbe3">` + "\n")
	for row, line := range s.lines {
		y := margin + row*lineHeight + 14
		for column := 0; column < len(line); {
			end := column
			for end < len(line) && line[end].look == line[column].look {
				end++
			}
			svgRun(&out, line[column:end], float64(margin)+float64(column)*cellWidth, y)
			column = end
		}
	}
	out.WriteString("</g>\n</svg>\n")
	return out.String()
}

// svgRun draws characters that look alike.
func svgRun(out *strings.Builder, cells []cell, x float64, y int) {
	var text strings.Builder
	for _, c := range cells {
		text.WriteRune(c.char)
	}
	shown := strings.TrimRight(text.String(), " ")
	if shown == "" {
		return
	}
	style := ""
	if cells[0].look.bold {
		style += ` font-weight="bold"`
	}
	if color := svgColor(cells[0].look.color); color != "" {
		style += ` fill="` + color + `"`
	}
	fmt.Fprintf(out, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>`, x, y, float64(len([]rune(shown)))*cellWidth, style)
	_ = xml.EscapeText(out, []byte(strings.ReplaceAll(shown, " ", noBreak))) // viewers fold blanks
	out.WriteString("</text>\n")
}

// svgColor is a terminal's colour as it shows well on the background.
func svgColor(number int) string {
	switch number % 10 {
	case 1:
		return "#f47067"
	case 2:
		return "#8ddb8c"
	case 3:
		return "#e0b060"
	case 4, 5:
		return "#8ab4f8"
	case 6:
		return "#76d3dd"
	}
	return ""
}

// The picture of the README is sound, and the commands on it can be run.
func TestPictureIsSound(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "terminal.svg"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(string(text)))
	commands := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
		data, ok := token.(xml.CharData)
		text := strings.ReplaceAll(string(data), noBreak, " ")
		if line, found := strings.CutPrefix(text, "$ "); ok && found {
			commands++
			checkCommands(t, "the picture", line)
		}
	}
	if commands < 2 {
		t.Errorf("%d commands stand on the picture, want some", commands)
	}
}
