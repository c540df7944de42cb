// Package faulttest is a server that goes wrong on purpose, for tests that run
// a whole client against it.
//
// It knows the faults that klingctl must survive, each a named [Case] with what
// must come of it, and how three providers answer while nothing is wrong. Every
// case is a prefix of the path, so that a client needs only another base URL to
// meet it. What a client asked for is counted by case: orders, looks, bytes,
// and whatever came to another origin.
//
// It must not know the client: no exit code is computed here and nothing of
// ours is imported but the clip writer. Only tests import it.
package faulttest
