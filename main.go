// Command klingctl turns images and prompts into Kling videos through any of
// several API providers.
package main

import (
	"os"

	"github.com/klingctl/klingctl/cmd"
)

// version is set by the release build; the linker can set nothing but a global.
var version string

func main() { os.Exit(cmd.Main(version)) }
