package cmd

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// mistaken runs a command line that is refused, and gives what it says.
func mistaken(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(t.Context(), Process{Args: args, Out: &out, Err: &errs, In: strings.NewReader("")}); code != exitUsage {
		t.Errorf("klingctl %q: exit code %d, want %d", args, code, exitUsage)
	}
	if out.Len() > 0 {
		t.Errorf("klingctl %q printed data: %s", args, &out)
	}
	return errs.String()
}

// A mistake is answered with the command line as it was meant.
func TestMistakesAreMended(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, next string }{
		// a flag
		{"submit --imge a.png -p x", "klingctl submit --image a.png -p x"},
		{"submit --imge=a.png", "klingctl submit --image=a.png"},
		{"wait abcd --jsn", "klingctl wait abcd --json"},
		{"submit --promtp x", "klingctl submit --prompt x"},
		{"submit --modl x", "klingctl submit --help"}, // --mode or --model
		{"submit --wholly-other x", "klingctl submit --help"},
		{"--image a.png -p x", "klingctl submit --image a.png -p x"},
		// a value
		{"submit --timeout 15", "klingctl submit --timeout 15s"},
		{"submit --timeout=15", "klingctl submit --timeout=15s"},
		{"jobs list --limit many", "klingctl jobs list --help"},
		{"submit -p x --image", `klingctl submit --sandbox --image photo.png --prompt "slow pan" -o clip.mp4`},
		// a verb
		{"submt --image a.png", "klingctl submit --image a.png"},
		{"stauts abcd", "klingctl status abcd"},
		{"create -i a.png", "klingctl submit -i a.png"},
		{"list", "klingctl jobs list"},
		{"get abcd -o a.mp4", "klingctl download abcd -o a.mp4"},
		{"resolve abcd --not-created", "klingctl jobs resolve abcd --not-created"},
		{"batch rnu shots/ -o out/", "klingctl batch run shots/ -o out/"},
		{"jbos", "klingctl jobs --help"},
		{"completoin bash", "klingctl completion bash"},
		{"wholly-other", "klingctl --help"},
		// an argument that is missing
		{"wait", "klingctl jobs list"},
		{"batch wait", "klingctl batch list"},
		{"image check", "klingctl image check"},
		// a topic
		{"exit-codes", "klingctl help exit-codes"},
		{"help exit-code", "klingctl help exit-codes"},
		{"help subimt", "klingctl help submit"},
	} {
		said := mistaken(t, strings.Fields(test.line)...)
		if !strings.Contains(said+"\n", "next: "+test.next) {
			t.Errorf("klingctl %s: want next: %s\n%s", test.line, test.next, said)
		}
		for line := range strings.Lines(said) {
			_, next, found := strings.Cut(line, "next: ")
			switch words := strings.Fields(next); {
			case !found:
			case strings.Contains(next, "help"):
				if code := Run(t.Context(), Process{Args: words[1:], Out: io.Discard, Err: io.Discard}); code != exitDone {
					t.Errorf("%s ends with %d", next, code)
				}
			default:
				checkCommands(t, "the next step of klingctl "+test.line, next)
			}
		}
	}
}

// Words with blanks and quotes come back as a shell takes them.
func TestMendedWordsAreQuoted(t *testing.T) {
	t.Parallel()
	said := mistaken(t, "submit", "--promt", `it's a "boat"`, "-i", "my photo.png")
	if want := `next: klingctl submit --prompt 'it'\''s a "boat"' -i 'my photo.png'`; !strings.Contains(said, want) {
		t.Errorf("want %s\n%s", want, said)
	}
}

// What is offered ends up in logs: no key, no signed address, nothing that
// steers a terminal, and nothing that would be refused again.
func TestMendedLinesHoldNoSecret(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"submit", "--imge", "a.png", "--api-key", canary},
		{"submit", "--api-key", canary},
		{"submit", "--token=" + canary},
		{"submit", "--imge", "https://me:" + canary + "@example.com/a.png"},
		{"submit", "--imge", "https://example.com/a.png?X-Amz-Signature=" + canary},
		{"submt", "--secret", canary},
		{"auth", "lgin", "--provider", "kie", canary},
		{"config", "st", "providers.kie.api_key", canary},
		{"submit", "--promt", strings.Repeat("long ", 100) + canary},
		{"submit", "--promt", "\x1b[2J" + canary},
	} {
		said := mistaken(t, args...)
		if strings.Contains(said, canary) || strings.Contains(said, "\x1b") {
			t.Errorf("klingctl %q: %s", args, said)
		}
		if !strings.Contains(said, "next: klingctl ") {
			t.Errorf("klingctl %q offers no next step:\n%s", args, said)
		}
	}
	if said := mistaken(t, "submit", "--api-key", canary); !strings.Contains(said, "never stands on a command line") {
		t.Errorf("a key on the command line is not said to be wrong there:\n%s", said)
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	known := []string{"fix", "image", "model", "mode", "prompt", "provider"}
	for _, test := range []struct{ given, want string }{
		{"imge", "image"},
		{"iamge", "image"},
		{"IMAGE", "image"},
		{"fxi", "fix"},
		{"pro", "prompt provider"},
		{"modl", "model mode"},
		{"x", ""},
		{"", ""},
		{"outrageous", ""},
	} {
		if got := strings.Join(near(test.given, known), " "); got != test.want {
			t.Errorf("near(%q) = %q, want %q", test.given, got, test.want)
		}
	}
}
