package archtest

import "strings"

// A room is one package of this module and what it may import of the others.
type room struct {
	name string

	// uses lists the rooms that production files may import, beside the words.
	// A test file may import whatever its room reaches through these as well.
	uses []string

	// alone refuses even the words, and the common helpers to the room's tests.
	alone bool

	// tests lists what only the room's test files may import in addition.
	tests []string

	// planned rooms come later. They must have no files while they say so.
	planned bool

	// why is what a reader is told when the room imports something else.
	why string
}

// words are the rooms that every room but a lone one may import.
func words() []string { return []string{"kling", "fault", "secret"} }

// helpers are what every room's test files may import, unless it is alone,
// beside the rooms made for tests.
func helpers() []string { return []string{"sandbox", "sandbox/clip"} }

// everything stands for all rooms that production code can be made of.
const everything = "*"

// rooms is the architecture, from the words upward. Names are folders below
// internal/, but for main (the module's root), cmd and configs.
func rooms() []room {
	dialects := []string{"dialect/createtask", "dialect/aimlapi", "dialect/apixo", "dialect/klingapi"}

	return []room{
		{name: "kling", why: "the words know no vendor, no clock and no I/O"},
		{name: "fault", why: "one error type serves every room, so it knows none of them"},
		{name: "secret", alone: true, why: "a string that cannot print itself needs nobody"},

		{name: "configs", alone: true, why: "data, no logic: it only embeds its files"},
		{name: "media", why: "what an image or a film is does not depend on who sells it"},
		{name: "catalog", uses: []string{"configs", "media"}, why: "offers are data checked by schema; no exchange, no vendor code"},

		{name: "dialect", why: "the shape of an exchange, shared by all vendors and knowing none"},
		{name: "dialect/createtask", uses: []string{"dialect"}, why: pureCodec},
		{name: "dialect/aimlapi", uses: []string{"dialect"}, why: pureCodec},
		{name: "dialect/apixo", uses: []string{"dialect"}, why: pureCodec},
		{name: "dialect/klingapi", uses: []string{"dialect"}, why: pureCodec},
		{name: "dialect/all", uses: append([]string{"dialect"}, dialects...), why: "a visible list of the dialects and nothing else"},
		{name: "dialect/dialecttest", uses: []string{"dialect", "catalog", "sandbox"}, why: "the contract suite judges dialects by the documents, not by the client"},

		{name: "transport", why: "round trippers serve every exchange and know no vendor"},
		{name: "provider", uses: []string{"dialect", "catalog", "transport"}, tests: []string{"dialect/all"}, why: "one exchange: the life of a job is told above it, in job"},
		{name: "upload", uses: []string{"transport", "media"}, why: "makes a local file reachable; what it is for is not its business"},
		{name: "fetch", uses: []string{"transport", "media"}, why: "a URL to a checked file; what the file is for is not its business"},
		{name: "ledger", why: "what is remembered: SQL and migrations, no decisions"},

		{name: "job", uses: []string{"provider", "ledger", "catalog", "fetch", "media", "upload", "dialect"}, tests: []string{"dialect/all"}, why: "the life of one job, which neither settings nor the screen may steer"},
		{name: "batch", uses: []string{"job", "catalog"}, tests: []string{"dialect/all"}, why: "many jobs are moved through job only, or its promises would be made twice"},
		{name: "webhook", uses: []string{"job", "dialect"}, planned: true, why: "a callback is decoded by a dialect and handed to job"},

		{name: "sandbox", uses: []string{"sandbox/clip"}, alone: true, why: "agreement with the client is evidence only while it imports nothing of ours"},
		{name: "sandbox/clip", alone: true, why: "an encoder in the sandbox's service, under the same rule"},

		{name: "faulttest", uses: []string{"sandbox/clip"}, alone: true, why: "a server that goes wrong must not know whom it is to mislead"},

		{name: "config", why: "settings and where they came from; cmd carries them to those who need them"},
		{name: "keyring", why: "how a key is kept; which key is wanted, and from where first, is decided by config and cmd"},
		{name: "ui", why: "terminal, width, colour and bars: how to draw, not what"},
		{name: "view", uses: []string{"ui", "catalog", "media"}, why: "the output contract is rendered from values, never from work under way"},

		{name: "cmd", uses: []string{everything}, why: "the only place that wires, from production rooms only"},
		{name: "main", uses: []string{"cmd"}, alone: true, why: "process facts in, exit code out; everything else is cmd"},
		{name: "archtest", alone: true, why: "it reads the tree and must not depend on it"},
	}
}

const pureCodec = "a dialect is a pure codec: no sibling, no catalog, no client"

// folder is where a room lives, slash-separated below the module's root.
func folder(name string) string {
	switch name {
	case "main":
		return "."
	case "cmd", "configs":
		return name
	default:
		return "internal/" + name
	}
}

// testOnly tells the rooms that only tests may import.
func testOnly(name string) bool { return strings.HasSuffix(name, "test") }
