// Package ui knows what a terminal is: whether there is one, how wide it is,
// colour, and how progress is drawn on it. fatih/color and progressbar live
// here only.
//
// Rules of the room: data goes to Out, everything for people goes to Err, and
// only a terminal is drawn on. Without one, each change is a line of its own.
// It must not know jobs, providers or verbs: it draws texts and numbers.
package ui

import (
	"fmt"
	"io"

	"github.com/fatih/color"
)

// Terminal is the three streams of the process and what is known of them.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
	// InTTY, OutTTY and ErrTTY say which of them are terminals.
	InTTY, OutTTY, ErrTTY bool
	// Width gives the columns of the error stream's terminal; it is asked
	// again on each drawing, because windows change. nil means 80.
	Width func() int
	// Color permits colour on Err; Draw permits bars.
	Color, Draw bool
	// Quiet drops notices; errors are always told.
	Quiet bool
}

// Look is what the environment and the flags say about drawing.
type Look struct {
	// Color is auto, always or never.
	Color string
	// NoColor is a non-empty NO_COLOR, ForceColor a CLICOLOR_FORCE that is
	// neither empty nor 0. A --color flag comes as Color and beats both.
	NoColor, ForceColor bool
	// Dumb is TERM=dumb: no colour and no bars.
	Dumb bool
	// Progress permits bars.
	Progress bool
}

// Dress settles colour and bars on a terminal.
func (t Terminal) Dress(look Look) Terminal {
	switch {
	case look.Color == "always":
		t.Color = true
	case look.Color == "never", look.NoColor:
		t.Color = false
	case look.ForceColor:
		t.Color = true
	default:
		t.Color = t.ErrTTY && !look.Dumb
	}
	t.Draw = t.ErrTTY && !look.Dumb && look.Progress && !t.Quiet
	return t
}

// Columns is the width to draw in, 80 where nobody knows it.
func (t Terminal) Columns() int {
	if t.Width != nil {
		if columns := t.Width(); columns > 0 {
			return columns
		}
	}
	return 80
}

// Notice tells a person something, on a line of its own. The text may come
// from anywhere: what could steer the terminal is escaped.
func (t Terminal) Notice(text string) {
	if !t.Quiet {
		_, _ = fmt.Fprintln(t.Err, safe(text))
	}
}

// Paint colours a text for Err.
func (t Terminal) Paint(text string, attributes ...color.Attribute) string {
	paint := color.New(attributes...)
	if t.Color {
		paint.EnableColor()
	} else {
		paint.DisableColor()
	}
	return paint.Sprint(text)
}

// Problem prints a failure: the message, then what is known of the money, then
// what to do next. As in Notice, what could steer the terminal is escaped.
func (t Terminal) Problem(message, money, hint string) {
	text := t.Paint("error:", color.FgRed, color.Bold) + " " + safe(message) + "\n"
	if money != "" {
		text += "  " + t.Paint("charged:", color.Bold) + " " + safe(money) + "\n"
	}
	if hint != "" {
		text += "  " + t.Paint("next:", color.Bold) + " " + safe(hint) + "\n"
	}
	_, _ = io.WriteString(t.Err, text)
}
