package fetch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

// once makes a Fetcher give up at the first trouble, as if it were killed.
func once(o *fetch.Options) { o.Attempts = 1 }

func TestFetchCutAtEveryByteGoesOn(t *testing.T) {
	t.Parallel()
	content := tiny("pictures")
	for cut := range int64(len(content)) {
		for name, sameCall := range map[string]bool{"in one call": true, "in a later call": false} {
			t.Run(name+" at "+strconv.FormatInt(cut, 10), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					folder := t.TempDir()
					s := serve(cutAfter(cut, honest(content, `"v1"`)), honest(content, `"v1"`))
					resumed := int64(0)
					if !sameCall {
						_, err := bring(t.Context(), fetcher(s, once), folder, fetch.Hooks{})
						wantFault(t, err, fault.Download, "cut")
						resumed = cut
					}
					got, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
					if err != nil {
						t.Fatalf("Fetch: %v", err)
					}
					if got.Resumed != resumed {
						t.Errorf("Resumed = %d, want %d", got.Resumed, resumed)
					}
					want := []string{"", ""}
					if cut > 0 {
						want[1] = "bytes=" + strconv.FormatInt(cut, 10) + "-"
					}
					if diff := cmp.Diff(want, s.ranges()); diff != "" {
						t.Errorf("ranges asked for (-want +got):\n%s", diff)
					}
					wantFile(t, filepath.Join(folder, "clip.mp4"), content)
					wantNames(t, folder, "clip.mp4")
				})
			})
		}
	}
}

// Whatever answers the request for the rest, at every byte the file is the one
// that the server has in the end, and nothing of two.
func TestFetchCutAtEveryByteIsNeverSpliced(t *testing.T) {
	t.Parallel()
	first, second, twin := tiny("pictures"), tiny("other pictures"), tiny("PICTURES")
	// rest answers a request for the rest with the bytes from at on, and says
	// of them what it likes; whoever asks for all gets all.
	rest := func(content []byte, tag, says string, at int64) answer {
		partial := status(http.StatusPartialContent, string(content[min(at, int64(len(content))):]), "Content-Range", says, "ETag", tag)
		return func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Range") == "" {
				return honest(content, tag)(req)
			}
			return partial(req)
		}
	}
	size := int64(len(first))
	tests := map[string]struct {
		second func(cut int64) []answer
		want   []byte
	}{
		"the range is ignored":    {func(int64) []answer { return []answer{status(200, string(first))} }, first},
		"the file has changed":    {func(int64) []answer { return []answer{honest(second, `"v2"`)} }, second},
		"no range is satisfiable": {func(int64) []answer { return []answer{wantNoRange(honest(first, `"v1"`))} }, first},
		"the connection is cut again": {func(cut int64) []answer {
			return []answer{cutAfter(cut/2+1, honest(first, `"v1"`)), honest(first, `"v1"`)}
		}, first},
		"the rest of another file": {func(cut int64) []answer {
			return []answer{rest(twin, `"v2"`, fmt.Sprintf("bytes %d-%d/%d", cut, size-1, size), cut)}
		}, twin},
		"a byte too early": {func(cut int64) []answer {
			return []answer{rest(first, `"v1"`, fmt.Sprintf("bytes %d-%d/%d", cut-1, size-1, size), cut-1)}
		}, first},
		"a byte too late": {func(cut int64) []answer {
			return []answer{rest(first, `"v1"`, fmt.Sprintf("bytes %d-%d/%d", cut+1, size-1, size), cut+1)}
		}, first},
		"all of it under the right range": {func(cut int64) []answer {
			return []answer{rest(first, `"v1"`, fmt.Sprintf("bytes %d-%d/%d", cut, size-1, size), 0)}
		}, first},
		"a total that is another": {func(cut int64) []answer {
			return []answer{rest(first, `"v1"`, fmt.Sprintf("bytes %d-%d/%d", cut, size-1, size+1), cut)}
		}, first},
		"no range said": {func(cut int64) []answer { return []answer{rest(first, `"v1"`, "", cut)} }, first},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				root := t.TempDir()
				for i := range 2 * (size - 1) {
					// At each byte once in the same call and once in a later one.
					cut, later := 1+i/2, i%2 == 1
					folder := filepath.Join(root, strconv.FormatInt(i, 10))
					s := serve(append([]answer{cutAfter(cut, honest(first, `"v1"`))}, test.second(cut)...)...)
					if later {
						_, err := bring(t.Context(), fetcher(s, once), folder, fetch.Hooks{})
						wantFault(t, err, fault.Download, "cut")
					}
					got, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
					if err != nil {
						t.Fatalf("cut at %d: %v", cut, err)
					}
					if sum := sha256.Sum256(test.want); got.SHA256 != hex.EncodeToString(sum[:]) {
						t.Errorf("cut at %d: SHA256 = %s, want %x", cut, got.SHA256, sum)
					}
					wantFile(t, filepath.Join(folder, "clip.mp4"), test.want)
					wantNames(t, folder, "clip.mp4")
				}
			})
		})
	}
}

func TestFetchWithAnyCutsAndDeathsIsEqual(t *testing.T) {
	t.Parallel()
	content := clip(20_000, 0)
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	var runs atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		cuts := rapid.SliceOfN(rapid.Int64Range(0, 9_000), 0, 12).Draw(rt, "cuts")
		attempts := rapid.IntRange(1, 3).Draw(rt, "attempts")
		var answers []answer
		for _, cut := range cuts {
			answers = append(answers, cutAfter(cut, honest(content, `"v1"`)))
		}
		s := serve(append(answers, honest(content, `"v1"`))...)
		folder := filepath.Join(t.TempDir(), strconv.FormatInt(runs.Add(1), 10))
		synctest.Test(t, func(t *testing.T) {
			for range len(cuts) + 1 {
				got, err := bring(t.Context(), fetcher(s, func(o *fetch.Options) { o.Attempts = attempts }), folder, fetch.Hooks{})
				if err != nil {
					wantFault(t, err, fault.Download, "")
					continue
				}
				if got.SHA256 != digest {
					t.Errorf("SHA256 = %s, want %s", got.SHA256, digest)
				}
				wantFile(t, filepath.Join(folder, "clip.mp4"), content)
				return
			}
			t.Error("never finished")
		})
	})
}

// Whatever a server says in the second answer, two files are never spliced.
func TestFetchNeverSplices(t *testing.T) {
	t.Parallel()
	first, second := clip(3000, 0), clip(3000, 0xff)
	lie := func(header, value string) answer {
		return func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("Range") == "" {
				return honest(second, `"v2"`)(req)
			}
			req = req.Clone(req.Context())
			req.Header.Del("If-Range")
			return with(honest(second, `"v1"`), func(res *http.Response) { res.Header.Set(header, value) })(req)
		}
	}
	total := strconv.Itoa(len(first))
	tests := map[string]struct {
		first  answer
		second answer
		want   []byte
	}{
		"the file changed, and the server says so with 200": {honest(first, `"v1"`), honest(second, `"v2"`), second},
		"the range is ignored":                              {honest(first, `"v1"`), status(200, string(first)), first},
		"the tag of the partial answer is another":          {honest(first, `"v1"`), lie("ETag", `"v2"`), second},
		"the range begins elsewhere":                        {honest(first, `"v1"`), lie("Content-Range", "bytes 0-"+total+"/"+total), second},
		"the range is nonsense":                             {honest(first, `"v1"`), lie("Content-Range", "bytes x"), second},
		"the total is another":                              {honest(first, `"v1"`), lie("Content-Range", "bytes 1000-1999/2000"), second},
		"several ranges in parts":                           {honest(first, `"v1"`), lie("Content-Range", ""), second},
		"nothing to prove that it is the same file":         {honest(first, ""), honest(second, ""), second},
		"a tag that is weak and promises no equal bytes":    {honest(first, `W/"v1"`), honest(second, `W/"v1"`), second},
		"a date of this very second, which proves little":   {dated(first, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), honest(second, ""), second},
		"no range is satisfiable, the file has changed":     {honest(first, `"v1"`), wantNoRange(honest(second, `"v2"`)), second},
		"no range is satisfiable, the file is the same":     {honest(first, `"v1"`), wantNoRange(honest(first, `"v1"`)), first},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder := t.TempDir()
				s := serve(cutAfter(1000, test.first), test.second)
				if _, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{}); err != nil {
					t.Fatalf("Fetch: %v", err)
				}
				wantFile(t, filepath.Join(folder, "clip.mp4"), test.want)
			})
		})
	}
}

// wantNoRange answers 416 to any range.
func wantNoRange(of answer) answer {
	return func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Range") != "" {
			return status(http.StatusRequestedRangeNotSatisfiable, "")(req)
		}
		return of(req)
	}
}

func TestFetchResumesAcrossLinks(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	const (
		fresh     = "https://cdn.example/out/clip.mp4?X-Amz-Signature=CANARY2"
		elsewhere = "https://cdn.example/out/other.mp4?" + secretQuery
	)
	date := func(content []byte) answer { return dated(content, modified()) }
	tag := func(content []byte) answer { return honest(content, `"v1"`) }
	tests := map[string]struct {
		serve func([]byte) answer
		link  string
		want  bool
	}{
		"the same link, a date":             {date, link, true},
		"the same link, a tag":              {tag, link, true},
		"a fresh signature, a tag":          {tag, fresh, true},
		"another query, a date alone":       {date, fresh, false},
		"another file under the same tag":   {tag, elsewhere, false},
		"another file with the same date":   {date, elsewhere, false},
		"the same link, no validator":       {func(c []byte) answer { return honest(c, "") }, link, false},
		"the same link, a date of just now": {func(c []byte) answer { return dated(c, time.Now()) }, link, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			target := filepath.Join(folder, "clip.mp4")
			s := serve(cutAfter(2000, test.serve(content)), test.serve(content))
			_, err := fetcher(s, once).Fetch(t.Context(), fetch.Source{URL: link}, target, fetch.Hooks{})
			wantFault(t, err, fault.Download, "")
			got, err := fetcher(s, once).Fetch(t.Context(), fetch.Source{URL: test.link}, target, fetch.Hooks{})
			if err != nil {
				t.Fatalf("Fetch: %v", err)
			}
			if resumed := got.Resumed == 2000; resumed != test.want {
				t.Errorf("Resumed = %d, want it resumed: %v", got.Resumed, test.want)
			}
			wantFile(t, target, content)
		})
	}
}

func TestFetchStartsOverFromATornSidecar(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	for name, sidecar := range map[string]string{"torn": `{"link":"ab`, "empty": "", "of another shape": `[1]`, "absent": "-"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			target := filepath.Join(folder, "clip.mp4")
			if err := os.WriteFile(target+".part", []byte("what nobody knows"), 0o600); err != nil {
				t.Fatal(err)
			}
			if sidecar != "-" {
				if err := os.WriteFile(target+".part.json", []byte(sidecar), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := bring(t.Context(), fetcher(serve(honest(content, ""))), folder, fetch.Hooks{}); err != nil {
				t.Fatalf("Fetch: %v", err)
			}
			wantFile(t, target, content)
			wantNames(t, folder, "clip.mp4")
		})
	}
}

// A connection that ends early without a length gives no error: only the boxes
// tell.
func TestFetchNoticesAnEarlyEndWithoutALength(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		short := chunked(endingAfter(1500, io.EOF, honest(content, `"v1"`)))
		s := serve(short, honest(content, `"v1"`))
		if _, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{}); err != nil {
			t.Fatalf("Fetch: %v", err)
		}
		if diff := cmp.Diff([]string{"", "bytes=1500-"}, s.ranges()); diff != "" {
			t.Errorf("ranges asked for (-want +got):\n%s", diff)
		}
		wantFile(t, filepath.Join(folder, "clip.mp4"), content)
	})
}
