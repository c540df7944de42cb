package faulttest

import (
	"fmt"
	"net/http"
	"time"
)

// storeCases are the faults 73 to 80 and 93: a store that does not bring the
// film.
func storeCases() []Case {
	done := (*question).done
	missing := func(d *delivery) {
		d.refuse(http.StatusNotFound, storeError("NoSuchKey", "The specified key does not exist."))
	}
	expired := func(d *delivery) { d.refuse(http.StatusForbidden, storeError("AccessDenied", "Request has expired")) }
	web := func(kind string) func(*delivery) {
		return func(d *delivery) {
			d.refuse(http.StatusOK, "<!doctype html><p>Sign in to see this file</p>", "Content-Type", kind)
		}
	}
	empty := func(d *delivery) {
		d.named()
		d.promise(0)
	}
	slowDown := storeError("SlowDown", "Please reduce your request rate.")
	busy := func(status int) func(*delivery) {
		return func(d *delivery) {
			d.refuse(status, slowDown, "Retry-After", "1")
		}
	}
	askedAgain := func(looks int) func(Seen) error {
		return func(s Seen) error { return between("looks", len(s.Looks), looks, looks) }
	}
	return []Case{
		{
			Number: 73, Name: "73-missing-once", What: "the first link leads nowhere, a fresh one works", look: done,
			send: firstFiles(1, missing, (*delivery).whole), Check: askedAgain(2),
		},
		{
			Number: 73, Name: "73-expired-once", What: "the first link has expired, a fresh one works", look: done,
			send: firstFiles(1, expired, (*delivery).whole), Check: askedAgain(2),
		},
		{
			Number: 73, Name: "73-expired", What: "every link has expired", look: done, Exit: 10,
			send: expired, Says: []string{"the link has expired", "next: klingctl download "}, Check: askedAgain(2), Heals: true,
		},
		{
			Number: 74, Name: "74-page", What: "a web page with status 200", look: done, Exit: 10, send: web("text/html"),
			Says: []string{"not a video"}, Heals: true,
		},
		{
			Number: 74, Name: "74-page-as-video", What: "a web page that calls itself a video", look: done, Exit: 10, send: web("video/mp4"),
			Says: []string{"not a video"}, Heals: true,
		},
		{
			Number: 74, Name: "74-json", What: "JSON with status 200 that calls itself a video", look: done, Exit: 10, Says: []string{"not a video"},
			send: func(d *delivery) { d.refuse(http.StatusOK, `{"error":"gone"}`, "Content-Type", "video/mp4") },
		},
		{
			Number: 75, Name: "75-empty", What: "no bytes", look: done, Exit: 10, send: empty, Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
		},
		{
			Number: 75, Name: "75-no-content", What: "204", look: done, Exit: 10, Heals: true,
			send: func(d *delivery) { d.refuse(http.StatusNoContent, "") },
		},
		{
			Number: 76, Name: "76-short", What: "half of what was promised, each time, and no ranges", look: done, Exit: 10,
			send: (*delivery).half, Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
		},
		{
			Number: 76, Name: "76-short-no-limit", What: "the same, and the client has all the time it wants", Slow: true, look: done, Exit: 10,
			send: (*delivery).half, Within: 60 * time.Second, Heals: true,
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 2, 12) },
		},
		{
			Number: 76, Name: "76-chunked-cut", What: "an answer without a length is cut inside a chunk", look: done,
			send: firstFiles(1, (*delivery).chunked, (*delivery).whole), Check: resumed,
		},
		{
			Number: 76, Name: "76-no-length-cut", What: "an answer without a length ends with its connection, too early", look: done,
			send: firstFiles(1, func(d *delivery) {
				d.raw("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\nETag: "+d.server.film.etag+"\r\n\r\n", len(d.film())/2)
			}, (*delivery).whole),
			Check: resumed,
		},
		{
			Number: 76, Name: "76-garbage", What: "what comes is no HTTP", look: done, Exit: 10, Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
			send: func(d *delivery) { d.raw("\x00\x1b[2Jnot at all\r\n\r\n", 0) },
		},
		{Number: 79, Name: "79-endless", What: "a body without an end", Elsewhere: "TestFetchRefusesWhatIsNoVideo (fetch)"},
		{
			Number: 80, Name: "80-ten-terabytes", What: "a promise of 10 TB", look: done, Exit: 10, Says: []string{"10000000000000"},
			send: func(d *delivery) {
				d.named()
				d.promise(10_000_000_000_000)
				_, _ = d.Write(d.film())
			},
		},
		{
			Number: 93, Name: "93-busy-503", What: "503 with Retry-After 1, then the film", look: done, Within: 10 * time.Second,
			send: firstFiles(2, busy(http.StatusServiceUnavailable), (*delivery).whole), Check: patient,
		},
		{
			Number: 93, Name: "93-busy-429", What: "429 with Retry-After 1, then the film", look: done, Within: 10 * time.Second,
			send: firstFiles(2, busy(http.StatusTooManyRequests), (*delivery).whole), Check: patient,
		},
		{
			Number: 93, Name: "93-tomorrow", What: "503 with a Retry-After of a day", look: done, Exit: 10, Heals: true, Within: 3 * time.Second,
			send:  func(d *delivery) { d.refuse(http.StatusServiceUnavailable, slowDown, "Retry-After", "86400") },
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 1, 1) },
		},
	}
}

// patient holds that no request came before the second that was asked for.
func patient(s Seen) error {
	if gap, ok := Least(s.Files); !ok || gap < 990*time.Millisecond {
		return fmt.Errorf("the file was asked for again after %v, want 1s at least", gap)
	}
	return nil
}
