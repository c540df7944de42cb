package faulttest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// bodyCases are the faults 88 to 94: redirects, other origins, and answers that
// want to be more than a file.
func bodyCases() []Case {
	done := (*question).done
	fixed := func(link string) func(*delivery) { return redirect(func(*delivery) string { return link }) }
	hop := func(number int, name, what string, send func(*delivery), says ...string) Case {
		return Case{Number: number, Name: name, What: what, look: done, Exit: 10, send: send, Says: says, Check: fewHops}
	}
	away := func(d *delivery) {
		if d.r.Host == host(d.server.other.URL) {
			d.whole()
			return
		}
		redirect(func(d *delivery) string { return d.foreign("clip.mp4?X-Amz-Signature=" + linkSecret) })(d)
	}
	return []Case{
		hop(88, "88-loop", "the store redirects to itself", redirect(func(d *delivery) string { return d.own("clip.mp4") }), "redirects more than ten times"),
		hop(88, "88-to-file", "the store redirects to a local file", fixed("file:///etc/passwd"), "a redirect was refused"),
		{
			Number: 88, Name: "88-to-link-local", What: "the store redirects to the metadata address", look: done, Exit: 10,
			Settings: map[string]string{"allow_http": "true"}, send: fixed("http://169.254.169.254/latest/"),
			Says: []string{"is link-local"}, Check: fewHops,
		},
		{
			Number: 88, Name: "88-to-loopback", What: "the API is public and its store redirects to this machine", Way: Proxied, look: done, Exit: 10,
			Settings: map[string]string{"allow_http": "true"}, send: redirect(func(d *delivery) string { return d.foreign("clip.mp4") }),
			Says: []string{"is loopback"}, Check: fewHops,
		},
		hop(88, "88-nowhere", "the store redirects without saying where", func(d *delivery) { d.refuse(http.StatusFound, "") }),
		{
			Number: 89, Name: "89-redirected-away", What: "the store redirects to a presigned link of another origin", look: done,
			send: away, Hidden: []string{linkSecret}, Check: elsewhere,
		},
		{
			Number: 89, Name: "89-link-elsewhere", What: "the link is at another origin", look: done,
			links:  func(s *Stage) []string { return []string{s.foreign("clip.mp4?X-Amz-Signature=" + linkSecret)} },
			Hidden: []string{linkSecret}, Check: elsewhere,
		},
		{
			Number: 90, Name: "90-two-ways", What: "the store refuses a request that authenticates in two ways", look: done,
			links:  func(s *Stage) []string { return []string{s.own("clip.mp4?X-Amz-Signature=" + linkSecret)} },
			Hidden: []string{linkSecret},
			send: func(d *delivery) {
				if d.r.Header.Get("Authorization") != "" {
					d.refuse(http.StatusBadRequest, storeError("InvalidRequest", "Multiple authentication types"))
					return
				}
				d.whole()
			},
		},
		{
			Number: 91, Name: "91-gzip-if-asked", What: "the store compresses for those who let it", look: done,
			send: func(d *delivery) {
				if strings.Contains(d.r.Header.Get("Accept-Encoding"), "gzip") {
					d.packed(d.film(), 1)
					return
				}
				d.whole()
			},
		},
		{
			Number: 91, Name: "91-gzip", What: "the store compresses whoever asks", look: done, Exit: 10, Says: []string{"compressed"},
			send: func(d *delivery) { d.packed(d.film(), 1) }, Heals: true,
		},
		{
			Number: 91, Name: "91-bomb", What: "a megabyte that unpacks to a gigabyte", look: done, Exit: 10, Says: []string{"compressed"},
			send: func(d *delivery) { d.packed(make([]byte, 1<<20), 1<<10) },
		},
		{
			Number: 92, Name: "92-disposition", What: "the store names a file of its own choice", look: done, Output: "out/",
			send: func(d *delivery) {
				d.Header().Set("Content-Disposition", "attachment; filename=\"../.bashrc\"; filename*=UTF-8''..%2f%1b%5b2Jpwn.mp4")
				d.whole()
			},
		},
		{
			// net/http takes no answer with such a header, so no film can come.
			Number: 92, Name: "92-disposition-escape", What: "the name has an escape code in it", look: done, Exit: 10,
			Output: "out/", Timeout: 2 * time.Second, Within: 3 * time.Second, Heals: true,
			send: func(d *delivery) {
				d.Header().Set("Content-Disposition", "attachment; filename=\"\x1b[2J.mp4\"")
				d.whole()
			},
		},
		{
			Number: 94, Name: "94-exists", What: "the output exists", look: done, Exit: 2, Existing: true, Unpaid: true,
		},
		{
			Number: 94, Name: "94-force-broken", What: "the output exists and is to be replaced, the film is a web page", look: done, Exit: 10,
			Existing: true, Args: []string{"--force"}, send: func(d *delivery) { page(d, "Sign in") },
		},
		{
			Number: 94, Name: "94-force", What: "the output exists and is to be replaced, the film is cut once", look: done,
			Existing: true, Args: []string{"--force"}, send: firstFiles(1, (*delivery).half, (*delivery).whole),
		},
	}
}

// redirect leads elsewhere.
func redirect(location func(*delivery) string) func(*delivery) {
	return func(d *delivery) { d.refuse(http.StatusFound, "", "Location", location(d)) }
}

// packed sends a content compressed, so many times over: members of gzip may
// follow one another.
func (d *delivery) packed(content []byte, times int) {
	var member bytes.Buffer
	pack := gzip.NewWriter(&member)
	_, _ = pack.Write(content) // into memory
	_ = pack.Close()
	d.named()
	d.Header().Set("Content-Encoding", "gzip")
	d.Header().Set("Content-Length", strconv.Itoa(member.Len()*times))
	d.WriteHeader(http.StatusOK)
	for range times {
		if _, err := d.Write(member.Bytes()); err != nil {
			return
		}
	}
}

// fewHops holds that redirects end.
func fewHops(s Seen) error {
	return between("requests for the file", len(s.Files)+len(s.Others), 1, 11)
}

// elsewhere holds that the other origin was asked, and saw no key.
func elsewhere(s Seen) error {
	if len(s.Others) == 0 {
		return errors.New("the other origin was not asked")
	}
	for _, r := range s.Others {
		for _, name := range []string{"Authorization", "X-Api-Key", "Api-Key", "Cookie", "Referer"} {
			if value := r.Header.Get(name); value != "" {
				return fmt.Errorf("the other origin saw %s: %s", name, value)
			}
		}
	}
	return nil
}
