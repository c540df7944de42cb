package archtest

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// declared is the house as the tables describe it.
func declared(module string) house {
	return house{module: module, rooms: rooms(), limits: slices.Concat(libraries(), bans())}
}

func TestTreeFollowsTheTable(t *testing.T) {
	t.Parallel()

	root, module, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := readTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range declared(module).problems(files) {
		t.Error(problem)
	}
}

func TestTableIsSound(t *testing.T) {
	t.Parallel()

	for _, flaw := range declared("example.com/house").flaws() {
		t.Error(flaw)
	}
}

// flaws lists what is wrong with the table itself: a room said twice, a name
// nobody has, a rule without a reason, and rooms that could import each other.
func (h house) flaws() []string {
	var found []string
	known := map[string]bool{}
	for _, r := range h.rooms {
		if known[r.name] {
			found = append(found, fmt.Sprintf("room %s is declared twice", r.name))
		}
		if r.why == "" {
			found = append(found, fmt.Sprintf("room %s has no reason", r.name))
		}
		known[r.name] = true
	}
	for _, r := range h.rooms {
		for _, name := range slices.Concat(r.uses, r.tests) {
			if name != everything && !known[name] {
				found = append(found, fmt.Sprintf("room %s uses %s, which is not declared", r.name, name))
			}
		}
		if h.reached(r.uses)[r.name] {
			found = append(found, fmt.Sprintf("room %s reaches itself", r.name))
		}
	}
	for _, l := range h.limits {
		if l.why == "" || len(l.packages) == 0 || (l.only != nil && l.never != nil) {
			found = append(found, fmt.Sprintf("limit on %v needs packages, a reason, and one of only and never", l.packages))
		}
		for _, pattern := range slices.Concat(l.only, l.never) {
			if !slices.ContainsFunc(h.rooms, func(r room) bool { return matches(pattern, r.name) }) {
				found = append(found, fmt.Sprintf("limit on %v names %s, which is not declared", l.packages, pattern))
			}
		}
	}
	return found
}
