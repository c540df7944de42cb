package job

import (
	"path/filepath"
	"strings"
)

// Folder is the folder that all files of an output go into, "" where a
// placeholder decides about it.
func (o Output) Folder() string {
	folder := filepath.Dir(o.text)
	if o.template && strings.ContainsAny(strings.NewReplacer("{{", "", "}}", "").Replace(folder), "{}") {
		return ""
	}
	if o.template {
		folder = strings.NewReplacer("{{", "{", "}}", "}").Replace(folder)
	}
	return folder
}

// String is the output as the user could have said it.
func (o Output) String() string { return o.text }
