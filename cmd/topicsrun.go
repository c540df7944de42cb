package cmd

import (
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/sandbox"
)

func exitCodeSections(*catalog.Catalog) []section {
	var codes, states []entry
	for _, code := range exitCodes() {
		codes = append(codes, entry{strconv.Itoa(code.Code), code.Meaning, strings.ReplaceAll(code.Next, "`", "")})
	}
	for _, state := range kling.States() {
		states = append(states, entry{word: string(state), what: strconv.Itoa(codeOfState(state))})
	}
	return []section{
		{
			text: `"Just run it again" can cost money, so three situations have codes of their own: 7 (the job goes on),
				10 (the video is there, only its file is missing) and 11 (nobody can tell whether the job was bought).
				Several jobs end with the code that all share; else with 11 when one is unknown, else with 6.`,
			entries: codes,
		},
		{title: "States of a job", text: `"wait" and "status --exit-status" end with the code of the job's state.`, entries: states},
	}
}

func scenarioSections(*catalog.Catalog) []section {
	var entries []entry
	for _, scenario := range sandbox.Scenarios() {
		entries = append(entries, entry{word: marker(scenario), what: scenario.What})
	}
	return []section{
		{
			text: `A marker in the prompt plays one: klingctl submit --sandbox -i a.png -p "a boat [[moderated]]" --wait.
				The last marker counts. "klingctl sandbox serve --scenario NAME" plays one for every request without a
				marker.`,
			entries: entries,
		},
		{
			title: "Keys", text: `Keys play as well, with any provider.`,
			entries: []entry{
				{word: "invalid...", what: "a key that begins so is refused"},
				{word: "poor...", what: "a key that begins so has no credit left"},
			},
		},
	}
}

// filePlaceholders are those of -o and of the output setting.
func filePlaceholders() []entry {
	return []entry{
		{word: "{stem}", what: "name of the image without its ending; video without an image"},
		{word: "{model}", what: "id of the model"},
		{word: "{provider}", what: "name of the provider"},
		{word: "{kind}", what: "image-to-video or text-to-video"},
		{word: "{seconds}", what: "length of the video"},
		{word: "{id}", what: "id of the job"},
		{word: "{id8}", what: "the first eight characters of it"},
		{word: "{date}", what: "day of the submission, as in 2026-03-01"},
		{word: "{row}", what: "id of the row in a batch, else the stem"},
		{word: "{batch}", what: "id of the batch"},
	}
}

// promptPlaceholders are those of prompts in a batch.
func promptPlaceholders() []entry {
	return []entry{
		{word: "{stem}", what: "name of the row's image without its ending"},
		{word: "{name}", what: "name of the image"},
		{word: "{dir}", what: "name of the folder it is in"},
		{word: "{caption}", what: "text of the .txt file beside the image"},
		{word: "{row}", what: "id of the row; {id} is the same"},
		{word: "{COLUMN}", what: "any column of the manifest, by its name"},
	}
}

// execPlaceholders are those of --exec.
func execPlaceholders() []entry {
	return []entry{
		{word: "{path}", what: "the video"},
		{word: "{dir}", what: "the folder it is in"},
		{word: "{stem}", what: "its name without .mp4"},
		{word: "{id}", what: "id of the job"},
		{word: "{ref}", what: "reference that any machine understands"},
		{word: "{model}", what: "id of the model"},
		{word: "{provider}", what: "name of the provider"},
	}
}

func templateSections(*catalog.Catalog) []section {
	return []section{
		{text: `{{ and }} are braces. A placeholder that does not exist is refused before anything is sent.`},
		{
			title: "Names of files, -o",
			text: `For example -o "{stem}-{model}-{id8}.mp4". What a placeholder stands for becomes one safe element of a
				path. A second video of a job gets -2 behind its name, one with a watermark -watermark.`,
			entries: filePlaceholders(),
		},
		{
			title: "Prompts in a batch",
			text:  `For example klingctl batch run shots/ -p "slow pan over {stem}" -o out/. Elsewhere a prompt is taken as it is.`, entries: promptPlaceholders(),
		},
		{
			title: "Commands, --exec",
			text: `For example --exec "ffmpeg -i {path} -vframes 1 {dir}/{stem}.jpg". The command is run for each video,
				without a shell.`,
			entries: execPlaceholders(),
		},
	}
}

func columnSections(*catalog.Catalog) []section {
	entries := []entry{
		{word: "id", what: "id of the row, which must be its own; by default the place of its image or a number"},
		{word: "provider", what: "name of the provider"},
		{word: "model", what: "id of the model"},
		{word: "kind", what: "image-to-video or text-to-video"},
	}
	written := strings.NewReplacer(", an https URL, or - for standard input", " or an https URL", ", or - for standard input", "")
	for _, flag := range canonicalFlags() {
		entries = append(entries, entry{word: flag.name, what: written.Replace(flag.help)})
	}
	return []section{
		{
			text: `klingctl batch run reads a folder of images, a pattern in quotes, .csv or .tsv with names in the first line,
				.jsonl with an object a line, .txt with an image a line, and - for standard input. A column that is
				empty says nothing: the flags of the command line do, then batch.yaml or the file of --from. Images of a manifest
				are found from its own folder.`,
			entries: append(entries,
				entry{word: "param.NAME", what: "any other property of the model, as with --param"},
				entry{word: "anything else", what: "only for placeholders: {NAME} in --prompt"}),
		},
	}
}
