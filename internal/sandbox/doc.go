// Package sandbox plays the video providers offline: the create-task dialect
// of Apikley and KIE, AI/ML API, APIXO, Kling's own API and the gateways that
// carry Kling's paths.
//
// It knows what those providers document: paths, field rules, envelopes, error
// codes, task states over time, uploads, balances, callbacks and the result
// file. It is strict where the documents are strict, so that a wrong request
// fails here and not for money elsewhere.
//
// It must not know klingctl. Nothing of ours is imported but the clip writer,
// and the field rules are transcribed from the documents a second time on
// purpose: agreement between this package and the dialects is evidence only
// while neither can see the other.
//
// State is one folder: a file per task, a journal with one line per request.
// A task's state is a function of its file, its scenario and the clock; there
// is no background work, so several processes may share the folder.
package sandbox
