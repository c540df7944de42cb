package config

import (
	"errors"
	"strings"
	"time"
)

// Provider is what is configured for one provider, on top of its preset.
type Provider struct {
	Like, Title, Dialect, BaseURL, Console, Lookup string
	AllowHTTP                                      bool
	// PollFirst, PollMin and PollMax bound the schedule of looks; 0 leaves it
	// to the preset.
	PollFirst, PollMin, PollMax time.Duration
	// UploadMethod and UploadBase say how local images get a URL for it.
	UploadMethod, UploadBase string
	Key                      Key
	// Configured is true when any setting of it was set.
	Configured bool
}

func (l *loader) provider(name string) (Provider, error) {
	at := func(key string) string { return "providers." + name + "." + key }
	for _, setting := range PerProvider() {
		l.viper.SetDefault(at(setting.Key), setting.Default)
	}
	text := func(key string) string { return l.text(at(key)) }
	p := Provider{
		Like: text("like"), Title: text("title"), Dialect: text("dialect"),
		BaseURL: strings.TrimRight(text("base_url"), "/"), Console: text("console"),
		UploadBase: strings.TrimRight(text("upload.base_url"), "/"),
		Configured: l.somewhere(at("")).Layer != layerDefault,
	}
	err := errors.Join(
		l.choice(at("lookup"), &p.Lookup), l.boolean(at("allow_http"), &p.AllowHTTP),
		l.duration(at("poll.first"), &p.PollFirst), l.duration(at("poll.min"), &p.PollMin), l.duration(at("poll.max"), &p.PollMax),
		l.choice(at("upload.method"), &p.UploadMethod),
	)
	if err != nil {
		return p, err
	}
	p.Key = l.key(name)
	return p, nil
}
