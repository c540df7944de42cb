package config

import (
	"fmt"
	"strings"
)

const templateHead = `# Settings of klingctl. What stands here yields to a project file
# (.klingctl.yaml), to the environment and to flags; "klingctl config list"
# shows what holds and why.
#
# Keys are better kept elsewhere: "klingctl auth login --provider NAME", a
# variable such as KIE_API_KEY, or a file of their own (api_key_file).
`

const templateTail = `
# providers:
#   kie:
#     api_key_file: ~/.config/klingctl/kie.key
#   studio:
#     # A gateway of your own with the models and manners of a preset.
#     like: powertokens
#     base_url: https://kling.studio.example

# What is different for one purpose: --profile work, or KLINGCTL_PROFILE=work.
# profiles:
#   work:
#     provider: kling
`

// Template is a user file that explains itself: every setting that stands
// alone as a comment with its default, but for those that were chosen.
func Template(chosen map[string]string) []byte {
	var text strings.Builder
	text.WriteString(templateHead)
	section := ""
	for _, setting := range General() {
		group, name, nested := strings.Cut(setting.Key, ".")
		value, given := chosen[setting.Key]
		switch {
		case nested && group != section:
			fmt.Fprintf(&text, "\n# %s:\n", group)
			fallthrough
		case nested:
			fmt.Fprintf(&text, "#   # %s\n#   %s\n", setting.Help, pairOf(name, setting.Default))
		case given && value != "":
			fmt.Fprintf(&text, "\n# %s\n%s\n", setting.Help, pairOf(setting.Key, value))
		default:
			fmt.Fprintf(&text, "\n# %s\n# %s\n", setting.Help, pairOf(setting.Key, setting.Default))
		}
		section = ""
		if nested {
			section = group
		}
	}
	text.WriteString(templateTail)
	return []byte(text.String())
}

func pairOf(name, value string) string {
	if value == "" {
		return name + ":"
	}
	return name + ": " + marshalled(value)
}
