// Package catalog knows which model of which provider accepts what.
//
// An offer is a YAML file: a short head (model, providers, kind, usual times,
// prices) and the provider's own input object as JSON Schema 2020-12 with a
// few annotations of ours. The room chooses an offer, turns flags and
// parameters into that input, and says everything that is wrong with it at
// once.
//
// It must not know how an exchange looks, hold vendor code, open images
// itself, touch the network or read settings: files come in as fs.FS and
// images through a function of the caller.
package catalog
