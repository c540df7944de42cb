package config

import "strings"

// Setting is one thing that can be set, declared once. Parsing, checking,
// documentation and completion all come from here.
type Setting struct {
	// Key is its place in the file, dotted.
	Key string
	// Type says what values it takes; Words are those of a Choice.
	Type  Type
	Words []string
	// Default is the value when nobody sets it.
	Default string
	// Flag is the flag that sets it for one command, "" where none does.
	Flag string
	// Help is one line for people.
	Help string
	// Secret values are never shown.
	Secret bool
	// Project permits it in the project file.
	Project bool
}

// Env is the setting's variable: KLINGCTL_ and the key in capitals.
func (s Setting) Env() string { return envName(s.Key) }

// envPrefix begins the names of all variables of ours.
const envPrefix = "KLINGCTL_"

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// uploadMethods are the ways for local images to get a URL.
func uploadMethods() []string { return []string{"none", "kie", "s3"} }

// General lists the settings that stand alone.
func General() []Setting {
	return []Setting{
		{Key: "provider", Type: ProviderName, Flag: "--provider", Help: "provider of a request that names none", Project: true},
		{Key: "model", Type: ModelName, Flag: "--model", Help: "model of a request that names none", Project: true},
		{Key: "output", Type: Path, Flag: "--output", Help: "where files go without -o: a file, a folder, or a template of names", Project: true},
		{Key: "poll_interval", Type: Duration, Default: "0s", Flag: "--poll-interval", Help: "fixed pause between looks at a job; 0s for the schedule", Project: true},
		{Key: "timeout", Type: Duration, Default: "0s", Flag: "--timeout", Help: "bound on a whole command; 0s for none", Project: true},
		{Key: "color", Type: Choice, Words: []string{"auto", "always", "never"}, Default: "auto", Flag: "--color", Help: "auto, always or never", Project: true},
		{Key: "progress", Type: Boolean, Default: "true", Flag: "--no-progress", Help: "draw a progress bar on a terminal", Project: true},
		{Key: "profile", Type: Text, Flag: "--profile", Help: "section of profiles in the user file that is laid over the rest of it"},
		{Key: "sandbox", Type: Boolean, Default: "false", Flag: "--sandbox", Help: "send everything to the offline emulator: no key, no network, no charge"},
		{Key: "keyring", Type: Boolean, Default: "true", Help: "ask the keyring of the system for a key that nothing else gives"},
		{Key: "sandbox_generation_time", Type: Duration, Default: "3s", Help: "how long the emulator takes for a job"},
		{Key: "ledger", Type: Path, Flag: "--ledger", Help: "file of the ledger; by default ledger.db in the state folder"},
		{Key: "guard.window", Type: Duration, Default: "10m", Help: "how long the same request is held back after one that ended"},
		{Key: "limits.per_job", Type: Amounts, Help: "most that one job may cost, such as 2 USD, 200 credits, or several with commas"},
		{Key: "limits.per_day", Type: Amounts, Help: "most that the jobs of a calendar day may cost together, such as 20 USD, 50 jobs"},
		{Key: "limits.per_batch", Type: Amounts, Help: "most that the jobs of a batch may cost together"},
		{Key: "upload.method", Type: Choice, Words: uploadMethods(), Help: "how local images get a URL where a provider takes nothing else: none, kie or s3; by default the provider's own way"},
		{Key: "upload.endpoint", Type: Address, Help: "address of an S3-compatible service; by default Amazon's"},
		{Key: "upload.bucket", Type: Text, Help: "bucket for images"},
		{Key: "upload.prefix", Type: Text, Help: "text before every object's name, such as klingctl/"},
		{Key: "upload.region", Type: Text, Help: "region that requests are signed for; by default AWS_REGION"},
		{Key: "upload.expires", Type: Duration, Default: "24h", Help: "how long presigned links live, at most 168h"},
		{Key: "upload.path_style", Type: Boolean, Default: "false", Help: "put the bucket into the path instead of the host"},
		{Key: "upload.profile", Type: Text, Help: "profile of the shared AWS credentials file"},
		{Key: "upload.delete_after", Type: Boolean, Default: "false", Help: "delete images from the bucket once their job has succeeded"},
		{Key: "upload.allow_http", Type: Boolean, Default: "false", Help: "permit plain http to a service on another machine"},
	}
}

// PerProvider lists the settings that each provider has, under
// providers.<name>.
func PerProvider() []Setting {
	return []Setting{
		{Key: "api_key", Type: Text, Help: "bearer key", Secret: true},
		{Key: "access_key", Type: Text, Help: "access key of a pair that is signed into tokens", Secret: true},
		{Key: "secret_key", Type: Text, Help: "secret key of that pair", Secret: true},
		{Key: "api_key_file", Type: Path, Help: "file that holds the bearer key"},
		{Key: "api_key_cmd", Type: Text, Help: "command that prints the bearer key; it is run without a shell"},
		{Key: "base_url", Type: Address, Help: "root of the API, perhaps with a path prefix"},
		{Key: "allow_http", Type: Boolean, Default: "false", Help: "permit plain http to another machine"},
		{Key: "poll.first", Type: Duration, Default: "0s", Help: "pause before the first look"},
		{Key: "poll.min", Type: Duration, Default: "0s", Help: "least pause between looks"},
		{Key: "poll.max", Type: Duration, Default: "0s", Help: "greatest pause between looks"},
		{Key: "like", Type: ProviderName, Help: "preset whose models and manners a provider of your own has"},
		{Key: "title", Type: Text, Help: "name for people"},
		{Key: "dialect", Type: Text, Help: "createtask, aimlapi, apixo or klingapi"},
		{Key: "console", Type: Address, Help: "where its tasks can be looked at"},
		{Key: "lookup", Type: Choice, Words: []string{"yes", "no", "unverified"}, Help: "yes, no or unverified: can a task be found by our own id"},
		{Key: "upload.method", Type: Choice, Words: uploadMethods(), Help: "how local images get a URL for it: none, kie or s3"},
		{Key: "upload.base_url", Type: Address, Help: "root of its upload API, which gets its key as well"},
	}
}

// Find is the setting that a key names: one that stands alone or one of a
// provider. A key in a profile names the setting of that name outside of it;
// that a profile chooses another is not possible.
func Find(key string) (Setting, bool) {
	profile, plain := cutProfile(key)
	if profile != "" && (plain == "profile" || !validName(profile)) {
		return Setting{}, false
	}
	settings, name := General(), plain
	if rest, ok := strings.CutPrefix(plain, "providers."); ok {
		_, name, _ = strings.Cut(rest, ".")
		settings = PerProvider()
	}
	for _, setting := range settings {
		if setting.Key == name {
			setting.Key = plain
			return setting, true
		}
	}
	return Setting{}, false
}

// projectKeys are the keys that a project file may set.
func projectKeys() map[string]bool {
	keys := map[string]bool{}
	for _, setting := range General() {
		if setting.Project {
			keys[setting.Key] = true
		}
	}
	return keys
}
