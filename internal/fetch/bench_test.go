package fetch_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// contender is one way of bringing the files, as a shell command: $0 is the
// address of the file server, $1 the folder to fill.
type contender struct {
	name, needs, command string
	// ours is a role of this test binary in the place of a command.
	ours string
}

const (
	curlOne  = `curl -sf -o "$1/f" "$0/clip.mp4"`
	ariaOne  = `aria2c -q --file-allocation=none -x1 -s1 -d "$1" -o f "$0/clip.mp4"`
	settling = ` && sha256sum "$1"/* >/dev/null && sync "$1"/*`
)

// BenchmarkAgainstCurl brings 1 GiB over loopback from a server in another
// process, by turns with curl and aria2c, each in a process of its own:
//
//	go test ./internal/fetch -run '^$' -bench AgainstCurl -benchtime 7x
//
// TMPDIR chooses the disk. A metric "x-NAME" is the median throughput of Fetch
// divided by that of NAME: more than 1 is faster. "checked" has all that Fetch
// does on both sides, "bare" neither digest nor sync; "unhashed" leaves Fetch its
// sync, which curl alone does not make.
func BenchmarkAgainstCurl(b *testing.B) {
	const size = 1 << 30
	b.Run("checked", func(b *testing.B) {
		compete(b, size, 1,
			contender{name: "fetch", ours: roleFetch},
			contender{name: "curl+sha256sum+sync", needs: "curl", command: curlOne + settling},
			contender{name: "aria2c+sha256sum+sync", needs: "aria2c", command: ariaOne + settling})
	})
	b.Run("bare", func(b *testing.B) {
		compete(b, size, 1,
			contender{name: "fetch-bare", ours: roleBare},
			contender{name: "curl", needs: "curl", command: curlOne},
			contender{name: "aria2c", needs: "aria2c", command: ariaOne})
	})
	b.Run("unhashed", func(b *testing.B) {
		compete(b, size, 1,
			contender{name: "fetch-unhashed", ours: roleUnhashed},
			contender{name: "curl", needs: "curl", command: curlOne},
			contender{name: "curl+sync", needs: "curl", command: curlOne + ` && sync "$1/f"`})
	})
}

// BenchmarkManyAgainstCurl brings 200 files of 5 MiB, 16 at a time.
func BenchmarkManyAgainstCurl(b *testing.B) {
	const (
		files = 200
		names = `i=1; while [ $i -le 200 ]; do `
		curl  = names + `echo "url=$0/clip.mp4?$i"; echo "output=$1/$i"; i=$((i+1)); done | curl -sSf --no-progress-meter --parallel --parallel-max 16 -K -`
		aria  = names + `echo "$0/clip.mp4?$i"; echo " out=$i"; i=$((i+1)); done | aria2c -q --file-allocation=none -x1 -s1 -j16 -d "$1" -i -`
	)
	compete(b, 5<<20, files,
		contender{name: "fetch", ours: roleFetch},
		contender{name: "curl+sha256sum+sync", needs: "curl", command: curl + settling},
		contender{name: "aria2c+sha256sum+sync", needs: "aria2c", command: aria + settling},
		contender{name: "curl", needs: "curl", command: curl})
}

// compete lets the first contender and the others bring the same files by
// turns, b.N times, and reports medians.
func compete(b *testing.B, size int64, files int, all ...contender) {
	b.Helper()
	all = slices.DeleteFunc(all, func(c contender) bool {
		_, err := exec.LookPath(c.needs)
		if missing := c.needs != "" && err != nil; missing {
			b.Logf("%s is left out: there is no %s here", c.name, c.needs)
			return true
		}
		return false
	})
	server := fileServer(b, size)
	times, memory := make([][]float64, len(all)), 0.0
	for round := 0; b.Loop(); round++ {
		for turn := range all {
			// Nobody always comes after the same other, and nobody writes while
			// the disk still works for the one before.
			i := (round + turn) % len(all)
			c, folder := all[i], b.TempDir()
			_ = exec.CommandContext(b.Context(), "sync", "-f", folder).Run()
			start := time.Now()
			peak := c.run(b, server, folder, files)
			times[i] = append(times[i], time.Since(start).Seconds())
			memory = max(memory, peak)
			wantSizes(b, folder, size, files)
			if err := os.RemoveAll(folder); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(memory, "MiB-peak")
	ours := median(times[0])
	b.ReportMetric(float64(size)*float64(files)/1e6/ours, "MB/s")
	for i, c := range all[1:] {
		b.ReportMetric(median(times[i+1])/ours, "x-"+c.name)
	}
}

// run brings the files once and gives the peak of the process's memory in MiB
// where it is ours and the system tells.
func (c contender) run(b *testing.B, server, folder string, files int) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "sh", "-c", c.command, server, folder)
	if c.ours != "" {
		cmd = exec.CommandContext(b.Context(), os.Args[0], server, folder, strconv.Itoa(files))
	}
	// Nothing between two processes of one machine goes through a proxy.
	cmd.Env = append(os.Environ(), roleVariable+"="+c.ours, "no_proxy=*")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%s: %v", c.name, err)
	}
	peak, _ := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return peak
}

func wantSizes(b *testing.B, folder string, size int64, files int) {
	b.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != files {
		b.Fatalf("the folder holds %d files, %v; want %d", len(entries), err, files)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Size() != size {
			b.Fatalf("%s: %v; want %d bytes", entry.Name(), err, size)
		}
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
}

// bigClip makes a whole MP4 of a size, most of which is a hole.
func bigClip(tb testing.TB, path string, size int64) {
	tb.Helper()
	head := clip(0, 0)
	// The last box is the empty mdat: give it the rest of the file.
	mdat := len(head) - 8
	binary.BigEndian.PutUint32(head[mdat:], uint32(size)-uint32(mdat))
	if err := os.WriteFile(path, head, 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		tb.Fatal(err)
	}
}

// fileServer starts a process that serves one clip, and gives its address.
func fileServer(b *testing.B, size int64) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "clip.mp4")
	bigClip(b, path, size)
	cmd := exec.CommandContext(b.Context(), os.Args[0], path)
	cmd.Env = append(os.Environ(), roleVariable+"="+roleServer)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		b.Fatalf("the file server does not say where it is: %v", err)
	}
	return address
}
