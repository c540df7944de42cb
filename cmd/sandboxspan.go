package cmd

import (
	"errors"
	"strings"
	"time"
)

// span is the value of a flag that takes a duration, or two: from..to.
type span struct{ least, most time.Duration }

// String is the span as Set takes it; "" when nothing is set.
func (s *span) String() string {
	switch {
	case s.most == 0:
		return ""
	case s.least == s.most:
		return s.least.String()
	}
	return s.least.String() + ".." + s.most.String()
}

// Set reads 3s or 60s..240s.
func (s *span) Set(text string) error {
	from, to, ranged := strings.Cut(text, "..")
	if !ranged {
		to = from
	}
	least, err := time.ParseDuration(from)
	if err != nil {
		return err
	}
	most, err := time.ParseDuration(to)
	if err != nil {
		return err
	}
	if least <= 0 || most < least {
		return errors.New("it is a duration above zero, or two, the longer one last, as in 60s..240s")
	}
	*s = span{least: least, most: most}
	return nil
}

// Type names the value in help texts.
func (*span) Type() string { return "duration" }
