package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Type says what values a setting takes.
type Type string

const (
	// Text is anything on one line.
	Text Type = "text"
	// Boolean is true or false.
	Boolean Type = "boolean"
	// Duration is a length of time such as 90s or 5m, never negative.
	Duration Type = "duration"
	// Choice is one of the setting's words.
	Choice Type = "choice"
	// Amounts are sums such as 20 USD, 50 jobs. What a sum is, Source.Check
	// knows.
	Amounts Type = "amounts"
	// Address is an http or https URL.
	Address Type = "address"
	// Path is a file or a folder; of the ledger, perhaps the URL of a database.
	Path Type = "path"
	// ProviderName is the name of a provider, ModelName that of a model.
	ProviderName Type = "provider"
	// ModelName is the name of a model.
	ModelName Type = "model"
)

var (
	errBoolean  = errors.New("takes true or false")
	errProvider = errors.New("a provider's name is lower-case letters, digits and dashes, and begins with a letter")
	errAddress  = errors.New("takes an address such as https://api.example.com")
	errSignedIn = errors.New("takes an address without a name or a password in it")
)

// Check tells what is wrong with a value, or with the name of the provider
// that the setting belongs to; the error does not repeat a secret.
func (s Setting) Check(value string) error {
	if name, ok := providerOf(s.Key); ok && !kling.ValidProvider(name) {
		return errProvider
	}
	value = strings.TrimSpace(value)
	switch s.Type {
	case Boolean:
		_, err := parseBoolean(value)
		return err
	case Duration:
		_, err := parseDuration(value)
		return err
	case Choice:
		return s.checkWord(value)
	case Address:
		return checkAddress(value)
	case ProviderName:
		if value != "" && !kling.ValidProvider(value) {
			return errProvider
		}
	case Text, Path, ModelName, Amounts:
	}
	return nil
}

// checkWord lets nothing be chosen only where nothing is the default.
func (s Setting) checkWord(value string) error {
	if slices.Contains(s.Words, value) || value == "" && s.Default == "" {
		return nil
	}
	last := len(s.Words) - 1
	return errors.New("takes " + strings.Join(s.Words[:last], ", ") + " or " + s.Words[last])
}

func parseBoolean(value string) (bool, error) {
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		return false, errBoolean
	}
	return parsed, nil
}

// parseDuration reads nothing as no time.
func parseDuration(value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	parsed, err := time.ParseDuration(value)
	if err != nil || parsed < 0 {
		return 0, fmt.Errorf("%q is no duration such as 90s or 5m", fault.SafeText(value))
	}
	return parsed, nil
}

func checkAddress(value string) error {
	if value == "" {
		return nil
	}
	parsed, err := url.Parse(value)
	switch {
	case err != nil, parsed.Scheme != "http" && parsed.Scheme != "https", parsed.Hostname() == "":
		return errAddress
	case parsed.User != nil:
		return errSignedIn
	}
	return nil
}
