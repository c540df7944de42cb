package fetch_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fetch"
)

// The test binary plays these roles in processes of its own, so that what is
// measured shares neither memory nor a scheduler with what measures.
const (
	roleVariable = "KLINGCTL_FETCH_ROLE"

	roleServer   = "server"
	roleFetch    = "fetch"
	roleUnhashed = "fetch without the digest"
	roleBare     = "fetch without the digest and the sync"
)

// play is the main of a role. It says to out what the parent wants to know.
func play(role string, args []string, out io.Writer) error {
	if role == roleServer {
		return serveFile(args[0], out)
	}
	f := fetch.New(fetch.Options{AllowPrivate: true})
	defer f.Close()
	if role != roleFetch {
		f.SkipDigest()
	}
	if role == roleBare {
		f.BreakDisk("sync", nil)
		f.BreakDisk("syncDir", nil)
	}
	files, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	if err := fetchAll(f, args[0], args[1], files); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, peakMemory())
	return err
}

// serveFile serves one file under every path until it is killed.
func serveFile(path string, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	server := http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }),
	}
	return server.Serve(listener)
}

// fetchAll brings so many files, 16 at a time.
func fetchAll(f *fetch.Fetcher, server, folder string, files int) error {
	work, failures := make(chan int), make(chan error, files)
	var workers sync.WaitGroup
	for range min(files, 16) {
		workers.Go(func() {
			for i := range work {
				source := fetch.Source{URL: server + "/clip.mp4?" + strconv.Itoa(i)}
				_, err := f.Fetch(context.Background(), source, filepath.Join(folder, strconv.Itoa(i)+".mp4"), fetch.Hooks{})
				failures <- err
			}
		})
	}
	for i := range files {
		work <- i
	}
	close(work)
	workers.Wait()
	for range files {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}

// peakMemory is that of this process in MiB, 0 where the system does not tell.
// What wait4 tells the parent begins with the parent's own memory on Linux.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		var kib float64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}
