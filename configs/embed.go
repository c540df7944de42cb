// Package configs carries the built-in data of the program: one file a model
// offer and one file of provider presets. It holds no logic and reads nothing
// from the machine it runs on.
package configs

import "embed"

//go:embed models/*.yaml providers.yaml
var files embed.FS

// FS returns the built-in files, read-only: providers.yaml and models/*.yaml.
func FS() embed.FS { return files }
