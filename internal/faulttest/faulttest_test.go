package faulttest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// every fault of parts D, E and F, by its number in the list.
func listed() []int {
	return []int{
		44, 45, 46, 47, 48, 49, 50, 52, 55, 56, 57, 59, 60,
		61, 62, 63, 64, 66, 67, 68, 69, 70, 71,
		73, 74, 75, 76, 79, 80, 81, 82, 84, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95,
	}
}

func TestCasesCoverTheList(t *testing.T) {
	t.Parallel()
	numbers, names := map[int]bool{}, map[string]bool{}
	for _, c := range Cases() {
		if names[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		names[c.Name], numbers[c.Number] = true, true
		if c.What == "" || strings.Contains(c.Name, "/") {
			t.Errorf("case %d needs a name that is one element of a path, and a line on what happens", c.Number)
		}
		if c.Elsewhere == "" && c.look == nil && !c.Unpaid {
			t.Errorf("%s plays nothing", c.Name)
		}
		for _, provider := range c.Players() {
			if speakerOf(provider) == nil {
				t.Errorf("%s: %s cannot be played", c.Name, provider)
			}
		}
	}
	for _, number := range listed() {
		if !numbers[number] {
			t.Errorf("nothing plays fault %d", number)
		}
	}
	if len(numbers) != len(listed()) {
		t.Errorf("%d numbers are played, %d listed", len(numbers), len(listed()))
	}
}

// visitor asks a stage as a client would.
type visitor struct {
	t     *testing.T
	stage *Stage
}

func visit(t *testing.T, s *Server, name, provider string) visitor {
	t.Helper()
	c, known := s.cases[name]
	if !known {
		t.Fatalf("there is no case %s", name)
	}
	return visitor{t: t, stage: s.Stage(c, provider)}
}

func (v visitor) ask(method, address string, header ...string) (status int, body []byte) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, address, http.NoBody)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, _ = io.ReadAll(response.Body)
	return response.StatusCode, body
}

func opened(t *testing.T) *Server {
	t.Helper()
	s, err := New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// An order is counted once, looks one by one, and a mended stage is honest.
func TestStageCountsAndMends(t *testing.T) {
	t.Parallel()
	s := opened(t)
	v := visit(t, s, "47-errors-for-ever", Kling)
	if status, body := v.ask(http.MethodPost, v.stage.Base()+klingVideos); status != http.StatusOK || !strings.Contains(string(body), taskID) {
		t.Errorf("create = %d %s, want 200 and the task", status, body)
	}
	for range 2 {
		if status, _ := v.ask(http.MethodGet, v.stage.Base()+klingVideos+"/"+taskID); status != http.StatusInternalServerError {
			t.Errorf("look = %d, want 500", status)
		}
	}
	v.stage.Mend()
	var answer struct {
		Data struct {
			TaskResult struct {
				Videos []struct {
					URL string `json:"url"`
				} `json:"videos"`
			} `json:"task_result"`
		} `json:"data"`
	}
	_, body := v.ask(http.MethodGet, v.stage.Base()+klingVideos+"/"+taskID)
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Data.TaskResult.Videos) != 1 {
		t.Fatalf("a mended look = %s (%v), want one video", body, err)
	}
	if _, film := v.ask(http.MethodGet, answer.Data.TaskResult.Videos[0].URL); len(film) != len(s.Film()) {
		t.Errorf("the film has %d bytes, want %d", len(film), len(s.Film()))
	}
	// The last bytes are counted once they have left, which the reader need not
	// wait for.
	seen := v.stage.Seen()
	for range 1000 {
		if seen.Sent() == int64(len(s.Film())) {
			break
		}
		<-time.After(time.Millisecond)
		seen = v.stage.Seen()
	}
	if len(seen.Creates) != 1 || len(seen.Looks) != 3 || len(seen.Files) != 1 || seen.Sent() != int64(len(s.Film())) {
		t.Errorf("%d creates, %d looks, %d files, %d bytes; want 1, 3, 1, %d", len(seen.Creates), len(seen.Looks), len(seen.Files), seen.Sent(), len(s.Film()))
	}
}

// The other origin and the proxy are told from the provider's own.
func TestStageTellsOriginsApart(t *testing.T) {
	t.Parallel()
	s := opened(t)
	v := visit(t, s, "89-link-elsewhere", Apikley)
	v.ask(http.MethodGet, v.stage.foreign("clip.mp4"), "Authorization", "Bearer x")
	if seen := v.stage.Seen(); len(seen.Others) != 1 || len(seen.Files) != 0 {
		t.Fatalf("%d requests at the other origin and %d at the own, want 1 and 0", len(seen.Others), len(seen.Files))
	}
	if err := elsewhere(v.stage.Seen()); err == nil {
		t.Error("a key at another origin was not noticed")
	}
}

// A cut film is shorter than promised, and a range brings the rest.
func TestDeliveryCutsAndGoesOn(t *testing.T) {
	t.Parallel()
	s := opened(t)
	v := visit(t, s, "82-cut", Kling)
	_, half := v.ask(http.MethodGet, v.stage.own("clip.mp4"))
	if len(half) != len(s.Film())/2 {
		t.Errorf("%d bytes came, want %d", len(half), len(s.Film())/2)
	}
	status, rest := v.ask(http.MethodGet, v.stage.own("clip.mp4"), "Range", "bytes=1000-")
	if status != http.StatusPartialContent || len(rest) != len(s.Film())-1000 {
		t.Errorf("a range = %d with %d bytes, want 206 with %d", status, len(rest), len(s.Film())-1000)
	}
	if err := resumed(v.stage.Seen()); err == nil {
		t.Error("a range without If-Range, of too many bytes, passed for a good one")
	}
}

// Faults of the connection are what they say.
func TestLooksBreakOff(t *testing.T) {
	t.Parallel()
	s := opened(t)
	v := visit(t, s, "46-three-resets", Apikley)
	if status, _ := v.ask(http.MethodGet, v.stage.Base()+"/api/v1/jobs/recordInfo?taskId="+taskID); status != 0 {
		t.Errorf("a look = %d, want no answer", status)
	}
	hang := visit(t, s, "48-hang", Apikley)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, hang.stage.Base()+"/api/v1/jobs/recordInfo", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
		_ = response.Body.Close()
		t.Error("a look that hangs was answered")
	}
}
