package sandbox

// ScenarioDoc describes one scenario for help texts.
type ScenarioDoc struct {
	Name string // as written in a marker or an option
	Arg  string // what may follow the colon; empty when nothing
	What string // what happens, one line
}

// Scenarios lists every scenario, in the order in which a job meets them.
func Scenarios() []ScenarioDoc {
	return []ScenarioDoc{
		{"succeed", "", "the job is queued, runs and succeeds"},
		{"moderated", "", "the job fails with the provider's words for refused content"},
		{"failed", "", "the job fails for a technical reason"},
		{"slow", "duration", "the generation takes this long, 1m unless given"},
		{"never", "", "the job runs and never ends"},
		{"queued", "", "the job never leaves the queue"},
		{"unknown-state", "", "the status says a word nobody documented, then succeeded"},
		{"not-found", "looks", "the first looks (2) do not find the job"},
		{"busy-status", "looks[:seconds]", "the first looks (2) are answered with 429 and Retry-After (1)"},
		{"error-status", "looks", "the first looks (2) are answered with a server error"},
		{"key-status", "looks", "the first looks (2) are answered with: bad key"},
		{"html-status", "looks", "the first looks (2) are answered with 200 and a web page"},
		{"lost-status", "looks", "the first looks (2) end in a reset connection"},

		{"429", "creates[:seconds|date]", "the first creates (1) are refused with 429 and Retry-After (1), seconds or an HTTP date"},
		{"429-empty", "creates", "as 429, with an empty body (new-api's limit by address)"},
		{"envelope-429", "creates", "the first creates (1) are refused with code 429 inside an HTTP 200, where the dialect has envelopes"},
		{"1303", "creates", "the first creates (1) are refused: too many parallel tasks (Kling 1303)"},
		{"401", "", "the create is refused: bad key"},
		{"402", "", "the create is refused: no credit, in the provider's form"},
		{"403", "", "the create is refused: not allowed"},
		{"422", "", "the create is refused: validation"},
		{"455", "", "the create is refused: maintenance"},
		{"500", "", "the create answers a server error; no job is made"},
		{"501", "", "the create answers: generation failed; no job is made"},
		{"502-html", "", "the create answers 502 with a proxy's page; no job is made"},
		{"503", "", "the create answers: unavailable; no job is made"},
		{"504", "", "the create answers a gateway timeout; no job is made"},
		{"505", "", "the create is refused: feature disabled"},
		{"maintenance-html", "", "the create answers 200 with a web page; no job is made"},
		{"redirect-302", "", "the create answers 302 to another host; no job is made"},
		{"redirect-307", "", "the create answers 307 to another host; no job is made"},
		{"redirect-308", "", "the create answers 308 to another host; no job is made"},

		{"lost-reply", "", "the job is made, the connection is reset without an answer"},
		{"eof", "", "the job is made, the connection is closed without an answer"},
		{"half-reply", "", "the job is made, the answer breaks off in its middle"},
		{"hang", "", "the job is made, no answer comes until the client gives up"},
		{"500-created", "", "the job is made, the answer is a server error"},
		{"no-id", "", "the job is made, the answer is a success whose task id is null"},
		{"empty", "", "the job is made, the answer is 200 without a body"},
		{"slow-reply", "", "the job is made, the answer comes one byte each 200 ms"},
		{"no-external", "", "a look-up by external id does not find the job"},

		{"no-url", "", "the job succeeds without a link"},
		{"two-videos", "", "the job succeeds with two links"},
		{"watermark", "", "the result has a watermarked twin (Kling's envelope only)"},
		{"object-result", "", "resultJson is an object and not a string"},
		{"expired", "links", "the result links answer 403; with a number only that many of them, a refreshed one works"},
		{"truncated", "", "a whole download is cut in its middle, ranges work"},
		{"short", "", "the download ends early without a length, ranges are ignored"},
		{"html-file", "", "the download is a web page with status 200"},
		{"stall", "", "a whole download stops in its middle and stays open, ranges work"},
		{"wrong-range", "", "a whole download is cut, a range answers with other bytes than asked for"},
		{"no-range", "", "the first download is cut, ranges are ignored"},
		{shapeMarker, "1|2|3|openai|docs|simple|official|nested", "prompt marker only: the answer shape of a gateway"},
	}
}
