package config

import (
	"path/filepath"

	"github.com/klingctl/klingctl/internal/fault"
)

// Dirs are the folders of the user. None is made here.
type Dirs struct {
	// Config holds config.yaml and models.d.
	Config string
	// State holds the ledger, and below sandbox/ the emulator's.
	State string
}

// FindDirs follows the XDG base directory rules on every Unix, macOS included,
// and the known folders on Windows, where names of variables come in capitals.
// An environment without any home gives empty folders, and naming a file
// becomes the user's business.
func FindDirs(env map[string]string, goos string) (Dirs, error) {
	if goos == "windows" {
		return Dirs{
			Config: below(env["APPDATA"], "klingctl"),
			State:  below(env["LOCALAPPDATA"], "klingctl"),
		}, nil
	}
	home := env["HOME"]
	needed := !filepath.IsAbs(env["XDG_CONFIG_HOME"]) || !filepath.IsAbs(env["XDG_STATE_HOME"])
	if needed && home != "" && !filepath.IsAbs(home) {
		return Dirs{}, &fault.Error{Kind: fault.Usage, Op: "find the home folder", Subject: home, Detail: "HOME is not an absolute path"}
	}
	return Dirs{
		Config: xdg(env["XDG_CONFIG_HOME"], home, ".config"),
		State:  xdg(env["XDG_STATE_HOME"], home, filepath.Join(".local", "state")),
	}, nil
}

// xdg ignores a relative value, as the base directory rules demand.
func xdg(value, home, usual string) string {
	switch {
	case filepath.IsAbs(value):
		return filepath.Join(value, "klingctl")
	case home == "":
		return ""
	}
	return filepath.Join(home, usual, "klingctl")
}

func below(folder, name string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, name)
}
