package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// nearest picks the known names most like a name, at most limit of them.
func nearest(name string, known []string, limit int) []string {
	type scored struct {
		name  string
		score int
	}
	var similar []scored
	asked := strings.ToLower(name)
	if len(asked) > 200 {
		return nil
	}
	for _, candidate := range known {
		lower := strings.ToLower(candidate)
		distance := editDistance(asked, lower)
		part := len(asked) >= 3 && (strings.Contains(lower, asked) || strings.Contains(asked, lower))
		if part {
			distance = min(distance, 2)
		}
		if part || distance <= max(2, len(asked)/3) {
			similar = append(similar, scored{candidate, distance})
		}
	}
	slices.SortStableFunc(similar, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range similar {
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names[:min(len(names), limit)]
}

// editDistance counts insertions, deletions and substitutions of bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
