package upload_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/upload"
)

const credentialsFile = "\ufeff# a comment\r\n[default]\r\naws_access_key_id = AKIADEFAULT\r\naws_secret_access_key=default+secret=\r\n" +
	"; another\n[work]\nAWS_Access_Key_Id=AKIAWORK\naws_secret_access_key = work-secret\naws_session_token = work-token\nregion = eu-west-1\n" +
	"[ half ]\naws_access_key_id = AKIAHALF\n[empty]\n[odd]\naws_access_key_id = a b\naws_secret_access_key = c\n"

func TestKeysAreFoundWhereAmazonsToolsLook(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	usual := filepath.Join(home, ".aws", "credentials")
	if err := os.WriteFile(usual, []byte(credentialsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(pairs ...string) map[string]string {
		all := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = pairs[i+1]
		}
		return all
	}
	pair := []string{"AWS_ACCESS_KEY_ID", "AKIAENV", "AWS_SECRET_ACCESS_KEY", "env-secret"}
	for name, test := range map[string]struct {
		env     map[string]string
		profile string
		home    string
		want    string
		wrong   string
	}{
		"environment":                    {env: env(pair...), home: home, want: "AKIAENV env-secret "},
		"environment with a session":     {env: env(append(pair, "AWS_SESSION_TOKEN", "tok")...), want: "AKIAENV env-secret tok"},
		"a profile of one's own choice":  {env: env(pair...), profile: "work", home: home, want: "AKIAWORK work-secret work-token"},
		"default profile":                {home: home, want: "AKIADEFAULT default+secret= "},
		"AWS_PROFILE":                    {env: env("AWS_PROFILE", "work"), home: home, want: "AKIAWORK work-secret work-token"},
		"a file elsewhere":               {env: env("AWS_SHARED_CREDENTIALS_FILE", usual), want: "AKIADEFAULT default+secret= "},
		"nothing at all":                 {wrong: "are not set"},
		"half an environment":            {env: env("AWS_ACCESS_KEY_ID", "AKIAENV"), home: home, wrong: "only one key"},
		"half a profile":                 {profile: "half", home: home, wrong: "only one key"},
		"an empty profile":               {profile: "empty", home: home, wrong: "holds no keys"},
		"no such profile":                {profile: "none", home: home, wrong: "holds no keys"},
		"a key that breaks a header":     {profile: "odd", home: home, wrong: "control character or a space"},
		"no file":                        {home: t.TempDir(), wrong: "there is no file"},
		"a folder in place of the file":  {env: env("AWS_SHARED_CREDENTIALS_FILE", home), wrong: "not a regular file"},
		"an endless file":                {env: env("AWS_SHARED_CREDENTIALS_FILE", os.DevNull), wrong: "not a regular file"},
		"a newline inside a session key": {env: env(append(pair, "AWS_SESSION_TOKEN", "a\nb")...), wrong: "control character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain := upload.Chain{Lookup: func(name string) string { return test.env[name] }, Profile: test.profile, Home: test.home}
			keys, err := chain.Keys()
			if test.wrong != "" {
				wantFault(t, err, fault.Auth)
				failure := fault.Of(err)
				if !strings.Contains(err.Error(), test.wrong) || failure.Hint == "" || strings.Contains(err.Error(), "secret=") {
					t.Errorf("got %q with the hint %q, want %q", err, failure.Hint, test.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := keys.Access.Reveal() + " " + keys.Secret.Reveal() + " " + keys.Session.Reveal()
			if got != test.want || keys.From == "" || strings.Contains(fmt.Sprintf("%+v", keys), "secret=") {
				t.Errorf("got %q from %q, want %q", got, keys.From, test.want)
			}
		})
	}
}

func TestRegionOfTheEnvironment(t *testing.T) {
	t.Parallel()
	set := map[string]string{"AWS_DEFAULT_REGION": "eu-west-1"}
	chain := upload.Chain{Lookup: func(name string) string { return set[name] }}
	if got := chain.Region(); got != "eu-west-1" {
		t.Errorf("got %q, want the default region", got)
	}
	set["AWS_REGION"] = "eu-north-1"
	if got := chain.Region(); got != "eu-north-1" {
		t.Errorf("got %q, want AWS_REGION to win", got)
	}
}
