package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/fault"
)

func TestErrorSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	tests := map[string]struct {
		err  *fault.Error
		want string
	}{
		"operation, subject, detail, cause": {
			&fault.Error{Kind: fault.Unavailable, Op: "submit to", Subject: "kie", Detail: "no answer", Err: cause},
			"submit to kie: no answer: connection refused",
		},
		"a cause already told is not told again": {
			&fault.Error{Op: "submit", Detail: "dial: connection refused", Err: cause},
			"submit: dial: connection refused",
		},
		"an empty fault names its kind": {&fault.Error{Kind: fault.Busy}, "busy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("Error() = %q, want %q", got, test.want)
			}
		})
	}
}

func TestKindOfLooksThroughWrapping(t *testing.T) {
	t.Parallel()
	inner := &fault.Error{Kind: fault.Credit}
	wrapped := fmt.Errorf("outside: %w", inner)
	if got := fault.KindOf(wrapped); got != fault.Credit {
		t.Errorf("KindOf(wrapped) = %q, want credit", got)
	}
	if got := fault.KindOf(errors.New("x")); got != fault.Internal {
		t.Errorf("KindOf(plain) = %q, want internal", got)
	}
	if fault.Is(nil, fault.Internal) || !fault.Is(wrapped, fault.Auth, fault.Credit) {
		t.Error("Is does not tell kinds apart")
	}
}

func FuzzSafeText(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b]0;title\a", "a\u202eb", "\xff\xfe", "line\r\nnext", strings.Repeat("x", 5000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := fault.SafeText(text)
		if !utf8.ValidString(got) {
			t.Errorf("SafeText(%q) is not valid UTF-8", text)
		}
		for _, r := range got {
			if r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Errorf("SafeText(%q) lets %U through", text, r)
			}
		}
		if n := utf8.RuneCountInString(got); n > 6*fault.MaxText+1 {
			t.Errorf("SafeText gave %d characters", n)
		}
	})
}
