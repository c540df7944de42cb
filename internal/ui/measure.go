package ui

import (
	"fmt"
	"time"
)

// Ago is a duration for people: 42s, 3m10s, 2h5m, 17d. What lies ahead, as a
// clock that was set back may have it, is 0s.
func Ago(d time.Duration) string {
	d = max(0, d).Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", seconds)
	case d < time.Hour && seconds != 0:
		return fmt.Sprintf("%dm%ds", minutes, seconds)
	case d < time.Hour:
		return fmt.Sprintf("%dm", minutes)
	case hours >= 48:
		return fmt.Sprintf("%dd", hours/24)
	case minutes != 0:
		return fmt.Sprintf("%dh%dm", hours, minutes)
	}
	return fmt.Sprintf("%dh", hours)
}

// Size is a number of bytes for people.
func Size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d B", bytes)
}

// usually tells the usual time, and nothing when nobody knows it.
func usually(low, high time.Duration) string {
	if high <= 0 {
		return ""
	}
	if Ago(low) == Ago(high) {
		return "usually " + Ago(high)
	}
	return "usually " + Ago(low) + " to " + Ago(high)
}

// left tells what remains, after a time, of something that usually takes low
// to high: never a promise and never a percentage. It is "" for a zero high,
// when nobody knows.
func left(low, high, after time.Duration) string {
	if high == 0 {
		return ""
	}
	after = max(0, after)
	least, most := roundly(low-after), roundly(high-after)
	switch {
	case after >= high:
		return "longer than usual"
	case least <= 0:
		return "likely within " + Ago(max(most, finest))
	case least >= most:
		return "about " + Ago(most) + " left"
	}
	return Ago(least) + " to " + Ago(most) + " left"
}

// finest is the smallest step of an estimate.
const finest = 5 * time.Second

// roundly rounds an estimate to steps no finer than it deserves.
func roundly(d time.Duration) time.Duration {
	switch {
	case d <= time.Minute:
		return d.Round(finest)
	case d <= 10*time.Minute:
		return d.Round(30 * time.Second)
	case d <= time.Hour:
		return d.Round(time.Minute)
	}
	return d.Round(5 * time.Minute)
}
