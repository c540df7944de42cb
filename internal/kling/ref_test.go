package kling_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/kling"
)

func TestRefRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := kling.Ref{
			Provider: rapid.StringMatching(`[a-z][a-z0-9-]{0,20}`).Draw(t, "provider"),
			Path:     rapid.StringMatching(`([A-Za-z0-9_-][A-Za-z0-9._-]{0,20})?`).Draw(t, "path"),
			// Any bytes: a task id is the provider's.
			Task: string(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "task")),
		}
		text := ref.String()
		got, err := kling.ParseRef(text)
		if err != nil || got != ref {
			t.Fatalf("ParseRef(%q) = %+v, %v, want %+v", text, got, err, ref)
		}
		if !kling.IsRef(text) {
			t.Errorf("IsRef(%q) = false", text)
		}
		for _, r := range text {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune(`'"$&;|<>()*?\`+"`", r) {
				t.Errorf("%q needs quoting in a shell", text)
			}
		}
	})
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want kling.Ref
	}{
		"task alone":             {"kie:3f2a", kling.Ref{Provider: "kie", Task: "3f2a"}},
		"path and task":          {"apixo:kling-2-1/3f2a", kling.Ref{Provider: "apixo", Path: "kling-2-1", Task: "3f2a"}},
		"colon in the task":      {"aimlapi:id:model", kling.Ref{Provider: "aimlapi", Task: "id:model"}},
		"slash in the task":      {"kling:image2video/a%2Fb", kling.Ref{Provider: "kling", Path: "image2video", Task: "a/b"}},
		"plus is a plus":         {"kie:a+b", kling.Ref{Provider: "kie", Task: "a+b"}},
		"dots as task":           {"kie:..", kling.Ref{Provider: "kie", Task: ".."}},
		"provider of one's own":  {"my-gw2:1", kling.Ref{Provider: "my-gw2", Task: "1"}},
		"model name in the path": {"apixo:kling-2.1/1", kling.Ref{Provider: "apixo", Path: "kling-2.1", Task: "1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := kling.ParseRef(test.text)
			if err != nil || got != test.want {
				t.Errorf("ParseRef(%q) = %+v, %v, want %+v", test.text, got, err, test.want)
			}
		})
	}
}

func TestParseRefRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "3f2a", ":3f2a", "kie:", "kie:a/", "kie:/a", "kie:a/b/c", "kie:../a", "kie:./a", "kie:a b/c", "kie:a%2Fb/c",
		"KIE:a", "1kie:a", "-kie:a", "k_e:a", "kie:%", "kie:%zz", "ki\u00e9:a", "https://host/path",
		strings.Repeat("k", 64) + ":a",
	} {
		if got, err := kling.ParseRef(text); err == nil {
			t.Errorf("ParseRef(%q) = %+v, want an error", text, got)
		}
	}
}

func TestRefWithoutTaskHasNoText(t *testing.T) {
	t.Parallel()
	if got := (kling.Ref{Provider: "kie"}).String(); got != "" {
		t.Errorf("String() = %q, want nothing", got)
	}
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"kie:3f2a", "apixo:kling-2-1/3f2a", "kling:image2video/a%2Fb", "kie:%25%zz", "a:b:c/d", "x:\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := kling.ParseRef(text)
		if err != nil {
			if ref != (kling.Ref{}) {
				t.Errorf("ParseRef(%q) failed but gave %+v", text, ref)
			}
			return
		}
		canonical := ref.String()
		again, err := kling.ParseRef(canonical)
		if err != nil || again != ref || again.String() != canonical {
			t.Errorf("ParseRef(%q): %+v became %+v through %q: %v", text, ref, again, canonical, err)
		}
		if !kling.ValidProvider(ref.Provider) || ref.Task == "" {
			t.Errorf("ParseRef(%q) = %+v", text, ref)
		}
	})
}
