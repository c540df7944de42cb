package archtest

// A limit names packages from outside this module and the rooms whose
// production files may, or may not, import them. Test files are free to use
// what has a limit. What is neither ours nor in the standard library must have
// one: that is how a library gets its home.
type limit struct {
	// packages are import paths; a path covers what lies below it.
	packages []string

	// only lists the rooms that may import them; never, when it is set instead,
	// those that may not. With neither they are for test files. A name ending
	// in /... covers the room and those below it.
	only, never []string

	why string
}

// libraries gives each library its home.
func libraries() []limit {
	return []limit{
		{packages: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"}, only: []string{"cmd"}, why: "a verb is glue; rooms stay callable without a command line"},
		{packages: []string{"github.com/spf13/viper"}, only: []string{"config"}, why: "one room decides where a setting came from"},
		{packages: []string{"github.com/fatih/color", "github.com/schollz/progressbar/v3"}, only: []string{"ui"}, why: "one room draws, so that one room can be told not to"},
		{packages: []string{"github.com/zalando/go-keyring"}, only: []string{"keyring"}, why: "one room knows that a keyring can hang, and what a key is bound to"},
		{packages: []string{"golang.org/x/term"}, only: []string{"ui", "cmd"}, why: "whether this is a terminal is asked once and passed on"},
		{packages: []string{"modernc.org/sqlite", "github.com/pressly/goose/v3"}, only: []string{"ledger"}, why: "SQL is written in one room"},
		{packages: []string{"github.com/jackc/pgx/v5"}, only: []string{"ledger", "batch"}, why: "SQL is written in one room; the queue hands its connections to River and holds locks"},
		{packages: []string{"github.com/riverqueue/river"}, only: []string{"batch"}, why: "what waits for workers is queued in one room"},
		{packages: []string{"github.com/google/jsonschema-go"}, only: []string{"catalog"}, why: "what an input may be is decided by the catalog"},
		{packages: []string{"go.yaml.in/yaml/v3"}, only: []string{"catalog", "config"}, why: "files that people write are read in two rooms"},
		{packages: []string{"github.com/aws/smithy-go/aws-http-auth"}, only: []string{"upload"}, why: "only a bucket of the user's is reached with Amazon's signatures"},
		{packages: []string{"github.com/golang-jwt/jwt/v5"}, only: []string{"dialect/klingapi"}, why: "only Kling's own API signs its calls"},
		{packages: []string{"github.com/gabriel-vasile/mimetype", "golang.org/x/image"}, only: []string{"media"}, why: "what a file is, is told in one room"},
		{packages: []string{"golang.org/x/sys"}, only: []string{"fetch", "ledger", "ui", "cmd"}, why: "the operating system is met where files, locks and terminals are"},
		{packages: []string{"github.com/gofrs/flock"}, only: []string{"batch"}, why: "a batch is carried by one process at a time"},

		{packages: []string{"github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal", "go.uber.org/goleak", "github.com/Shopify/toxiproxy/v2", "github.com/rs/zerolog"}, why: "test libraries do not ship"},
	}
}

// bans keeps parts of the standard library where they belong.
func bans() []limit {
	return []limit{
		{packages: []string{"testing"}, why: "test code does not ship"},
		{packages: []string{"C"}, never: []string{everything}, why: "releases are built without cgo, for every system at once"},
		{packages: []string{"database/sql"}, only: []string{"ledger"}, why: "SQL is written in one room"},
		{packages: []string{"net/http"}, never: []string{"kling", "fault", "secret", "dialect/...", "catalog", "media", "ledger", "config", "keyring", "ui", "view"}, why: "exchanges are made by transport, provider, upload and fetch, and nobody else goes out"},
		{packages: []string{"os"}, never: []string{"kling", "fault", "secret", "dialect/..."}, why: "words and codecs are pure: no files, no environment, no process"},
	}
}
