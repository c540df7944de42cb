package config

import (
	"fmt"

	"github.com/klingctl/klingctl/internal/fault"
)

// Problem is something that is wrong with the settings.
type Problem struct {
	// Key is the setting concerned, "" where none is.
	Key string
	// Origin is the file and line, or the variable; its layer is "default"
	// where the problem has no one place.
	Origin Origin
	// Column is counted from 1, 0 where nobody can tell.
	Column int
	// Message is for people; it holds no secret.
	Message string

	grade grade
}

// grade is what Load does about a problem.
type grade int

const (
	// warned problems are told, and the rest goes on.
	warned grade = iota
	// refused ones end Load.
	refused
	// judged ones are values that another layer may replace: settle decides.
	judged
)

// String is the problem behind its place, as compilers tell it.
func (p Problem) String() string {
	place := p.Origin.Where
	if p.Origin.Line > 0 {
		place += fmt.Sprintf(":%d", p.Origin.Line)
	}
	if p.Column > 0 {
		place += fmt.Sprintf(":%d", p.Column)
	}
	if place == "" {
		return p.Message
	}
	return place + ": " + p.Message
}

// checkHint is the verb that tells all problems at once.
const checkHint = "klingctl config validate"

func (l *loader) report(p Problem) { l.problems = append(l.problems, p) }

// refusal is the first problem that Load cannot pass over.
func (l *loader) refusal() error {
	for _, p := range l.problems {
		if p.grade != refused {
			continue
		}
		detail := p.Message
		if p.Origin.Line > 0 {
			detail = fmt.Sprintf("line %d: %s", p.Origin.Line, p.Message)
		}
		return &fault.Error{Kind: fault.Usage, Op: "read", Subject: p.Origin.Where, Detail: detail, Hint: checkHint}
	}
	return nil
}

// told is what Load warns of.
func (l *loader) told() []string {
	var lines []string
	for _, p := range l.problems {
		if p.grade == warned {
			p.Column = 0
			lines = append(lines, p.String())
		}
	}
	return append(lines, l.warnings...)
}

// judge looks at one value of a file or a variable, and tells whether it is to
// be taken.
func (l *loader) judge(e placed) bool {
	problem := Problem{Key: e.key, Origin: e.origin, Column: e.name}
	shown := fault.SafeText(e.key)
	setting, declared := Find(e.key)
	switch {
	case e.origin.Layer == layerProject && !projectKeys()[e.key]:
		problem.grade, problem.Message = refused, fmt.Sprintf("%q is not allowed there: %v", shown, errProject)
	case !declared:
		problem.Message = fmt.Sprintf("%q is not a setting%s", shown, didYouMean(fault.SafeText(nearKey(e.key))))
	default:
		err := l.wrong(setting, e.value)
		if err == nil {
			return true
		}
		problem.grade, problem.Column, problem.Message = judged, e.column, shown+": "+err.Error()
		l.report(problem)
		return !l.checking
	}
	l.report(problem)
	return false
}

// wrong tells what is wrong with a value; what only the checker asks for is
// left to it.
func (l *loader) wrong(setting Setting, value string) error {
	if !l.checking {
		return nil
	}
	if err := setting.Check(value); err != nil {
		return err
	}
	if l.source.Value != nil {
		return l.source.Value(setting, value)
	}
	return nil
}
