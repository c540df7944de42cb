package ui

import (
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/klingctl/klingctl/internal/fault"
)

// picture turns news into one line. progressbar makes the spinner and the bar;
// it is given no terminal, because it would sync it at every stroke, ask for
// its width in its own way, and leave a half of what a smaller window wraps.
type picture struct {
	spinner *progressbar.ProgressBar
	bar     *progressbar.ProgressBar

	// name and total are those of the transfer; began and first are when it
	// was first seen and how much was there already, as after a resume; last is
	// how much was there in the drawing before.
	name               string
	total, first, last int64
	began              time.Time
	// size is the bar's own width.
	size int
}

// barEdges is the columns of a bar beside its inside: two edges, the percentage
// with its sign, and the spaces around them.
const barEdges = 10

// spinnerColumns is the columns of the spinner and the space behind it.
const spinnerColumns = 2

func (p *picture) line(now news, at time.Time, columns int) string {
	switch {
	case now.bytes && now.total > 0:
		return p.bytes(now, at, columns)
	case now.bytes:
		p.follow(now, at)
		figures := " · " + Size(now.done)
		if columns >= 36 {
			figures += p.rate(now, at)
		}
		return p.spin(name(now, columns-spinnerColumns-Columns(figures)) + figures)
	case now.text != "":
		return p.spin(stateText(now, at, columns-spinnerColumns))
	}
	return ""
}

// stateText is the state, the time since, and the usual time; never a
// percentage, which nobody knows. Where there is no room for all, the usual
// time goes first, and the time since stays.
func stateText(now news, at time.Time, columns int) string {
	since, usual := "", usually(now.low, now.high)
	if !now.since.IsZero() {
		since = " · " + Ago(at.Sub(now.since))
	}
	if usual != "" {
		usual = " · " + usual
	}
	if Columns(now.text+since+usual) > columns {
		usual = ""
	}
	return Cut(now.text, columns-Columns(since)) + since + usual
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

// bytes is name, bar, sizes and rate, as far as there is room.
func (p *picture) bytes(now news, at time.Time, columns int) string {
	p.follow(now, at)
	figures := Size(now.done) + "/" + Size(now.total)
	if columns >= 66 {
		figures += p.rate(now, at)
	}
	if columns < 36 {
		figures = ""
	}
	// It depends on the window alone, so that it stands still while the
	// figures beside it change.
	size := min(24, max(4, columns/4-7))
	if p.bar == nil || p.size != size {
		p.size = size
		p.bar = progressbar.NewOptions64(now.total, quietly(
			progressbar.OptionSetWidth(size), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
		)...)
	}
	p.bar.Describe("")
	_ = p.bar.Set64(min(now.done, now.total))
	room := columns - size - barEdges - Columns(figures)
	return name(now, room) + " " + rendered(p.bar) + " " + figures
}

// follow begins anew when another transfer comes or this one starts again.
func (p *picture) follow(now news, at time.Time) {
	if p.name != now.name || p.total != now.total || now.done < p.last || p.began.IsZero() {
		p.name, p.total, p.first, p.began, p.bar = now.name, now.total, now.done, at, nil
	}
	p.last = now.done
}

// rate is how fast it goes and what is left, on the average since it began.
func (p *picture) rate(now news, at time.Time) string {
	seconds := at.Sub(p.began).Seconds()
	perSecond := float64(now.done-p.first) / seconds
	if seconds < 0.5 || perSecond < 1 {
		return ""
	}
	text := " · " + Size(int64(perSecond)) + "/s"
	if left := float64(now.total-now.done) / perSecond; left >= 1 {
		text += " · " + Ago(time.Duration(left*float64(time.Second))) + " left"
	}
	return text
}

// name is the last element of the path, cut to the room there is.
func name(now news, room int) string {
	return Cut(fault.SafeText(filepath.Base(now.name)), min(40, room))
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
