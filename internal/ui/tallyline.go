package ui

import (
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// barFrom is the columns from which on a tally may have a bar.
	barFrom = 60
	// latestFrom is the columns below which the latest event says too little.
	latestFrom = 16
)

// tally is a spinner, a bar, and then as much as there is room for, most
// telling first: the counts, the time since, what is left, the latest event.
func (p *picture) tally(t Tally, given, at time.Time, columns int) string {
	counts, room := t.counts(), columns-spinnerColumns
	head := p.tallyBar(t, columns)
	if Columns(head+joined(counts)) > room {
		head = ""
	}
	room -= Columns(head)
	text := fitting(append(counts, t.times(given, at)...), room)
	if latest := fault.SafeText(t.Latest); latest != "" {
		latest = separator + latest
		if room -= Columns(text); room >= min(latestFrom, Columns(latest)) {
			text += Cut(latest, room)
		}
	}
	return p.spin(head + text)
}

// tallyBar is the bar of those that have ended. How wide it is depends on the
// window alone, so that it stands still.
func (p *picture) tallyBar(t Tally, columns int) string {
	if columns < barFrom || t.Total <= 0 {
		return ""
	}
	return strings.TrimPrefix(p.gauge(int64(t.ended()), int64(t.Total), columns/10), " ") + " "
}

func joined(parts []string) string { return strings.Join(parts, separator) }

// fitting are the first of some parts, as many as there is room for; at least
// one, which may need to be cut.
func fitting(parts []string, room int) string {
	n := len(parts)
	for n > 1 && Columns(joined(parts[:n])) > room {
		n--
	}
	return joined(parts[:n])
}
