package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// A house is the table that a tree is held against.
type house struct {
	module string
	rooms  []room
	limits []limit
}

// problems lists, in order, where the tree departs from the table. A problem
// about an import names the file and line, the import and the reason.
func (h house) problems(files []source) []string {
	var found []string
	present := map[string]bool{} // rooms with files of any kind
	built := map[string]bool{}   // rooms with production files
	imported := map[string]bool{}
	strangers := map[string]string{}

	for _, file := range files {
		dir := path.Dir(file.path)
		r, ok := h.at(dir)
		if !ok {
			strangers[dir] = file.path
			continue
		}
		present[r.name] = true
		built[r.name] = built[r.name] || !file.test()
		for _, imp := range file.imports {
			imported[imp.path] = true
			if why := h.refusal(r, file.test(), imp.path); why != "" {
				found = append(found, fmt.Sprintf("%s:%d: imports %q: %s", file.path, imp.line, imp.path, why))
			}
		}
	}

	for _, dir := range slices.Sorted(maps.Keys(strangers)) {
		found = append(found, fmt.Sprintf("%s: no room is declared for %s: give it a line in the table of rooms", strangers[dir], dir))
	}
	for _, r := range h.rooms {
		switch {
		case r.planned && present[r.name]:
			found = append(found, fmt.Sprintf("room %s has files but is marked planned: remove the mark", r.name))
		case !r.planned && !built[r.name]:
			found = append(found, fmt.Sprintf("room %s is declared but %s has no production file", r.name, folder(r.name)))
		}
	}
	return append(found, h.stale(built, imported)...)
}

// stale lists the limits whose packages nobody imports any more, once all the
// rooms they could be at home in are built.
func (h house) stale(built, imported map[string]bool) []string {
	var found []string
	for _, l := range h.limits {
		waiting := slices.ContainsFunc(l.only, func(name string) bool { return !built[name] })
		if l.never != nil || waiting {
			continue
		}
		used := slices.ContainsFunc(slices.Collect(maps.Keys(imported)), l.covers)
		if !used {
			found = append(found, fmt.Sprintf("limit on %s: nobody imports it any more: remove the line", strings.Join(l.packages, ", ")))
		}
	}
	return found
}

// refusal says why room r may not import a package, or "" when it may.
func (h house) refusal(r room, test bool, imported string) string {
	test = test || testOnly(r.name)
	if dir, ok := h.ours(imported); ok {
		target, ok := h.at(dir)
		if !ok {
			return "there is no such room"
		}
		return h.refusalOfRoom(r, test, target)
	}
	limited := false
	for _, l := range h.limits {
		if !l.covers(imported) {
			continue
		}
		limited = true
		if !test && !l.allows(r.name) {
			return l.why
		}
	}
	if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") && !limited {
		return "this library has no home yet: give it a limit that says where and why"
	}
	return ""
}

func (h house) refusalOfRoom(r room, test bool, target room) string {
	switch {
	case h.mayUse(r, target), test && r.name == target.name, test && h.testMayUse(r, target):
		return ""
	case testOnly(target.name):
		return "only tests may import it"
	default:
		return r.why
	}
}

// mayUse tells whether production files of r may import target.
func (h house) mayUse(r, target room) bool {
	if slices.Contains(r.uses, everything) {
		return !testOnly(target.name) && target.name != "main"
	}
	return slices.Contains(r.uses, target.name) || !r.alone && slices.Contains(words(), target.name)
}

// testMayUse tells what test files of r may import beyond that: a room reached
// through others, the helpers, and what the table adds.
func (h house) testMayUse(r, target room) bool {
	helper := testOnly(target.name) || slices.Contains(helpers(), target.name)
	if helper && !r.alone || slices.Contains(r.tests, target.name) {
		return true
	}
	return h.reached(slices.Concat(r.uses, r.tests))[target.name]
}

// reached is the set of rooms that the named ones import, and they themselves.
func (h house) reached(names []string) map[string]bool {
	reached := map[string]bool{}
	for queue := slices.Clone(names); len(queue) > 0; queue = queue[1:] {
		if next, ok := h.at(folder(queue[0])); ok && !reached[next.name] {
			reached[next.name] = true
			queue = append(queue, next.uses...)
		}
	}
	return reached
}

// at finds the room of a folder.
func (h house) at(dir string) (room, bool) {
	i := slices.IndexFunc(h.rooms, func(r room) bool { return folder(r.name) == dir })
	if i < 0 {
		return room{}, false
	}
	return h.rooms[i], true
}

// ours maps an import path to a folder, when it is one of this module's.
func (h house) ours(imported string) (dir string, ok bool) {
	if imported == h.module {
		return ".", true
	}
	return strings.CutPrefix(imported, h.module+"/")
}

func (l limit) covers(imported string) bool {
	return slices.ContainsFunc(l.packages, func(name string) bool {
		return imported == name || strings.HasPrefix(imported, name+"/")
	})
}

func (l limit) allows(name string) bool {
	if l.never != nil {
		return !slices.ContainsFunc(l.never, func(pattern string) bool { return matches(pattern, name) })
	}
	return slices.ContainsFunc(l.only, func(pattern string) bool { return matches(pattern, name) })
}

func matches(pattern, name string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == base || strings.HasPrefix(name, base+"/")
	}
	return pattern == everything || pattern == name
}
