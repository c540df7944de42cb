package ui

import (
	"path/filepath"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// transfer is a file on its way.
type transfer struct {
	name string
	// done and total are bytes; total is 0 when unknown.
	done, total int64
}

// longest is the time left, in seconds, above which it no longer matters.
const longest = 1e9

// follow begins anew when another transfer comes or this one starts again.
func (p *picture) follow(now transfer, at time.Time) {
	if p.last.name != now.name || p.last.total != now.total || now.done < p.last.done {
		p.rate = rate{}
	}
	if p.last != now || p.moved.IsZero() {
		p.moved = at
	}
	p.last = now
	p.rate.mark(at, now.done)
}

// transfer is name, bar, sizes and rate, as far as there is room. A bar needs
// a total, which nobody invents.
func (p *picture) transfer(now transfer, at time.Time, columns int) string {
	p.follow(now, at)
	speed := p.speed(now, at)
	if now.total <= 0 {
		figures := separator + Size(now.done)
		if columns >= 36 {
			figures += speed
		}
		return p.spin(base(now.name, columns-spinnerColumns-Columns(figures)) + figures)
	}
	figures := Size(now.done) + "/" + Size(now.total)
	if columns >= 66 {
		figures += speed
	}
	if columns < 36 {
		figures = ""
	}
	// It depends on the window alone, so that it stands still while the
	// figures beside it change.
	size := min(24, max(4, columns/4-7))
	room := columns - size - barEdges - Columns(figures)
	return base(now.name, room) + " " + p.gauge(now.done, now.total, size) + " " + figures
}

// speed is how fast it goes and what is left at that rate, or since when
// nothing comes.
func (p *picture) speed(now transfer, at time.Time) string {
	if now.total > 0 && now.done >= now.total {
		return ""
	}
	if idle := at.Sub(p.moved); idle >= rateWindow {
		return separator + "stalled for " + Ago(idle)
	}
	perSecond, known := p.rate.perSecond()
	if !known || perSecond < 1 {
		return ""
	}
	text := separator + Size(int64(perSecond)) + "/s"
	if seconds := float64(now.total-now.done) / perSecond; seconds >= 1 {
		text += separator + Ago(time.Duration(min(seconds, longest)*float64(time.Second))) + " left"
	}
	return text
}

// base is the last element of a path, cut to the room there is.
func base(path string, room int) string {
	return Cut(fault.SafeText(filepath.Base(path)), min(40, room))
}
