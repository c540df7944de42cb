package upload_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/upload"
)

// gateway starts a real S3 server over a temporary folder. Its binary is named
// by KLINGCTL_TEST_VERSITYGW or found on PATH.
func gateway(t *testing.T) (endpoint string, folder string) {
	t.Helper()
	binary := os.Getenv("KLINGCTL_TEST_VERSITYGW")
	if binary == "" {
		var err error
		if binary, err = exec.LookPath("versitygw"); err != nil {
			t.Skip("no S3 server: set KLINGCTL_TEST_VERSITYGW to the path of versitygw v1.8.0, or put it on PATH")
		}
	}
	folder = t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "data", "frames"), 0o700); err != nil {
		t.Fatal(err)
	}
	// The port is free a moment before it is used; nothing here can hand over
	// a listener.
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	server := exec.CommandContext(t.Context(), binary, "--port", address, "--region", "us-east-1", "--quiet",
		"posix", "--sidecar", makeFolder(t, folder, "meta"), filepath.Join(folder, "data"))
	server.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+bucketAccess, "ROOT_SECRET_KEY="+bucketSecret)
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
	})
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			return "http://" + address, filepath.Join(folder, "data", "frames")
		}
		select {
		case <-ended:
			t.Fatalf("the S3 server ended: %s", said.String())
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func makeFolder(t *testing.T, elements ...string) string {
	t.Helper()
	path := filepath.Join(elements...)
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// fetch is a plain client: it knows a link and nothing else.
func fetch(t *testing.T, link string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestS3AgainstARealServer(t *testing.T) {
	t.Parallel()
	endpoint, folder := gateway(t)
	img := picture(t, 40)
	config := upload.S3Config{Endpoint: endpoint, Bucket: "frames", Prefix: "klingctl/in put+é=(1)/", DeleteAfter: true}
	client := &carrier{carry: (&http.Transport{DisableKeepAlives: true}).RoundTrip}
	host, err := upload.NewS3(config, exampleKeys, client, nil)
	if err != nil {
		t.Fatal(err)
	}

	link, err := host.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := fetch(t, link.URL); status != http.StatusOK || body != string(content(t, img)) {
		t.Errorf("the link gives HTTP %d and %d bytes, want 200 and %d", status, len(body), img.Bytes)
	}
	if _, err := host.Host(t.Context(), img); err != nil || client.count() != 3 {
		t.Errorf("got %v and sent %v, want the second time to look only", err, client.requests())
	}

	config.Expires = time.Second
	brief, err := upload.NewS3(config, exampleKeys, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	short, err := brief.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	for status := http.StatusOK; status != http.StatusForbidden; {
		<-time.After(100 * time.Millisecond)
		if status, _ = fetch(t, short.URL); status != http.StatusOK && status != http.StatusForbidden {
			t.Fatalf("an expired link gives HTTP %d, want 403", status)
		}
	}
	fresh, err := host.Renew(t.Context(), upload.Link{Method: short.Method, Key: short.Key})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := fetch(t, fresh.URL); status != http.StatusOK {
		t.Errorf("the renewed link gives HTTP %d, want 200", status)
	}

	if err := host.Delete(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	if status, _ := fetch(t, fresh.URL); status != http.StatusNotFound {
		t.Errorf("a deleted image gives HTTP %d, want 404", status)
	}
	if _, err := os.Stat(filepath.Join(folder, "klingctl", "in put+é=(1)", img.SHA256+".png")); !os.IsNotExist(err) {
		t.Errorf("the server still keeps the file: %v", err)
	}
	_, err = host.Renew(t.Context(), fresh)
	wantFault(t, err, fault.NotFound)
	wantOneSignature(t, client)
}

func TestARealServersRefusals(t *testing.T) {
	t.Parallel()
	endpoint, _ := gateway(t)
	img := picture(t, 41)
	for name, test := range map[string]struct {
		config upload.S3Config
		secret string
		kind   fault.Kind
		code   string
	}{
		"wrong secret":   {upload.S3Config{Bucket: "frames"}, "another-secret", fault.Auth, "SignatureDoesNotMatch"},
		"wrong region":   {upload.S3Config{Bucket: "frames", Region: "eu-west-1"}, bucketSecret, fault.Usage, "AuthorizationHeaderMalformed"},
		"no such bucket": {upload.S3Config{Bucket: "nobodys"}, bucketSecret, fault.Usage, "NoSuchBucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.Endpoint = endpoint
			keys := func() (upload.Keys, error) {
				return upload.Keys{Access: secret.New(bucketAccess), Secret: secret.New(test.secret)}, nil
			}
			host, err := upload.NewS3(test.config, keys, &http.Transport{DisableKeepAlives: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = host.Host(t.Context(), img)
			wantFault(t, err, test.kind)
			if failure := fault.Of(err); failure.Code != test.code || strings.Contains(err.Error(), bucketAccess) {
				t.Errorf("got %q with the code %q, want %q and no key", err, failure.Code, test.code)
			}
		})
	}
}
