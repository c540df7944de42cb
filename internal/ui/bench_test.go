package ui_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

// counter counts what is written.
type counter struct{ writes, bytes int }

func (c *counter) Write(p []byte) (int, error) {
	c.writes++
	c.bytes += len(p)
	return len(p), nil
}

// drawings measures what the time between two drawings costs: what is told in
// it, and the drawing. cpu% is that cost as a share of one processor.
func drawings(b *testing.B, tell func(m ui.Meter, i int)) {
	b.Helper()
	var out counter
	at := time.Now()
	m, draw := ui.StillBar(ui.Terminal{Err: &out, Draw: true}, func() time.Time { return at })
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at = at.Add(ui.Frame)
		tell(m, i)
		draw()
	}
	b.ReportMetric(100*b.Elapsed().Seconds()/float64(b.N)/ui.Frame.Seconds(), "cpu%")
	b.ReportMetric(float64(out.bytes)/float64(b.N), "bytes/frame")
	b.ReportMetric(float64(out.writes)/float64(b.N), "writes/frame")
}

// BenchmarkTally is a thousand jobs of which each has news ten times a second.
func BenchmarkTally(b *testing.B) {
	tally := busy()
	drawings(b, func(m ui.Meter, i int) {
		for job := range 1000 {
			tally.Running, tally.Latest = job%30, "saved out/beach-at-dawn.mp4 (1.2 MiB)"
			m.Tally(tally)
		}
		tally.Done = i % tally.Total
	})
}

// BenchmarkStillTally is the same thousand jobs while nothing happens.
func BenchmarkStillTally(b *testing.B) {
	tally := busy()
	drawings(b, func(m ui.Meter, i int) {
		if i == 0 {
			m.Tally(tally)
		}
	})
}

// BenchmarkTallyFromAll is the call itself, made from everywhere at once while
// the bar is drawn.
func BenchmarkTallyFromAll(b *testing.B) {
	m := ui.NewMeter(ui.Terminal{Err: &counter{}, Draw: true}, time.Now)
	defer m.Close()
	tally := busy()
	b.SetParallelism(1000)
	b.ReportAllocs()
	b.RunParallel(func(next *testing.PB) {
		for next.Next() {
			m.Tally(tally)
		}
	})
}

// BenchmarkState is one job that is waited for.
func BenchmarkState(b *testing.B) {
	since := time.Now()
	drawings(b, func(m ui.Meter, i int) {
		if i == 0 {
			m.State("3f2a9c1d7e5b running at kling", since, time.Minute, 4*time.Minute)
		}
	})
}

// BenchmarkBytes is one file on its way.
func BenchmarkBytes(b *testing.B) {
	drawings(b, func(m ui.Meter, i int) { m.Bytes("clip.mp4", int64(i%10000)<<20, 10000<<20) })
}

// BenchmarkLines is a thousand jobs in a log.
func BenchmarkLines(b *testing.B) {
	var out counter
	m := ui.NewMeter(ui.Terminal{Err: &out}, time.Now)
	tally := busy()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tally.Running, tally.Latest = i%30, fmt.Sprintf("job %d running", i)
		m.Tally(tally)
	}
	b.ReportMetric(float64(out.bytes)/float64(b.N), "bytes/op")
}
