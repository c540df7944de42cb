package config

import (
	"errors"
	"time"
)

// Upload says how local images get a URL where a provider takes nothing else.
type Upload struct {
	// Method is none, kie or s3; "" leaves it to the provider's preset.
	Method string
	// The rest describes a bucket of the user's.
	Endpoint, Bucket, Prefix, Region, Profile string
	Expires                                   time.Duration
	PathStyle, DeleteAfter, AllowHTTP         bool
}

// Limits are the caps on spending as they were written, for example
// "20 USD, 50 jobs"; "" sets none.
type Limits struct{ PerJob, PerDay, PerBatch string }

func (l *loader) upload(into *Upload) error {
	text := func(key string) string { return l.text("upload." + key) }
	into.Endpoint, into.Bucket, into.Prefix = text("endpoint"), text("bucket"), text("prefix")
	into.Region, into.Profile = text("region"), text("profile")
	return errors.Join(
		l.choice("upload.method", &into.Method), l.duration("upload.expires", &into.Expires),
		l.boolean("upload.path_style", &into.PathStyle), l.boolean("upload.delete_after", &into.DeleteAfter),
		l.boolean("upload.allow_http", &into.AllowHTTP),
	)
}

func (l *loader) limits() Limits {
	text := func(key string) string { return l.text("limits." + key) }
	return Limits{PerJob: text("per_job"), PerDay: text("per_day"), PerBatch: text("per_batch")}
}
