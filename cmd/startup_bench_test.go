package cmd_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

// startupRun is one run as testdata/measure prints it.
type startupRun struct{ Wall, Peak int64 }

// BenchmarkStartup runs stripped static binaries in turn: klingctl, and a
// program that is Cobra and nothing else. It reports medians as ratios of that
// program, and peak memory. Run it alone:
//
//	go test ./cmd -run '^$' -bench Startup
func BenchmarkStartup(b *testing.B) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		b.Skip("not measured: needs the resource usage of a Unix process")
	}
	folder := b.TempDir()
	build := func(name, source string) string {
		path := filepath.Join(folder, name)
		command := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, source)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", source, err, out)
		}
		return path
	}
	bare, program := build("bare", "./testdata/bare"), build("klingctl", "..")
	measure := build("measure", "./testdata/measure")
	names := []string{"bare", "version", "help", "models"}
	rounds := max(b.N, 40)
	command := exec.CommandContext(b.Context(), measure, strconv.Itoa(rounds),
		bare+" version", program+" version", program+" --help", program+" models")
	command.Env = append(os.Environ(), "HOME="+folder)
	out, err := command.Output()
	if err != nil {
		b.Fatalf("measure: %v", err)
	}
	var runs [][]startupRun
	if err := json.Unmarshal(out, &runs); err != nil {
		b.Fatal(err)
	}
	base := medianOf(runs[0], func(r startupRun) int64 { return r.Wall })
	for i, name := range names {
		wall := medianOf(runs[i], func(r startupRun) int64 { return r.Wall })
		peak := medianOf(runs[i], func(r startupRun) int64 { return r.Peak })
		b.ReportMetric(float64(wall)/float64(base), name+"-wall/bare")
		b.ReportMetric(float64(peak)/(1<<20), name+"-MiB")
	}
	b.ReportMetric(0, "ns/op")
}

func medianOf(runs []startupRun, value func(startupRun) int64) int64 {
	values := make([]int64, len(runs))
	for i, r := range runs {
		values[i] = value(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
