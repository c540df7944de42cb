package ledger

import (
	"embed"
	"io/fs"
)

// schemaVersion is the number of the newest migration, the same in every
// engine.
const schemaVersion = 4

//go:embed migrations
var migrationFiles embed.FS

// migrations are the numbered files of an engine.
func migrations(engine string) fs.FS {
	files, err := fs.Sub(migrationFiles, "migrations/"+engine)
	if err != nil {
		return migrationFiles // the name is a valid one: it does not come to this
	}
	return files
}
