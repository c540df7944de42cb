package config

import "strings"

// Setting is one thing that can be set, declared once.
type Setting struct {
	// Key is its place in the file, dotted; {x} stands for a provider.
	Key string
	// Default is the value when nobody sets it.
	Default string
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

// General lists the settings that stand alone.
func General() []Setting {
	return []Setting{
		{Key: "provider", Help: "provider of a request that names none", Project: true},
		{Key: "model", Help: "model of a request that names none", Project: true},
		{Key: "output", Help: "where files go without -o: a file, a folder, or a template of names", Project: true},
		{Key: "poll_interval", Default: "0s", Help: "fixed pause between looks at a job; 0s for the schedule", Project: true},
		{Key: "timeout", Default: "0s", Help: "bound on a whole command; 0s for none", Project: true},
		{Key: "color", Default: "auto", Help: "auto, always or never", Project: true},
		{Key: "progress", Default: "true", Help: "draw a progress bar on a terminal", Project: true},
		{Key: "sandbox", Default: "false", Help: "send everything to the offline emulator: no key, no network, no charge"},
		{Key: "sandbox_generation_time", Default: "3s", Help: "how long the emulator takes for a job"},
		{Key: "ledger", Help: "file of the ledger; by default ledger.db in the state folder"},
		{Key: "guard.window", Default: "10m", Help: "how long the same request is held back after one that ended"},
		{Key: "limits.per_job", Help: "most that one job may cost, such as 2 USD, 200 credits, or several with commas"},
		{Key: "limits.per_day", Help: "most that the jobs of a calendar day may cost together, such as 20 USD, 50 jobs"},
		{Key: "limits.per_batch", Help: "most that the jobs of a batch may cost together"},
		{Key: "upload.method", Help: "how local images get a URL where a provider takes nothing else: none, kie or s3; by default the provider's own way"},
		{Key: "upload.endpoint", Help: "address of an S3-compatible service; by default Amazon's"},
		{Key: "upload.bucket", Help: "bucket for images"},
		{Key: "upload.prefix", Help: "text before every object's name, such as klingctl/"},
		{Key: "upload.region", Help: "region that requests are signed for; by default AWS_REGION"},
		{Key: "upload.expires", Default: "24h", Help: "how long presigned links live, at most 168h"},
		{Key: "upload.path_style", Default: "false", Help: "put the bucket into the path instead of the host"},
		{Key: "upload.profile", Help: "profile of the shared AWS credentials file"},
		{Key: "upload.delete_after", Default: "false", Help: "delete images from the bucket once their job has succeeded"},
		{Key: "upload.allow_http", Default: "false", Help: "permit plain http to a service on another machine"},
	}
}

// PerProvider lists the settings that each provider has, under
// providers.<name>.
func PerProvider() []Setting {
	return []Setting{
		{Key: "api_key", Help: "bearer key", Secret: true},
		{Key: "access_key", Help: "access key of a pair that is signed into tokens", Secret: true},
		{Key: "secret_key", Help: "secret key of that pair", Secret: true},
		{Key: "api_key_file", Help: "file that holds the bearer key"},
		{Key: "base_url", Help: "root of the API, perhaps with a path prefix"},
		{Key: "allow_http", Default: "false", Help: "permit plain http to another machine"},
		{Key: "poll.first", Default: "0s", Help: "pause before the first look"},
		{Key: "poll.min", Default: "0s", Help: "least pause between looks"},
		{Key: "poll.max", Default: "0s", Help: "greatest pause between looks"},
		{Key: "like", Help: "preset whose models and manners a provider of your own has"},
		{Key: "title", Help: "name for people"},
		{Key: "dialect", Help: "createtask, aimlapi, apixo or klingapi"},
		{Key: "console", Help: "where its tasks can be looked at"},
		{Key: "lookup", Help: "yes, no or unverified: can a task be found by our own id"},
		{Key: "upload.method", Help: "how local images get a URL for it: none, kie or s3"},
		{Key: "upload.base_url", Help: "root of its upload API, which gets its key as well"},
	}
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
