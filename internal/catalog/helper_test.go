package catalog_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
)

func builtin(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c, err := catalog.Open(configs.FS())
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	return c
}

func choose(tb testing.TB, c *catalog.Catalog, provider, model string, kind kling.Kind) *catalog.Model {
	tb.Helper()
	m, err := c.Choose(catalog.Query{Provider: provider, Model: model, Kind: kind})
	if err != nil {
		tb.Fatalf("Choose %s at %s: %v", model, provider, err)
	}
	return m
}

// flags writes flags as name, value pairs; a name may stand several times.
func flags(pairs ...string) map[string][]string {
	given := map[string][]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		given[pairs[i]] = append(given[pairs[i]], pairs[i+1])
	}
	return given
}

// with copies flags and replaces some; an empty value removes the flag.
func with(base map[string][]string, pairs ...string) map[string][]string {
	given := map[string][]string{}
	maps.Copy(given, base)
	for name, values := range flags(pairs...) {
		given[name] = values
		if values[0] == "" {
			delete(given, name)
		}
	}
	return given
}

func set(path, value string) catalog.Set { return catalog.Set{Path: path, Value: value} }

// lines gives the problems of an error, one line each.
func lines(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	problems, ok := errors.AsType[*catalog.Problems](err)
	if !ok {
		tb.Fatalf("error is %T, want *catalog.Problems: %v", err, err)
	}
	told := make([]string, len(problems.List))
	for i, p := range problems.List {
		told[i] = p.String()
	}
	return told
}

// eachOnce checks that every wanted text is in a line of its own, and that
// nothing else was said.
func eachOnce(tb testing.TB, got, want []string) {
	tb.Helper()
	left := append([]string(nil), got...)
	for _, text := range want {
		found := -1
		for i, line := range left {
			if strings.Contains(line, text) {
				found = i
				break
			}
		}
		if found < 0 {
			tb.Errorf("no problem says %q; got\n  %s", text, strings.Join(got, "\n  "))
			continue
		}
		left = append(left[:found], left[found+1:]...)
	}
	for _, line := range left {
		tb.Errorf("unexpected problem: %s", line)
	}
}

// sized looks at no file: every source has the named pixels, else 1280x720.
func sized(pixels map[string][2]int) func(context.Context, string) (media.Image, error) {
	return func(_ context.Context, source string) (media.Image, error) {
		size, ok := pixels[source]
		if !ok {
			size = [2]int{1280, 720}
		}
		return media.Image{
			Source: source, Type: "image/png", Width: size[0], Height: size[1], Bytes: 1000,
			SHA256: strings.Repeat("ab", 32),
		}, nil
	}
}
