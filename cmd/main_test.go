package cmd

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write golden files, scripts and generated pages anew")

// testVersion is what the program under test calls itself.
const testVersion = "v0.0.0-test"

// canary begins no real key. It must turn up nowhere but where a script put it.
const canary = "canary-0a91c7f3e5"

// TestMain lets the test binary be klingctl when it is called by that name, so
// that every script and every signal meets a real process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"klingctl": func() { os.Exit(Main(testVersion)) },
		"tell":     func() { os.Exit(tell(os.Args[1:])) },
	})
}

// TestScripts runs what users see: testdata/script/<verb>_<case>.txtar.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setupScript,
		Cmds:                scriptCommands(),
	})
}

// setupScript gives a script an empty home, a fast emulator and no key.
func setupScript(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Vars = append(env.Vars, quickEnviron(home)...)
	env.Vars = append(env.Vars, "CANARY="+canary, "ESC=\x1b", "BEL=\a", "RTL=\u202e")
	repository, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	env.Vars = append(env.Vars, "REPO="+repository)
	env.Defer(func() { checkLeft(env) })
	return os.MkdirAll(home, 0o700)
}

// quickEnviron is the environment of a process under test. Under the race
// detector a process would sleep for a second at its end.
func quickEnviron(home string) []string {
	return []string{
		"HOME=" + home, "AppData=" + home, "LocalAppData=" + home, "TZ=UTC",
		"KLINGCTL_SANDBOX_GENERATION_TIME=100ms", "KLINGCTL_POLL_INTERVAL=25ms",
		"GORACE=atexit_sleep_ms=0", "KLINGCTL_KEYRING=false",
	}
}

// checkLeft searches everything that a script left on disk for keys, and for
// temporary files.
func checkLeft(env *testscript.Env) {
	err := filepath.WalkDir(env.WorkDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || mayHoldKey(path) {
			return err
		}
		data, err := os.ReadFile(path)
		if word := leaked(data); word != "" {
			return fmt.Errorf("%s holds %s", path, word)
		}
		return err
	})
	if err != nil {
		env.T().Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(env.WorkDir, ".tmp"))
	if err == nil && len(left) > 0 {
		env.T().Fatal("left in the folder for temporary files: " + left[0].Name())
	}
}

// mayHoldKey tells the files into which scripts write keys themselves.
func mayHoldKey(path string) bool {
	return slices.Contains([]string{"config.yaml", "user.yaml"}, filepath.Base(path)) ||
		filepath.Ext(path) == ".key"
}

// leaked names the secret that a text holds: the canary as it is or in Base64,
// or a signed token. "" means none.
func leaked(text []byte) string {
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), canary...))
		if inner := encoded[4 : len(encoded)-4]; bytes.Contains(text, []byte(inner)) {
			return "the key in Base64"
		}
	}
	switch {
	case bytes.Contains(text, []byte(canary)):
		return "the key"
	case bytes.Contains(text, []byte("eyJhbGciOi")):
		return "a signed token"
	}
	return ""
}
