// Command bare is a Cobra program with two verbs and nothing else: what
// klingctl's start-up is compared with.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "bare"}
	for _, name := range []string{"version", "submit"} {
		root.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) { fmt.Println(name) }})
	}
	if root.Execute() != nil {
		os.Exit(1)
	}
}
