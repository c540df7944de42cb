package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// finished makes a job that is done and returns its result link.
func (k *kit) finished(d dialect, prompt string) (id, link string) {
	k.t.Helper()
	id = k.make(d, prompt)
	k.clock.pass(11 * time.Second)
	return id, d.link(k.look(d, id))
}

func (k *kit) part(link, span string) (answer, error) {
	k.t.Helper()
	req := k.request(http.MethodGet, link, "", "")
	if span != "" {
		req.Header.Set("Range", span)
	}
	return k.try(req)
}

func TestResultFile(t *testing.T) {
	t.Parallel()
	everyWay(t, func(k *kit) {
		t := k.t
		_, link := k.finished(dialectOf(t, "kling"), "waves")
		whole, err := k.part(link, "")
		if err != nil || whole.status != http.StatusOK || whole.header.Get("ETag") == "" ||
			whole.header.Get("Content-Length") != strconv.Itoa(len(whole.text)) {
			t.Fatalf("whole file: got %d, %v, headers %v", whole.status, err, whole.header)
		}
		some, err := k.part(link, "bytes=100-199")
		if err != nil || some.status != http.StatusPartialContent || some.text != whole.text[100:200] {
			t.Errorf("range: got %d, %d bytes, %v", some.status, len(some.text), err)
		}
		if want := fmt.Sprintf("bytes 100-199/%d", len(whole.text)); some.header.Get("Content-Range") != want {
			t.Errorf("range: got %q, want %q", some.header.Get("Content-Range"), want)
		}
		head := k.do(http.MethodHead, link, "", "")
		if head.status != http.StatusOK || head.text != "" || head.header.Get("Content-Length") != strconv.Itoa(len(whole.text)) {
			t.Errorf("head: got %d, %v", head.status, head.header)
		}
		req := k.request(http.MethodGet, link, "", "")
		req.Header.Set("Range", "bytes=100-")
		req.Header.Set("If-Range", `"another"`)
		if a, err := k.try(req); err != nil || a.status != http.StatusOK || a.text != whole.text {
			t.Errorf("If-Range of another file: got %d, %v, want the whole file", a.status, err)
		}
		if a, err := k.part(link, "bytes=99999999-"); err != nil || a.status != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("range past the end: got %d, %v, want 416", a.status, err)
		}
	})
}

func TestUnfinishedJobsHaveNoFile(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, link := k.finished(dialectOf(t, "kling"), "waves")
	k.clock.pass(-10 * time.Second)
	if a, _ := k.part(link, ""); a.status != http.StatusNotFound {
		t.Errorf("before its time: got %d, want 404", a.status)
	}
}

func TestDownloadScenarios(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		play string
		try  func(k *kit, link string) error
	}{
		{"truncated", func(k *kit, link string) error {
			a, err := k.part(link, "")
			size := len(a.text)
			if err == nil || a.header.Get("Content-Length") == strconv.Itoa(size) || size == 0 {
				return fmt.Errorf("got %d bytes of %s, error %w", size, a.header.Get("Content-Length"), err)
			}
			rest, err := k.part(link, fmt.Sprintf("bytes=%d-", size))
			if err != nil || rest.status != http.StatusPartialContent || strconv.Itoa(size+len(rest.text)) != a.header.Get("Content-Length") {
				return fmt.Errorf("resume: got %d, %d bytes, %w", rest.status, len(rest.text), err)
			}
			return nil
		}},
		{"short", func(k *kit, link string) error {
			a, err := k.part(link, "")
			if err != nil || a.header.Get("Content-Length") != "" || a.text == "" || strings.Contains(a.text[len(a.text)-16:], "moov") {
				return fmt.Errorf("got %d bytes, length %q, error %w", len(a.text), a.header.Get("Content-Length"), err)
			}
			return nil
		}},
		{"html-file", func(k *kit, link string) error {
			if a, err := k.part(link, ""); err != nil || a.status != http.StatusOK || !strings.HasPrefix(a.text, "<!doctype") {
				return fmt.Errorf("got %d %q, %w", a.status, a.text, err)
			}
			return nil
		}},
		{"wrong-range", func(k *kit, link string) error {
			a, err := k.part(link, "bytes=100-")
			if err != nil || a.status != http.StatusPartialContent || !strings.HasPrefix(a.header.Get("Content-Range"), "bytes 0-") {
				return fmt.Errorf("got %d %q, %w", a.status, a.header.Get("Content-Range"), err)
			}
			return nil
		}},
		{"no-range", func(k *kit, link string) error {
			if _, err := k.part(link, ""); err == nil {
				return errors.New("the first download was whole")
			}
			a, err := k.part(link, "bytes=100-")
			if err != nil || a.status != http.StatusOK || !strings.Contains(a.text[:16], "ftyp") {
				return fmt.Errorf("got %d, %w", a.status, err)
			}
			return nil
		}},
		{"expired", func(k *kit, link string) error {
			if a, err := k.part(link, ""); err != nil || a.status != http.StatusForbidden || !strings.Contains(a.text, "<Error>") {
				return fmt.Errorf("got %d %q, %w", a.status, a.text, err)
			}
			return nil
		}},
	} {
		t.Run(c.play, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(k *kit) {
				t := k.t
				_, link := k.finished(dialectOf(t, "kling"), "[["+c.play+"]] waves")
				if err := c.try(k, link); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestRefreshedLinkWorks(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := dialectOf(t, "apixo")
	id, dead := k.finished(d, "[[expired:1]]")
	fresh := d.link(k.look(d, id))
	if a, _ := k.part(dead, ""); a.status != http.StatusForbidden {
		t.Errorf("first link: got %d, want 403", a.status)
	}
	if a, err := k.part(fresh, ""); err != nil || a.status != http.StatusOK {
		t.Errorf("second link: got %d, %v, want 200", a.status, err)
	}
}

func TestResultScenarios(t *testing.T) {
	t.Parallel()
	k := setup(t)
	createTask, kling := dialectOf(t, "kie"), dialectOf(t, "kling")
	id, link := k.finished(createTask, "[[object-result]]")
	if _, ok := k.look(createTask, id).at("data.resultJson").(map[string]any); !ok || link != "" {
		t.Error("object-result: resultJson is no object")
	}
	id, link = k.finished(createTask, "[[no-url]]")
	if got := k.look(createTask, id).textAt("data.resultJson"); got != `{"resultUrls":[]}` || link != "" {
		t.Errorf("no-url: got %q", got)
	}
	id, _ = k.finished(kling, "[[two-videos]]")
	if v, _ := k.look(kling, id).at("data.task_result.videos").([]any); len(v) != 2 {
		t.Errorf("two-videos: got %d", len(v))
	}
	id, _ = k.finished(kling, "[[watermark]]")
	mark := k.look(kling, id).textAt("data.task_result.videos.0.watermark_url")
	if a, err := k.part(mark, ""); err != nil || a.status != http.StatusOK {
		t.Errorf("watermark %q: got %d, %v", mark, a.status, err)
	}
}

func TestStallEndsWithTheClient(t *testing.T) {
	t.Parallel()
	everyWay(t, func(k *kit) {
		t := k.t
		_, link := k.finished(dialectOf(t, "kling"), "[[stall]]")
		resp, err := k.client.Do(k.request(http.MethodGet, link, "", ""))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, resp.Body, 16); err != nil {
			t.Errorf("before the stall: %v", err)
		}
		_ = resp.Body.Close()
	})
}
