package upload_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/upload"
)

func TestS3SendsAnImageOnce(t *testing.T) {
	t.Parallel()
	store, img := newBucket(t), picture(t, 20)
	client := handled(store.serve)
	host := newS3(t, upload.S3Config{Prefix: "klingctl/in put+", PathStyle: true}, client)
	first, err := host.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Host(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	key := "frames/klingctl/in put+" + img.SHA256 + ".png"
	if got := store.objects["/"+key]; got != string(content(t, img)) {
		t.Errorf("the bucket keeps %d bytes, want the %d of the file", len(got), img.Bytes)
	}
	path := "s3.example.net/frames/klingctl/in%20put%2B" + img.SHA256 + ".png"
	if diff := cmp.Diff([]string{"HEAD " + path, "PUT " + path, "HEAD " + path}, client.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if first.Key != key || first.Method != upload.MethodS3 || first.Image != img {
		t.Errorf("got %v, want the key %q", first, key)
	}
	put := client.sent[1]
	if put.ContentLength != img.Bytes || put.Header.Get("Content-Type") != "image/png" {
		t.Errorf("PUT announces %d bytes of %q, want %d of image/png", put.ContentLength, put.Header.Get("Content-Type"), img.Bytes)
	}
	if len(store.objects) != 1 {
		t.Errorf("the bucket keeps %d objects, want 1", len(store.objects))
	}
}

func TestS3ReplacesAnObjectOfAnotherLength(t *testing.T) {
	t.Parallel()
	store, img := newBucket(t), picture(t, 21)
	store.objects["/"+img.SHA256+".png"] = "half"
	if _, err := newS3(t, upload.S3Config{}, handled(store.serve)).Host(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	if got := len(store.objects["/"+img.SHA256+".png"]); int64(got) != img.Bytes {
		t.Errorf("the bucket keeps %d bytes, want %d", got, img.Bytes)
	}
}

// The example of Amazon's own documentation of query string authentication.
func TestS3SignsLinksAsDocumented(t *testing.T) {
	t.Parallel()
	client := handled(answers(says(http.StatusOK, "")))
	now := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	host, err := upload.NewS3(upload.S3Config{Endpoint: "https://s3.amazonaws.com", Bucket: "examplebucket"}, exampleKeys, client, at(now))
	if err != nil {
		t.Fatal(err)
	}
	link, err := host.Renew(t.Context(), upload.Link{Method: upload.MethodS3, Key: "examplebucket/test.txt"})
	if err != nil {
		t.Fatal(err)
	}
	want := "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
		"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400" +
		"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404&X-Amz-SignedHeaders=host"
	if link.URL != want || !link.Expires.Equal(now.Add(24*time.Hour)) {
		t.Errorf("got  %s until %v\nwant %s for a day", link.URL, link.Expires, want)
	}
}

func TestS3LinksCarryTheSessionAndNoHeader(t *testing.T) {
	t.Parallel()
	store := newBucket(t)
	client := handled(store.serve)
	keys := func() (upload.Keys, error) {
		return upload.Keys{Access: secret.New(bucketAccess), Secret: secret.New(bucketSecret), Session: secret.New("FwoGZXIvYXdz/+token==")}, nil
	}
	host, err := upload.NewS3(upload.S3Config{Endpoint: bucketHost, Bucket: "frames", Expires: 90 * time.Minute}, keys, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	link, err := host.Host(t.Context(), picture(t, 22))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	if query.Get("X-Amz-Security-Token") != "FwoGZXIvYXdz/+token==" || query.Get("X-Amz-Expires") != "5400" || query.Get("X-Amz-SignedHeaders") != "host" {
		t.Errorf("got the query %v, want the session, 5400 s, and only the host signed", query)
	}
	if client.sent[1].Header.Get("X-Amz-Security-Token") == "" || query.Has("Authorization") || query.Has("X-Amz-Content-Sha256") {
		t.Errorf("the upload carries no session, or the link more than its own signature: %v", query)
	}
	wantOneSignature(t, client)
}

func TestS3RenewsWithoutASecondUpload(t *testing.T) {
	t.Parallel()
	img := picture(t, 23)
	synctest.Test(t, func(t *testing.T) {
		store := newBucket(t)
		client := handled(store.serve)
		host := newS3(t, upload.S3Config{Expires: time.Hour}, client)
		old, err := host.Host(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * time.Hour)
		fresh, err := host.Renew(t.Context(), upload.Link{Method: old.Method, Key: old.Key})
		if err != nil {
			t.Fatal(err)
		}
		if client.sent[2].Method != http.MethodHead || client.count() != 3 {
			t.Errorf("sent %v, want one more look and no upload", client.requests())
		}
		if fresh.URL == old.URL || fresh.Key != old.Key || !fresh.Expires.After(time.Now()) {
			t.Errorf("got %v until %v, want another link to the same object", fresh, fresh.Expires)
		}
		clear(store.objects)
		_, err = host.Renew(t.Context(), old)
		wantFault(t, err, fault.NotFound)
		for _, other := range []upload.Link{{}, {Method: upload.MethodS3, Key: "other/x.png"}, {Method: upload.MethodS3, Key: "frames/"}, {Method: upload.MethodKIE, Key: old.Key}} {
			before := client.count()
			_, err := host.Renew(t.Context(), other)
			wantFault(t, err, fault.NotFound)
			if client.count() != before {
				t.Errorf("%v: something was sent", other)
			}
		}
	})
}

func TestS3DeletesOnlyWhenToldTo(t *testing.T) {
	t.Parallel()
	img := picture(t, 24)
	for _, remove := range []bool{false, true} {
		store := newBucket(t)
		store.objects["/somebody/else.png"] = "kept"
		host := newS3(t, upload.S3Config{Prefix: "k/", DeleteAfter: remove}, handled(store.serve))
		link, err := host.Host(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		if err := host.Delete(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		if err := host.Delete(t.Context(), link); err != nil {
			t.Errorf("deleting twice: %v", err)
		}
		if err := host.Delete(t.Context(), upload.Link{Method: upload.MethodS3, Key: "frames/somebody/else.png"}); remove && !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v for an object outside the prefix, want it refused", err)
		}
		if want := map[bool]int{false: 2, true: 1}[remove]; len(store.objects) != want {
			t.Errorf("delete %t: the bucket keeps %d objects, want %d", remove, len(store.objects), want)
		}
	}
}

func TestS3CopesWithRightsThatAreMissing(t *testing.T) {
	t.Parallel()
	img := picture(t, 25)
	for name, test := range map[string]struct {
		deny []string
		kind fault.Kind
		word string
	}{
		"may not write": {[]string{"PUT"}, fault.Auth, "Access Denied"},
		"may not read":  {[]string{"HEAD"}, fault.Auth, "write to it but not read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := newBucket(t)
			store.deny = test.deny
			_, err := newS3(t, upload.S3Config{}, handled(store.serve)).Host(t.Context(), img)
			wantFault(t, err, test.kind)
			if failure := fault.Of(err); !strings.Contains(err.Error(), test.word) || failure.Hint == "" {
				t.Errorf("got %q with the hint %q, want %q", err, failure.Hint, test.word)
			}
		})
	}
	t.Run("may not list", func(t *testing.T) {
		t.Parallel()
		store := newBucket(t)
		unlisted := func(w http.ResponseWriter, r *http.Request) {
			if _, there := store.objects[r.URL.Path]; r.Method == http.MethodHead && !there {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			store.serve(w, r)
		}
		if _, err := newS3(t, upload.S3Config{}, handled(unlisted)).Host(t.Context(), img); err != nil {
			t.Errorf("got %v, want the upload to be tried", err)
		}
	})
}

func TestS3NamesWhatWentWrong(t *testing.T) {
	t.Parallel()
	img := picture(t, 26)
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		kind   fault.Kind
		puts   int
		word   string
		hint   string
	}{
		"no such bucket":  {says(404, xmlError("NoSuchBucket", "The specified bucket does not exist")), fault.Usage, 1, "does not exist", "upload.bucket"},
		"wrong key":       {says(403, xmlError("InvalidAccessKeyId", "no "+bucketAccess)), fault.Auth, 1, "[hidden]", "AWS_ACCESS_KEY_ID"},
		"wrong secret":    {says(403, xmlError("SignatureDoesNotMatch", "The request signature")), fault.Auth, 1, "signature", "AWS_SECRET_ACCESS_KEY"},
		"expired session": {says(400, xmlError("ExpiredToken", "expired")), fault.Auth, 1, "expired", "log in again"},
		"wrong clock":     {says(403, xmlError("RequestTimeTooSkewed", "skewed")), fault.Auth, 1, "skewed", "clock"},
		"wrong region":    {says(400, xmlError("AuthorizationHeaderMalformed", "expecting 'eu-west-1'"), "X-Amz-Bucket-Region", "eu-west-1"), fault.Usage, 1, "expecting", "set upload.region to eu-west-1"},
		"moved":           {says(307, "", "Location", "https://elsewhere.example/?X-Amz-Signature=abc"), fault.Usage, 1, "HTTP 307", "not followed"},
		"slow down":       {says(503, xmlError("SlowDown", "Please reduce your request rate")), fault.Busy, 3, "reduce", ""},
		"internal error":  {says(500, xmlError("InternalError", "again")), fault.Unavailable, 3, "again", ""},
		"cut upload":      {says(400, xmlError("RequestTimeout", "idle")), fault.Unavailable, 3, "idle", ""},
		"no XML":          {says(502, "<html>"), fault.Unavailable, 3, "HTTP 502", ""},
		"refused":         {says(400, xmlError("EntityTooLarge", "a &lt;big&gt; one")), fault.Refused, 1, "a <big> one", ""},
		"something odd":   {says(204, ""), fault.Answer, 1, "HTTP 204", "upload.endpoint"},
		"an echoed link":  {says(400, xmlError("Odd", "https://h.example/?X-Amz-Signature=0123")), fault.Refused, 1, "X-Amz-Signature=…", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				puts := 0
				client := handled(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodPut {
						w.WriteHeader(http.StatusNotFound)
						return
					}
					puts++
					test.answer(w)
				})
				link, err := newS3(t, upload.S3Config{}, client).Host(t.Context(), img)
				wantFault(t, err, test.kind)
				failure := fault.Of(err)
				if puts != test.puts || link != (upload.Link{}) {
					t.Errorf("sent %d times with the link %v, want %d and none", puts, link, test.puts)
				}
				if !strings.Contains(err.Error(), test.word) || !strings.Contains(failure.Hint, test.hint) || strings.Contains(err.Error(), bucketAccess) {
					t.Errorf("got %q with the hint %q, want %q and %q", err, failure.Hint, test.word, test.hint)
				}
			})
		})
	}
}

func TestS3TriesAgainUntilItPasses(t *testing.T) {
	t.Parallel()
	img := picture(t, 27)
	synctest.Test(t, func(t *testing.T) {
		store := newBucket(t)
		calls := 0
		client := handled(func(w http.ResponseWriter, r *http.Request) {
			if calls++; calls%3 != 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			store.serve(w, r)
		})
		if _, err := newS3(t, upload.S3Config{}, client).Host(t.Context(), img); err != nil {
			t.Fatal(err)
		}
		if calls != 6 || len(store.objects) != 1 {
			t.Errorf("got %d requests and %d objects, want 6 and 1", calls, len(store.objects))
		}
	})
}

func TestS3WithoutKeysSendsNothing(t *testing.T) {
	t.Parallel()
	client := handled(newBucket(t).serve)
	chain := upload.Chain{Lookup: func(string) string { return "" }}
	host, err := upload.NewS3(upload.S3Config{Bucket: "frames", Endpoint: bucketHost}, chain.Keys, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = host.Host(t.Context(), picture(t, 28))
	wantFault(t, err, fault.Auth)
	if client.count() != 0 {
		t.Errorf("sent %v, want nothing", client.requests())
	}
}

func TestS3Addresses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config upload.S3Config
		host   string
		named  string
	}{
		"Amazon":              {upload.S3Config{Region: "eu-central-1"}, "frames.s3.eu-central-1.amazonaws.com/", "s3 https://s3.eu-central-1.amazonaws.com/frames/"},
		"no scheme":           {upload.S3Config{Endpoint: "acc.r2.example"}, "frames.acc.r2.example/", "s3 https://acc.r2.example/frames/"},
		"path style":          {upload.S3Config{Endpoint: "https://h.example", PathStyle: true, Prefix: "a/"}, "h.example/frames/a/", "s3 https://h.example/frames/a/"},
		"behind a path":       {upload.S3Config{Endpoint: "https://h.example/s3/", PathStyle: true}, "h.example/s3/frames/", "s3 https://h.example/s3/frames/"},
		"an address":          {upload.S3Config{Endpoint: "http://127.0.0.1:9000"}, "127.0.0.1:9000/frames/", "s3 http://127.0.0.1:9000/frames/"},
		"a dot in the bucket": {upload.S3Config{Endpoint: "https://h.example", Bucket: "my.frames"}, "h.example/my.frames/", "s3 https://h.example/my.frames/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := handled(answers(says(http.StatusOK, "")))
			if test.config.Bucket == "" {
				test.config.Bucket = "frames"
			}
			host, err := upload.NewS3(test.config, exampleKeys, client, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := host.Host(t.Context(), picture(t, 29)); err != nil {
				t.Fatal(err)
			}
			if got := client.requests()[0]; !strings.HasPrefix(got, "HEAD "+test.host) || host.Name() != test.named {
				t.Errorf("asked %q as %q, want %q as %q", got, host.Name(), test.host, test.named)
			}
		})
	}
}

func TestS3RefusesSettings(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]upload.S3Config{
		"no bucket":            {},
		"a path for a bucket":  {Bucket: "frames/in"},
		"a leading slash":      {Bucket: "frames", Prefix: "/a"},
		"a way up":             {Bucket: "frames", Prefix: "a/../b/"},
		"a control character":  {Bucket: "frames", Prefix: "a\n"},
		"a region with a path": {Bucket: "frames", Region: "eu/../x"},
		"more than seven days": {Bucket: "frames", Expires: 7*24*time.Hour + 1},
		"less than nothing":    {Bucket: "frames", Expires: -time.Hour},
		"plain http":           {Bucket: "frames", Endpoint: "http://s3.example.net"},
		"a password":           {Bucket: "frames", Endpoint: "https://u:hunter22@s3.example.net"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := upload.NewS3(config, exampleKeys, nil, nil)
			wantFault(t, err, fault.Usage)
			if failure := fault.Of(err); failure.Hint == "" || strings.Contains(err.Error(), "hunter22") {
				t.Errorf("got %q with the hint %q, want a hint and no password", err, failure.Hint)
			}
		})
	}
}

func TestS3StopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := &carrier{carry: func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() }}
	_, err := newS3(t, upload.S3Config{}, client).Host(ctx, picture(t, 30))
	wantFault(t, err, fault.Interrupted)
	if client.count() != 1 {
		t.Errorf("sent %v, want no second try", client.requests())
	}
}
