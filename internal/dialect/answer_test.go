package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

func TestCostIsPlainDecimalText(t *testing.T) {
	t.Parallel()
	tests := map[dialect.Text]string{
		"160": "160", "160.0": "160", "0": "0", "0.00": "0", "3.50": "3.5", "1e3": "1000", "2.5E-1": "0.25",
		"0.1000000000000000000001": "0.1000000000000000000001",
		"":                         "", "free": "", "-1": "", "+1": "", ".5": "", "1,5": "", "1 000": "", "0x1p-2": "", "NaN": "", "1.2.3": "",
		"1e400": "", "1e99": "", dialect.Text(strings.Repeat("9", 33)): "",
	}
	for amount, want := range tests {
		var wanted *kling.Cost
		if want != "" {
			wanted = &kling.Cost{Amount: want, Unit: "credits"}
		}
		if diff := cmp.Diff(wanted, dialect.Cost(amount, "credits")); diff != "" {
			t.Errorf("Cost(%q) (-want +got):\n%s", amount, diff)
		}
	}
}

func TestAuthorizeBearerRefusesKeysThatBreakAHeader(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"sk-abc_DEF.123~+/=": true, "": false, " k": false, "k\n": false, "k\r\nX: 1": false, "k\x00": false, "k\u00e4": false, "k\x7f": false,
	}
	for key, good := range tests {
		var call dialect.Call
		err := dialect.AuthorizeBearer(&call, dialect.Credential{Key: secret.New(key)})
		switch {
		case good && (err != nil || call.Header["Authorization"] != "Bearer "+key):
			t.Errorf("key %q: error %v and header %q, want the key as it is", key, err, call.Header["Authorization"])
		case !good && (!fault.Is(err, fault.Auth) || len(call.Header) > 0):
			t.Errorf("key %q: error %v and header %v, want a fault of kind auth and none", key, err, call.Header)
		}
	}
}

func TestAnUnknownModelIsRefusedAndNotNotFound(t *testing.T) {
	t.Parallel()
	reply := dialect.Reply{Status: 404}
	if got := dialect.ForCreate(dialect.StatusFault(reply, "", "")); got.Kind != fault.Refused || got.Spent() != fault.NotCharged {
		t.Errorf("a create answered 404 gives kind %s and charged %s, want refused and no", got.Kind, got.Spent())
	}
	if got := dialect.ForCreate(dialect.StatusFault(dialect.Reply{Status: 500}, "", "")); got.Kind != fault.Unavailable {
		t.Errorf("a create answered 500 gives kind %s, want unavailable", got.Kind)
	}
}

func TestArtifactsLeaveOutEmptyLinks(t *testing.T) {
	t.Parallel()
	want := []kling.Artifact{{Kind: kling.Video, URL: "https://a.example/1"}, {Kind: kling.Video, URL: "https://a.example/2"}}
	if diff := cmp.Diff(want, dialect.Artifacts("https://a.example/1", "", "https://a.example/2")); diff != "" {
		t.Errorf("Artifacts (-want +got):\n%s", diff)
	}
	if got := dialect.Artifacts("", ""); got != nil {
		t.Errorf("Artifacts of empty links = %v, want none", got)
	}
}

func TestSeenTaskKeepsOnlyWhatCanBeATask(t *testing.T) {
	t.Parallel()
	tests := map[dialect.Text]string{
		"881": "881", "uuid:vendor/model": "uuid:vendor/model", "": "", "a\nb": "", dialect.Text(strings.Repeat("x", dialect.MaxTaskID+1)): "",
	}
	for id, want := range tests {
		if got := dialect.SeenTask(id); got != want {
			t.Errorf("SeenTask(%.20q) = %.20q, want %q", id, got, want)
		}
	}
}
