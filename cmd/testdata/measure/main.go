// Command measure runs several command lines in turn and prints, as JSON, the
// wall time in nanoseconds and the peak memory in bytes of every run. It is
// small on purpose: Linux counts a parent's memory into a child that was
// forked from it.
//
//	measure ROUNDS 'program arg' 'program arg' ...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type run struct {
	Wall int64 `json:"wall"`
	Peak int64 `json:"peak"`
}

func main() {
	rounds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fail(err)
	}
	runs := make([][]run, len(os.Args)-2)
	for range rounds {
		for i, line := range os.Args[2:] {
			words := strings.Fields(line)
			command := exec.Command(words[0], words[1:]...)
			start := time.Now()
			if err := command.Run(); err != nil {
				fail(fmt.Errorf("%s: %w", line, err))
			}
			wall := time.Since(start).Nanoseconds()
			usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
			if !ok {
				fail(fmt.Errorf("no resource usage here"))
			}
			runs[i] = append(runs[i], run{Wall: wall, Peak: int64(usage.Maxrss) * 1024})
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(runs); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
