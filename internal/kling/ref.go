package kling

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Ref is the portable reference of a task: enough to find it at its provider
// from any machine, with no ledger. Its text form is
// provider:[path/]task, for example "apixo:kling-2-1/3f2a" or
// "kling:image2video/881", with the task percent-encoded.
type Ref struct {
	// Provider is the configured name, [a-z][a-z0-9-]*.
	Provider string
	// Path is the part of the request path that belongs to the task where
	// the dialect needs one (APIXO's slug, Kling's kind); else empty.
	Path string
	// Task is the provider's task id, opaque and unescaped.
	Task string
}

var (
	errRefForm     = errors.New("a reference reads provider:task or provider:path/task")
	errRefProvider = errors.New("a provider name is lower-case letters, digits and dashes, and begins with a letter")
	errRefPath     = errors.New("the path part of a reference is letters, digits, dot, dash and underscore")
	errRefTask     = errors.New("the task of a reference is percent-encoded and not empty")
)

// String gives the portable text form; an empty Ref gives "".
func (r Ref) String() string {
	if r.Task == "" {
		return ""
	}
	task := escapeTask(r.Task)
	if r.Path == "" {
		return r.Provider + ":" + task
	}
	return r.Provider + ":" + r.Path + "/" + task
}

// IsRef reports whether an argument is meant as a portable reference: it
// holds a colon, which a local id never does.
func IsRef(arg string) bool { return strings.Contains(arg, ":") }

// ParseRef reads the text form. The first colon ends the provider's name; a
// path part is there when a slash is.
func ParseRef(text string) (Ref, error) {
	provider, rest, found := strings.Cut(text, ":")
	if !found {
		return Ref{}, errRefForm
	}
	if !ValidProvider(provider) {
		return Ref{}, fmt.Errorf("%w: %q", errRefProvider, provider)
	}
	path := ""
	if before, after, ok := strings.Cut(rest, "/"); ok {
		path, rest = before, after
		if !validPath(path) {
			return Ref{}, fmt.Errorf("%w: %q", errRefPath, path)
		}
	}
	task, err := url.PathUnescape(rest)
	if err != nil || task == "" || strings.Contains(rest, "/") {
		return Ref{}, fmt.Errorf("%w: %q", errRefTask, rest)
	}
	return Ref{Provider: provider, Path: path, Task: task}, nil
}

// ValidProvider reports whether name may name a provider.
func ValidProvider(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != "" && len(name) <= 63
}

func validPath(path string) bool {
	for _, r := range path {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !plain && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return path != "" && strings.Trim(path, ".") != ""
}

// escapeTask escapes everything but the unreserved characters, so that the
// text survives shells and splits at the first colon and slash.
func escapeTask(task string) string {
	return strings.ReplaceAll(url.QueryEscape(task), "+", "%20")
}
