package cmd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptIsMP4 holds that a file is a whole MP4, perhaps of so many seconds:
//
//	ismp4 FILE [SECONDS]
func scriptIsMP4(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: ismp4 FILE [SECONDS]")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	seconds, err := movieSeconds(data)
	if err != nil {
		ts.Fatalf("%s is no whole MP4: %v", args[0], err)
	}
	if len(args) == 2 && strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64) != args[1] {
		ts.Fatalf("%s lasts %.3f s, want %s", args[0], seconds, args[1])
	}
}

// movieSeconds walks the boxes of an MP4 with no help from the program under
// test.
func movieSeconds(data []byte) (float64, error) {
	var kinds []string
	var movie []byte
	for rest := data; len(rest) > 0; {
		if len(rest) < 8 {
			return 0, errors.New("a few bytes stand behind the last box")
		}
		size := int(binary.BigEndian.Uint32(rest))
		if size < 8 || size > len(rest) {
			return 0, fmt.Errorf("box %q says %d bytes, %d are there", rest[4:8], size, len(rest))
		}
		kind := string(rest[4:8])
		kinds = append(kinds, kind)
		if kind == "moov" {
			movie = rest[8:size]
		}
		rest = rest[size:]
	}
	for _, kind := range []string{"ftyp", "moov", "mdat"} {
		if !slices.Contains(kinds, kind) {
			return 0, fmt.Errorf("there is no box %s", kind)
		}
	}
	at := bytes.Index(movie, []byte("mvhd"))
	if at < 0 || len(movie) < at+36 {
		return 0, errors.New("there is no box mvhd")
	}
	head := movie[at+4:]
	if head[0] == 1 {
		return float64(binary.BigEndian.Uint64(head[24:])) / float64(binary.BigEndian.Uint32(head[20:])), nil
	}
	return float64(binary.BigEndian.Uint32(head[16:])) / float64(binary.BigEndian.Uint32(head[12:])), nil
}
