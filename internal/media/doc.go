// Package media knows what an image is (type, pixels, bytes, ratio,
// orientation), how its base64 is streamed, and when an MP4 is whole.
//
// It reads local files and nothing else. It must not know providers, models,
// settings or the network: limits come in as values, and whoever sends the
// bytes opens the stream.
package media
