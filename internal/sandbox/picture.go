package sandbox

import (
	"errors"
	"image"
	_ "image/jpeg" // so that DecodeConfig knows the documented formats
	_ "image/png"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// form says how a field takes a picture.
type form int

const (
	byURL       form = iota // a link only
	byURLOrRaw              // a link, or base64 without any prefix
	byURLOrData             // a link, or a data: URI
)

// picture is an accepted picture field.
type picture struct {
	url   string // as sent; empty when the picture came inside the body
	image string // digest in the image store; empty when it cannot be known
	gone  bool   // a link into our own uploads that leads nowhere
	size  int64  // bytes of an uploaded file; 0 when it cannot be known
	mime  string // type of an uploaded file
}

// seed colours the test card of a picture nobody can see.
func (p picture) seed() string { return p.url + p.image }

// readPicture takes the value of a picture field, a string or a *spill, and
// says what is wrong with it; empty when it is good.
func (s *Server) readPicture(v any, f form) (picture, string) {
	text, short := v.(string)
	if short && isLink(text) {
		p := s.linked(text)
		return p, p.refusal()
	}
	long, spilled := v.(*spill)
	if !short && !spilled {
		return picture{}, "must be a string"
	}
	if f == byURL {
		return picture{}, "must be the URL of a hosted file"
	}
	if short {
		sp, err := s.newSpill()
		if err != nil {
			return picture{}, err.Error()
		}
		sp.write([]byte(text))
		sp.finish()
		long = sp
	}
	switch {
	case long.dataURI && f == byURLOrRaw:
		return picture{}, "must not carry a data: prefix"
	case !long.dataURI && f == byURLOrData:
		return picture{}, "must be a URL or a data: URI"
	case long.err != nil:
		return picture{}, long.err.Error()
	}
	return picture{image: long.image}, ""
}

// refusal is what every provider asks of a hosted file: one of the documented
// types and at most 10 MB.
func (p picture) refusal() string {
	switch {
	case p.size > maxImage:
		return "must be at most 10 MB"
	case p.mime != "" && p.mime != "image/jpeg" && p.mime != "image/png" && p.mime != "image/webp":
		return "must be a jpeg, png or webp file"
	}
	return ""
}

func isLink(text string) bool {
	if strings.ContainsAny(text, " \t\r\n") {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// linked resolves links into our own uploads; of any other only the text is
// known, because the sandbox never touches the network.
func (s *Server) linked(link string) picture {
	p := picture{url: link}
	u, err := url.Parse(link)
	if err != nil {
		return p
	}
	_, rest, ours := strings.Cut(u.Path, "/uploads/")
	if !ours || !s.ownHost(u) {
		return p
	}
	up, err := s.loadUpload(rest)
	if err != nil {
		p.gone = true
		return p
	}
	p.image, p.size, p.mime = up.Image, up.Size, up.Type
	return p
}

// ownHost tells the hosts whose upload links are ours. Over HTTP any loopback
// name may be the one that is served.
func (s *Server) ownHost(u *url.URL) bool {
	name := u.Hostname()
	return name == selfHost || name == "localhost" || strings.HasPrefix(name, "127.") || name == "::1" ||
		(s.publicURL != "" && strings.HasPrefix(u.String(), s.publicURL))
}

// klingPicture checks what Kling asks of the file behind a picture: jpg or
// png, both sides at least 300 px, ratio between 1:2.5 and 2.5:1 (F.2).
func (s *Server) klingPicture(p picture) string {
	if p.image == "" {
		return ""
	}
	f, err := os.Open(s.imagePath(p.image))
	if err != nil {
		return "cannot be read"
	}
	defer f.Close()
	facts, format, err := image.DecodeConfig(f)
	if err != nil || (format != "jpeg" && format != "png") {
		return "must be a jpg, jpeg or png file"
	}
	w, h := facts.Width, facts.Height
	switch {
	case w < 300 || h < 300:
		return "must be at least 300 px wide and high"
	case 2*w > 5*h || 2*h > 5*w:
		return "must have a ratio between 1:2.5 and 2.5:1"
	}
	return ""
}

// pictureBytes reads a kept picture; nil when there is none.
func (s *Server) pictureBytes(sum string) []byte {
	if sum == "" {
		return nil
	}
	data, err := os.ReadFile(s.imagePath(sum))
	if err != nil {
		return nil
	}
	return data
}

var errNoUpload = errors.New("no such upload")

// uploadName maps the path of an upload to a name inside the folder.
func (s *Server) uploadName(path string) string {
	return filepath.Join(s.dir, uploadsDir, digest([]byte(path))[:32]+".json")
}
