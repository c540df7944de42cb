package ui

import (
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
)

// picture turns news into one line. progressbar makes the spinner and the bar;
// it is given no terminal, because it would sync it at every stroke, ask for
// its width in its own way, and leave a half of what a smaller window wraps.
type picture struct {
	spinner *progressbar.ProgressBar

	// bar is the last gauge, for so much of a total and of that inside width.
	bar           *progressbar.ProgressBar
	filled, total int64
	size          int

	// last is the transfer as it was drawn last, moved when it was last seen
	// to grow, and rate how fast that is.
	last  transfer
	moved time.Time
	rate  rate
}

// barEdges is the columns of a bar beside its inside: two edges, the percentage
// with its sign, and the spaces around them.
const barEdges = 10

// spinnerColumns is the columns of the spinner and the space behind it.
const spinnerColumns = 2

// separator stands between the parts of a line.
const separator = " · "

// line is the news at a moment. It may be wider than the columns there are.
func (p *picture) line(now news, at time.Time, columns int) string {
	switch now.shows {
	case aState:
		return p.spin(now.state.text(at, columns-spinnerColumns))
	case aTransfer:
		return p.transfer(now.transfer, at, columns)
	case aTally:
		return p.tally(now.tally, now.given, at, columns)
	case nothing:
	}
	return ""
}

// spin puts the next stroke of the spinner before a text.
func (p *picture) spin(text string) string {
	if p.spinner == nil {
		p.spinner = progressbar.NewOptions64(-1, quietly(
			progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(false),
			// Without an interval it turns at each drawing, and starts no
			// goroutine of its own.
			progressbar.OptionSetSpinnerChangeInterval(0),
		)...)
	}
	p.spinner.Describe("")
	return rendered(p.spinner) + " " + text
}

// gauge is a bar with its percentage, so many columns wide inside.
func (p *picture) gauge(filled, total int64, size int) string {
	// A bar of progressbar's neither shrinks nor leaves its end again.
	if p.bar == nil || p.total != total || p.size != size || filled < p.filled {
		p.total, p.size = total, size
		p.bar = progressbar.NewOptions64(total, quietly(
			progressbar.OptionSetWidth(size), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
		)...)
	}
	p.filled = filled
	p.bar.Describe("")
	_ = p.bar.Set64(min(filled, total))
	return rendered(p.bar)
}

// quietly are the options of something that is only rendered.
func quietly(more ...progressbar.Option) []progressbar.Option {
	return append([]progressbar.Option{
		progressbar.OptionSetWriter(io.Discard), progressbar.OptionEnableColorCodes(false),
	}, more...)
}

func rendered(bar *progressbar.ProgressBar) string {
	return strings.TrimRight(strings.TrimPrefix(bar.String(), "\r"), " ")
}
