package faulttest

import (
	"fmt"
	"net/http"
	"strings"
)

// linkSecret stands in links where a credential would.
const linkSecret = "link-secret-5be1"

// linkCases are the faults 61 to 71: what a result's link may be.
func linkCases() []Case {
	done := (*question).done
	refused := func(number int, name, what string, link func(*Stage) string, says ...string) Case {
		return Case{
			Number: number, Name: name, What: what, look: done, Exit: 10, Says: says,
			links: func(s *Stage) []string { return []string{link(s)} }, Check: nothingAsked,
		}
	}
	const onlyHTTP = "only http and https links are fetched"
	fixed := func(link string) func(*Stage) string { return func(*Stage) string { return link } }
	plain := func(c Case) Case {
		c.Settings = map[string]string{"allow_http": "true"}
		return c
	}
	public := func(c Case) Case {
		c.Way = Proxied
		return plain(c)
	}
	return []Case{
		{
			Number: 61, Name: "61-no-link", What: "the job succeeded and has no link", look: done, Exit: 13,
			links: func(*Stage) []string { return nil }, Says: []string{"finished without a video"}, Heals: true,
		},
		{
			Number: 61, Name: "61-empty-link", What: "the job succeeded and its link is empty", look: done, Exit: 13,
			links: func(*Stage) []string { return []string{""} }, Says: []string{"finished without a video"}, Heals: true,
		},
		refused(62, "62-file", "the link is a local file", fixed("file:///etc/passwd"), onlyHTTP),
		refused(62, "62-javascript", "the link is a script", fixed("javascript:alert(1)"), onlyHTTP),
		refused(62, "62-data", "the link is its own content", fixed("data:video/mp4;base64,AAAA"), onlyHTTP),
		refused(62, "62-text", "the link is a sentence", fixed("your video is ready, sign in to see it")),
		{
			Number: 62, Name: "62-text-at-first", What: "the link is a sentence until somebody asks again", look: done, Exit: 10, Heals: true,
			links: func(*Stage) []string { return []string{"your video is ready, sign in to see it"} }, Check: nothingAsked,
		},
		plain(refused(63, "63-link-local", "the link is the clouds' metadata address", fixed("http://169.254.169.254/latest/meta-data/"), "is link-local")),
		plain(refused(63, "63-link-local-v6", "the same in IPv6", fixed("http://[fe80::1]/clip.mp4"), "is link-local")),
		plain(refused(63, "63-link-local-mapped", "the same as IPv4 in IPv6", fixed("http://[::ffff:a9fe:a9fe]/clip.mp4"), "is link-local")),
		{
			Number: 63, Name: "63-by-name", What: "a name resolves to a link-local address",
			Elsewhere: "TestFetchGuardsItsOwnConnections (fetch)",
		},
		public(refused(64, "64-private", "the API is public, the link's address private",
			func(s *Stage) string { return s.at("10.0.0.7", "clip.mp4") }, "is private")),
		public(refused(64, "64-loopback", "the API is public, the link is this machine",
			func(s *Stage) string { return s.foreign("clip.mp4") }, "is loopback")),
		public(refused(64, "64-loopback-by-name", "the API is public, the link is this machine by name",
			func(s *Stage) string { return strings.Replace(s.foreign("clip.mp4"), "127.0.0.1", "localhost", 1) }, "is loopback")),
		{
			Number: 64, Name: "64-public", What: "the API is public and so is the link", Way: Proxied,
			Settings: map[string]string{"allow_http": "true"}, look: done,
		},
		{
			Number: 66, Name: "66-plain-link", What: "the API is https, the link plain http to another host", Way: Secure, look: done, Exit: 10,
			links: func(s *Stage) []string { return []string{s.at("files.provider.example", "clip.mp4")} },
			Says:  []string{"plain http"}, Check: nothingAsked,
		},
		{
			Number: 66, Name: "66-plain-redirect", What: "the store is https and redirects to plain http", Way: Secure, look: done, Exit: 10,
			send: redirect(func(d *delivery) string { return d.foreign("clip.mp4") }),
			Says: []string{"from https to http"}, Check: fewHops,
		},
		{
			Number: 67, Name: "67-password-redirect", What: "the store redirects to a link with a password in it", look: done, Exit: 10,
			send: redirect(func(d *delivery) string { return withPassword(d.foreign("clip.mp4")) }),
			Says: []string{"user name or password"}, Secret: []string{linkSecret}, Check: fewHops,
		},
		{
			Number: 67, Name: "67-password", What: "the link has a user and a password in it", look: done, Exit: 10,
			links: func(s *Stage) []string { return []string{withPassword(s.foreign("clip.mp4"))} },
			Says:  []string{"user name or password"}, Secret: []string{linkSecret}, Check: nothingAsked,
		},
		refused(68, "68-line-break", "the link has a line break and a header in it",
			func(s *Stage) string { return s.own("clip.mp4") + " HTTP/1.1\r\nX-Injected: yes\r\n\r\n" }, "control characters"),
		refused(69, "69-relative", "the link is a path", fixed("/files/clip.mp4"), onlyHTTP),
		refused(69, "69-no-scheme", "the link has no scheme",
			func(s *Stage) string { return strings.TrimPrefix(s.own("clip.mp4"), "http:") }, onlyHTTP),
		{
			Number: 70, Name: "70-two-links", What: "the job has two results", look: done, Output: "out/", Films: 2,
			links: func(s *Stage) []string { return []string{s.own("clip.mp4"), s.own("clip.mp4?n=2")} },
		},
		{
			Number: 70, Name: "70-two-links-one-name", What: "the job has two results, and one name was given", look: done, Films: 2,
			links: func(s *Stage) []string { return []string{s.own("clip.mp4"), s.own("clip.mp4?n=2")} },
		},
		{
			Number: 70, Name: "70-second-missing", What: "the job has two results, and one link leads nowhere", look: done, Output: "out/", Films: 1, Exit: 10,
			links: func(s *Stage) []string { return []string{s.own("clip.mp4"), s.own("missing.mp4")} },
			send: func(d *delivery) {
				if strings.HasSuffix(d.r.URL.Path, "/missing.mp4") {
					d.refuse(http.StatusNotFound, storeError("NoSuchKey", "The specified key does not exist."))
					return
				}
				d.whole()
			},
		},
		{
			Number: 71, Name: "71-path", What: "the link's last element climbs out of the folder", look: done, Output: "out/",
			links: func(s *Stage) []string { return []string{s.own("..%2f..%2f..%2ftmp%2fpwn.mp4")} },
		},
		{
			Number: 71, Name: "71-path-backslash", What: "the same in the manner of Windows", look: done, Output: "out/",
			links: func(s *Stage) []string { return []string{s.own("..%5c..%5cpwn.mp4")} },
		},
	}
}

func withPassword(link string) string {
	return strings.Replace(link, "http://", "http://user:"+linkSecret+"@", 1)
}

// nothingAsked holds that no link was followed.
func nothingAsked(s Seen) error {
	if n := len(s.Files) + len(s.Others); n > 0 {
		return fmt.Errorf("%d requests for the file, want none", n)
	}
	return nil
}
