package provider_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
)

// sending counts what a turn got rid of.
type sending struct {
	net.Conn
	sent *atomic.Int64
}

func (s sending) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	s.sent.Add(int64(n))
	return n, err
}

// bomb is a gzip of so many zero bytes.
func bomb(size int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	zeros := make([]byte, 1<<20)
	for range size >> 20 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	return out.Bytes()
}

// endless sends a piece for ever.
func endless(head, piece string) turn {
	return func(_ int, conn net.Conn) {
		if _, err := io.WriteString(conn, head); err != nil {
			return
		}
		for {
			if _, err := io.WriteString(conn, piece); err != nil {
				return
			}
		}
	}
}

func hostile() map[string]turn {
	packed := bomb(64 << 20)
	return map[string]turn{
		"a body without end":       endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1<<16)),
		"JSON without end":         endless("HTTP/1.1 200 OK\r\n\r\n{\"a\":[", strings.Repeat("1,", 1<<15)),
		"a length of 4 GiB":        endless("HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n", strings.Repeat(" ", 1<<16)),
		"a gzip bomb":              says(200, "Content-Encoding: gzip\r\n", string(packed)),
		"200,000 levels":           says(200, "", strings.Repeat("[", 200_000)+strings.Repeat("]", 200_000)),
		"a header of 64 MiB":       endless("HTTP/1.1 200 OK\r\nX-Much: ", strings.Repeat("x", 1<<16)),
		"header lines without end": endless("HTTP/1.1 200 OK\r\n", strings.Repeat("X-A: b\r\n", 1<<12)),
		"interim answers":          endless("", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 100)),
		"no HTTP":                  endless("", strings.Repeat("SSH-2.0-x\r\n", 100)),
		"a broken chunk":           says(200, "Transfer-Encoding: chunked\r\n", "zz\r\n"),
		"a broken gzip":            says(200, "Content-Encoding: gzip\r\n", "not gzip"),
	}
}

func TestHostileAnswersEndSoonAndStayAmbiguous(t *testing.T) {
	t.Parallel()
	for name, turn := range hostile() {
		for _, d := range dialects() {
			t.Run(name+"/"+d.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var sent atomic.Int64
					h := &host{turn: func(n int, conn net.Conn) { turn(n, sending{conn, &sent}) }}
					_, err := client(t, d.name, h).Create(t.Context(), request())
					wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
					if h.requests(http.MethodPost) != 1 {
						t.Errorf("%d POSTs, want 1", h.requests(http.MethodPost))
					}
					if got := sent.Load(); got > 2<<20 {
						t.Errorf("%d bytes were read, want about a MiB at most", got)
					}

					h = &host{turn: turn}
					_, err = client(t, d.name, h).Look(t.Context(), ref(), 1)
					if e := fault.Of(err); e == nil || e.Kind != fault.Answer && e.Kind != fault.Unavailable || e.Spent() != fault.NotCharged {
						t.Errorf("a look gives %v, want an unreadable answer or none", err)
					}
				})
			})
		}
	}
}

func TestASlowAnswerIsRead(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		synctest.Test(t, func(t *testing.T) {
			h := &host{turn: func(_ int, conn net.Conn) {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(d.made)+400)
				for _, b := range []byte(strings.Repeat(" ", 400) + d.made) {
					<-time.After(200 * time.Millisecond)
					_, _ = conn.Write([]byte{b})
				}
			}}
			began := time.Now()
			seen, err := client(t, d.name, h).Create(t.Context(), request())
			if err != nil || seen.Task != "t-1" {
				t.Errorf("%s: %+v, %v, want the task", d.name, seen, err)
			}
			if took := time.Since(began); took < 80*time.Second {
				t.Errorf("took %s, want longer than the idle limit", took)
			}
		})
	}
}

func TestSilenceEndsByTheIdleLimitAndTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		halfway := func(n int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")
			hang(n, conn)
		}
		for name, turn := range map[string]turn{"no header": hang, "no body": halfway} {
			h := &host{turn: turn}
			began := time.Now()
			c := client(t, "aimlapi", h, func(_ *provider.Settings, w *provider.Wiring) { w.Idle = 7 * time.Second })
			_, err := c.Create(t.Context(), request())
			wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
			if took := time.Since(began); took != 7*time.Second || !strings.Contains(err.Error(), "no progress for too long (7s)") {
				t.Errorf("%s: %v after %s, want the idle limit of 7s", name, err, took)
			}
		}
	})
}

// sayings are error texts as hostile servers put them.
func sayings() map[string]string {
	return map[string]string{
		"invalid UTF-8": "bad \xff\xfe picture",
		"escape codes":  `title \u001b]0;x\u0007 \u001b[31mred \u009b2J \r over \u202e rtl \u0000 end`,
		"5 MB":          strings.Repeat("long ", 1<<20)[:800_000],
		"newlines":      `one\ntwo`,
	}
}

func TestErrorTextsAreMadeSafe(t *testing.T) {
	t.Parallel()
	for name, saying := range sayings() {
		for _, d := range dialects() {
			for _, status := range []int{400, 500} {
				synctest.Test(t, func(t *testing.T) {
					body := fmt.Sprintf(`{"code":%d,"msg":"%s","message":"%s"}`, status, saying, saying[:min(len(saying), 1000)])
					h := &host{turn: says(status, "X-Request-Id: a\x1b[1mb\r\n", body)}
					_, err := client(t, d.name, h).Create(t.Context(), request())
					e := fault.Of(err)
					if e == nil {
						t.Fatalf("%s at %s: no fault", name, d.name)
					}
					wantClean(t, err)
					if n := utf8.RuneCountInString(e.Detail); n > fault.MaxText+1 || !utf8.ValidString(err.Error()) {
						t.Errorf("%s at %s: %d characters, valid %v, want %d at most", name, d.name, n, utf8.ValidString(err.Error()), fault.MaxText)
					}
				})
			}
		}
	}
}

// An error of 5 MB is beyond the cap of an answer; the status still tells.
func TestAnErrorBeyondTheCapStillRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: says(422, "", `{"message":"`+strings.Repeat("long ", 1<<20)+`"}`)}
		_, err := client(t, "aimlapi", h).Create(t.Context(), request())
		wantFault(t, err, fault.Refused, fault.NotCharged)
		if n := utf8.RuneCountInString(err.Error()); n > 1500 {
			t.Errorf("the text has %d characters", n)
		}
	})
}
