package cmd

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/view"
)

func newVersion(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the version of the program, and what it was built with.",
		Example: "  klingctl version\n  klingctl version --json",
		GroupID: groupMore,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if app.global.json {
				return app.printJSON(view.Version{
					SchemaVersion: view.SchemaVersion, Version: app.process.Version,
					Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
				})
			}
			return app.print("klingctl " + app.process.Version)
		},
	}
}
