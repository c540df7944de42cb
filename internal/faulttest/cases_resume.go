package faulttest

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// resumeCases are the faults 81 to 87 and 95: what becomes of a cut.
func resumeCases() []Case {
	done := (*question).done
	return []Case{
		{
			Number: 81, Name: "81-stall", What: "the film stops in its middle, and there is little time", look: done, Exit: 10,
			send: firstFiles(1, (*delivery).stall, (*delivery).whole), Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
		},
		{
			Number: 81, Name: "81-stall-resumed", What: "the film stops in its middle, ranges work", Slow: true, look: done,
			send: firstFiles(1, (*delivery).stall, (*delivery).whole), AtLeast: 25 * time.Second, Within: 45 * time.Second, Check: resumed,
		},
		{
			Number: 81, Name: "81-byte-a-second", What: "one byte a second", Slow: true, look: done, Exit: 10,
			send: func(d *delivery) {
				d.named()
				d.promise(int64(len(d.film())))
				d.slowly(d.film(), 1, time.Second)
			},
			Timeout: 70 * time.Second, Within: 71 * time.Second,
			Check: func(s Seen) error { return atLeast("requests for the file", len(s.Files), 2) },
		},
		{
			Number: 82, Name: "82-cut", What: "the film is cut in its middle, ranges work", look: done,
			send: firstFiles(1, (*delivery).half, (*delivery).whole), Check: resumed,
		},
		{
			Number: 82, Name: "82-another-film", What: "the film is cut, and has been replaced when its rest is asked for", look: done,
			send: firstFiles(1, func(d *delivery) {
				d.Header().Set("ETag", `"another-film"`)
				d.promise(int64(len(d.film())))
				_, _ = d.Write(d.film()[:100])
				_, _ = d.Write(make([]byte, len(d.film())/2))
				d.stop()
			}, (*delivery).whole),
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 2, 2) },
		},
		{
			Number: 82, Name: "82-weak-tag", What: "the film is cut, and nothing proves that its rest is of the same film", look: done,
			send: func(d *delivery) {
				d.Header().Set("ETag", "W/"+d.server.film.etag)
				d.promise(int64(len(d.film())))
				if d.n > 1 {
					_, _ = d.Write(d.film())
					return
				}
				_, _ = d.Write(d.film()[:len(d.film())/2])
				d.stop()
			},
			Check: func(s Seen) error {
				if len(s.Files) != 2 || s.Files[1].Header.Get("Range") != "" {
					return errors.New("want a second request, for all of the film")
				}
				return nil
			},
		},
		{
			Number: 84, Name: "84-wrong-range", What: "the film is cut, and its rest is answered with its start", look: done, Within: 10 * time.Second,
			send: firstFiles(1, (*delivery).half, func(d *delivery) {
				if d.r.Header.Get("Range") == "" {
					d.whole()
					return
				}
				d.named()
				d.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(d.film())-1, len(d.film())))
				d.WriteHeader(http.StatusPartialContent)
				_, _ = d.Write(d.film())
			}),
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 3, 3) },
		},
		{
			Number: 84, Name: "84-no-ranges", What: "the film is cut in its middle, ranges are ignored", look: done,
			send:  firstFiles(1, (*delivery).half, (*delivery).plain),
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 2, 2) },
		},
		{
			Number: 86, Name: "86-no-such-range", What: "the film is cut, the rest is refused with 416", look: done, Within: 10 * time.Second,
			send: firstFiles(1, (*delivery).half, func(d *delivery) {
				if d.r.Header.Get("Range") != "" {
					d.refuse(http.StatusRequestedRangeNotSatisfiable, storeError("InvalidRange", "The requested range is not satisfiable"))
					return
				}
				d.whole()
			}),
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 3, 3) },
		},
		{
			Number: 87, Name: "87-drips", What: "the connection drops after 100 bytes, each time", look: done, Exit: 10,
			send: func(d *delivery) { d.drip(100) }, Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
		},
		{
			Number: 87, Name: "87-drips-no-limit", What: "the same, and the client has all the time it wants", Slow: true, look: done, Exit: 10,
			send: func(d *delivery) { d.drip(100) }, Within: 60 * time.Second, Heals: true,
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 2, 16) },
		},
		{
			Number: 95, Name: "95-slow-link", What: "100 KB/s in slices of 2 kB, 700 ms before the first", Slow: true, look: done, Within: 20 * time.Second,
			send: func(d *delivery) {
				d.named()
				if rest(d.r.Context(), 700*time.Millisecond) {
					d.promise(int64(len(d.film())))
					d.slowly(d.film(), 2000, 20*time.Millisecond)
				}
			},
			Check: func(s Seen) error { return between("requests for the file", len(s.Files), 1, 1) },
		},
	}
}

// resumed holds that the second request went on where the first was cut.
func resumed(s Seen) error {
	if len(s.Files) != 2 {
		return fmt.Errorf("%d requests for the file, want 2", len(s.Files))
	}
	asked := s.Files[1].Header
	if asked.Get("Range") == "" || asked.Get("If-Range") == "" {
		return errors.New("the second request names no range, or not of what")
	}
	if most := s.Film * 105 / 100; s.Sent() > most {
		return fmt.Errorf("%d bytes were sent, want %d at most", s.Sent(), most)
	}
	return nil
}
