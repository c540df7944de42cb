package upload

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// maxCredentials bounds a credentials file, in bytes.
const maxCredentials = 1 << 20

// Keys are what requests to a bucket are signed with.
type Keys struct {
	Access, Secret secret.Text
	// Session belongs to temporary keys, and is empty otherwise. Links signed
	// with such keys die with them, whatever their own time says.
	Session secret.Text
	// From says where they were found, for people.
	From string
}

// Chain finds keys where Amazon's own tools look first: in the environment,
// then in the shared credentials file.
type Chain struct {
	// Lookup reads a variable of the environment; "" is an unset one.
	Lookup func(name string) string
	// Profile names a section of the credentials file. When it is set the
	// environment's keys are not considered; else AWS_PROFILE or "default" is
	// read, after them.
	Profile string
	// Home is the user's home folder, for ~/.aws/credentials.
	Home string
}

// Region is the region of the environment, "" when it names none.
func (c Chain) Region() string {
	if region := c.Lookup("AWS_REGION"); region != "" {
		return region
	}
	return c.Lookup("AWS_DEFAULT_REGION")
}

// Keys looks now, so that keys renewed while a long batch runs are found. It
// fails with an Auth fault when there are none.
func (c Chain) Keys() (Keys, error) {
	if c.Profile == "" {
		if keys, found, err := c.environment(); found || err != nil {
			return keys, err
		}
	}
	path := c.Lookup("AWS_SHARED_CREDENTIALS_FILE")
	if path == "" && c.Home != "" {
		path = filepath.Join(c.Home, ".aws", "credentials")
	}
	profile := c.Profile
	for _, name := range []string{c.Lookup("AWS_PROFILE"), "default"} {
		if profile == "" {
			profile = name
		}
	}
	if path == "" {
		return Keys{}, noKeys("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", nil)
	}
	text, err := readSmall(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Keys{}, noKeys(fmt.Sprintf("AWS_ACCESS_KEY_ID is not set, and there is no file %s", path), nil)
	case err != nil:
		return Keys{}, noKeys("cannot read "+path, bare(err))
	}
	found := section(text, profile)
	from := fmt.Sprintf("profile %q of %s", profile, path)
	return whole(found["aws_access_key_id"], found["aws_secret_access_key"], found["aws_session_token"], from)
}

func (c Chain) environment() (Keys, bool, error) {
	access, hidden := c.Lookup("AWS_ACCESS_KEY_ID"), c.Lookup("AWS_SECRET_ACCESS_KEY")
	if access == "" && hidden == "" {
		return Keys{}, false, nil
	}
	keys, err := whole(access, hidden, c.Lookup("AWS_SESSION_TOKEN"), "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	return keys, true, err
}

// whole refuses half a pair, and what would break a header.
func whole(access, hidden, session, from string) (Keys, error) {
	access, hidden, session = strings.TrimSpace(access), strings.TrimSpace(hidden), strings.TrimSpace(session)
	switch {
	case access == "" && hidden == "":
		return Keys{}, noKeys(from+" holds no keys", nil)
	case access == "" || hidden == "":
		return Keys{}, noKeys("only one key of the pair is set in "+from, nil)
	}
	for _, value := range []string{access, hidden, session} {
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return Keys{}, noKeys("a key in "+from+" holds a control character or a space", nil)
		}
	}
	return Keys{Access: secret.New(access), Secret: secret.New(hidden), Session: secret.New(session), From: from}, nil
}

func noKeys(detail string, err error) error {
	return &fault.Error{
		Kind: fault.Auth, Op: "find the keys of the bucket", Charged: fault.NotCharged, Detail: fault.SafeText(detail), Err: err,
		Hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure (after a login: aws configure export-credentials --format env)",
	}
}

// section reads one section of an INI file: name = value lines, with comments
// on lines of their own. Names are in lower case.
func section(text, wanted string) map[string]string {
	found := map[string]string{}
	inside := false
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			name, _, _ := strings.Cut(line[1:], "]")
			inside = strings.TrimSpace(name) == wanted
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && inside {
			found[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	return found
}

func readSmall(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxCredentials+1))
	if err == nil && len(text) > maxCredentials {
		err = errors.New("it is larger than a credentials file can be")
	}
	return string(text), err
}

// bare is a system's error without the path, which stands before it already.
func bare(err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return cause.Err
	}
	return err
}
