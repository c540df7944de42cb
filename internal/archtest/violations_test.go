package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "example.com/house"

// soundTree is a tree in which every room has a file, every limited package is
// used where it belongs, and nothing is amiss.
func soundTree() fstest.MapFS {
	h := declared(module)
	imports := map[string][]string{} // by file
	for _, r := range h.rooms {
		if !r.planned {
			imports[path.Join(folder(r.name), "room.go")] = nil
		}
	}
	for _, l := range h.limits {
		switch {
		case l.only != nil:
			name := path.Join(folder(l.only[0]), "room.go")
			imports[name] = append(imports[name], l.packages...)
		case l.never == nil:
			imports["internal/kling/room_test.go"] = append(imports["internal/kling/room_test.go"], l.packages...)
		}
	}
	tree := fstest.MapFS{}
	for name, list := range imports {
		tree[name] = file(list...)
	}
	return tree
}

// file is a source file with one import a line, the first on line 3.
func file(imports ...string) *fstest.MapFile {
	var text strings.Builder
	text.WriteString("package room\n\n")
	for _, name := range imports {
		fmt.Fprintf(&text, "import _ %q\n", name)
	}
	return &fstest.MapFile{Data: []byte(text.String())}
}

func TestSoundTreeHasNoProblems(t *testing.T) {
	t.Parallel()

	if got := problemsOf(t, soundTree()); len(got) > 0 {
		t.Errorf("got problems %q, want none", got)
	}
}

func TestAllowedImports(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ file, imports string }{
		"a room uses the words":                    {"internal/ledger/x.go", module + "/internal/kling"},
		"a room uses the room below":               {"internal/job/x.go", module + "/internal/provider"},
		"cmd wires any room":                       {"cmd/x.go", module + "/internal/sandbox"},
		"main calls cmd":                           {"main.go", module + "/cmd"},
		"an external test imports its own room":    {"internal/sandbox/x_test.go", module + "/internal/sandbox"},
		"a test reaches what its room reaches":     {"internal/job/x_test.go", module + "/internal/transport"},
		"a test starts the sandbox":                {"internal/ledger/x_test.go", module + "/internal/sandbox"},
		"a dialect's test runs the contract suite": {"internal/dialect/apixo/x_test.go", module + "/internal/dialect/dialecttest"},
		"a test compares with go-cmp":              {"internal/sandbox/x_test.go", "github.com/google/go-cmp/cmp"},
		"the contract suite is test code":          {"internal/dialect/dialecttest/x.go", "testing"},
		"a codec's test reads its golden files":    {"internal/dialect/apixo/x_test.go", "os"},
		"a limit covers what lies below":           {"internal/media/x.go", "golang.org/x/image/draw"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tree := soundTree()
			tree[c.file] = file(c.imports)
			if got := problemsOf(t, tree); len(got) > 0 {
				t.Errorf("got problems %q, want none", got)
			}
		})
	}
}

func TestForbiddenImports(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ file, imports, why string }{
		"a word reaches the network":                {"internal/kling/x.go", "net/http", "nobody else goes out"},
		"a word reaches a helper of the network":    {"internal/fault/x.go", "net/http/httptrace", "nobody else goes out"},
		"a codec reads the environment":             {"internal/dialect/x.go", "os", "words and codecs are pure"},
		"a codec runs a command":                    {"internal/dialect/klingapi/x.go", "os/exec", "words and codecs are pure"},
		"a codec uses its sibling":                  {"internal/dialect/apixo/x.go", module + "/internal/dialect/aimlapi", pureCodec},
		"a codec looks into the catalog":            {"internal/dialect/apixo/x.go", module + "/internal/catalog", pureCodec},
		"a lower room imports upward":               {"internal/transport/x.go", module + "/internal/provider", "know no vendor"},
		"a lower room's test imports upward":        {"internal/transport/x_test.go", module + "/internal/provider", "know no vendor"},
		"the sandbox uses the words":                {"internal/sandbox/x.go", module + "/internal/kling", "evidence only"},
		"the sandbox's test uses a dialect":         {"internal/sandbox/x_test.go", module + "/internal/dialect", "evidence only"},
		"the sandbox takes a library":               {"internal/sandbox/x.go", "golang.org/x/term", "asked once"},
		"main wires by itself":                      {"main.go", module + "/internal/job", "everything else is cmd"},
		"cmd ships test code of ours":               {"cmd/x.go", module + "/internal/dialect/dialecttest", "only tests may import it"},
		"a room ships a test library":               {"internal/job/x.go", "github.com/google/go-cmp/cmp", "do not ship"},
		"a room ships the testing package":          {"internal/job/x.go", "testing/synctest", "does not ship"},
		"Cobra leaves cmd":                          {"internal/config/x.go", "github.com/spf13/cobra", "a verb is glue"},
		"SQL leaves the ledger":                     {"internal/job/x.go", "database/sql", "SQL is written in one room"},
		"colour leaves the terminal":                {"internal/view/x.go", "github.com/fatih/color", "one room draws"},
		"a room takes a library without a home":     {"internal/job/x.go", "github.com/sirupsen/logrus", "no home yet"},
		"a test takes a library without a home":     {"internal/job/x_test.go", "github.com/stretchr/testify/assert", "no home yet"},
		"a room imports one that does not exist":    {"internal/job/x.go", module + "/internal/util", "no such room"},
		"a build needs cgo":                         {"internal/ledger/x.go", "C", "without cgo"},
		"a file for another system is read as well": {"internal/kling/x_windows.go", "net/http", "nobody else goes out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tree := soundTree()
			tree[c.file] = file(c.imports)
			wantProblem(t, tree, fmt.Sprintf("%s:3: imports %q: ", c.file, c.imports), c.why)
		})
	}
}

func TestMisshapenTrees(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		change func(tree fstest.MapFS)
		want   string
	}{
		"a room nobody declared": {
			func(tree fstest.MapFS) { tree["internal/util/x.go"] = file() },
			"internal/util/x.go: no room is declared for internal/util",
		},
		"a room below one that is declared": {
			func(tree fstest.MapFS) { tree["cmd/flags/x.go"] = file() },
			"cmd/flags/x.go: no room is declared for cmd/flags",
		},
		"a room outside of internal": {
			func(tree fstest.MapFS) { tree["kling/x.go"] = file() },
			"kling/x.go: no room is declared for kling",
		},
		"a declared room without files": {
			func(tree fstest.MapFS) { delete(tree, "internal/transport/room.go") },
			"room transport is declared but internal/transport has no production file",
		},
		"a declared room with tests only": {
			func(tree fstest.MapFS) {
				tree["internal/transport/x_test.go"] = tree["internal/transport/room.go"]
				delete(tree, "internal/transport/room.go")
			},
			"room transport is declared but internal/transport has no production file",
		},
		"a planned room with files": {
			func(tree fstest.MapFS) { tree["internal/webhook/x_test.go"] = file() },
			"room webhook has files but is marked planned",
		},
		"a limit that has become pointless": {
			func(tree fstest.MapFS) { tree["internal/dialect/klingapi/room.go"] = file() },
			"limit on github.com/golang-jwt/jwt/v5: nobody imports it any more",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tree := soundTree()
			c.change(tree)
			wantProblem(t, tree, c.want, "")
		})
	}
}

func TestFoldersTheGoCommandSkips(t *testing.T) {
	t.Parallel()

	tree := soundTree()
	for _, dir := range []string{"cmd/testdata/script", ".ci", "_old", "vendor/x"} {
		tree[dir+"/x.go"] = file("net/http")
	}
	if got := problemsOf(t, tree); len(got) > 0 {
		t.Errorf("got problems %q, want none", got)
	}
}

func TestUnreadableFileIsAnError(t *testing.T) {
	t.Parallel()

	tree := soundTree()
	tree["internal/kling/x.go"] = &fstest.MapFile{Data: []byte("import before package")}
	if _, err := readTree(tree); err == nil || !strings.Contains(err.Error(), "internal/kling/x.go") {
		t.Errorf("readTree: got error %v, want one that names internal/kling/x.go", err)
	}
}

func TestFlawsOfATable(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		house house
		want  string
	}{
		"a room said twice":     {house{rooms: []room{{name: "a", why: "x"}, {name: "a", why: "x"}}}, "room a is declared twice"},
		"a room without reason": {house{rooms: []room{{name: "a"}}}, "room a has no reason"},
		"an unknown room":       {house{rooms: []room{{name: "a", uses: []string{"b"}, why: "x"}}}, "room a uses b, which is not declared"},
		"a circle": {house{rooms: []room{
			{name: "a", uses: []string{"b"}, why: "x"}, {name: "b", uses: []string{"a"}, why: "x"},
		}}, "room a reaches itself"},
		"a limit without reason": {house{limits: []limit{{packages: []string{"os"}}}}, "limit on [os] needs"},
		"a limit for nobody":     {house{limits: []limit{{packages: []string{"os"}, only: []string{"a"}, why: "x"}}}, "limit on [os] names a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := c.house.flaws()
			if !slices.ContainsFunc(got, func(flaw string) bool { return strings.HasPrefix(flaw, c.want) }) {
				t.Errorf("got flaws %q, want one that starts with %q", got, c.want)
			}
		})
	}
}

func TestModulePath(t *testing.T) {
	t.Parallel()

	if got := modulePath("// a comment\nmodule example.com/house\n\ngo 1.26\n"); got != module {
		t.Errorf("got module %q, want %q", got, module)
	}
}

func problemsOf(t *testing.T, tree fstest.MapFS) []string {
	t.Helper()

	files, err := readTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	return declared(module).problems(files)
}

// wantProblem wants exactly one problem, which starts so and gives the reason.
func wantProblem(t *testing.T, tree fstest.MapFS, start, why string) {
	t.Helper()

	got := problemsOf(t, tree)
	if len(got) != 1 || !strings.HasPrefix(got[0], start) || !strings.Contains(got[0], why) {
		t.Errorf("got problems %q, want one that starts with %q and says %q", got, start, why)
	}
}
