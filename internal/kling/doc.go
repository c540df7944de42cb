// Package kling holds the words of the trade: jobs, references, states,
// snapshots and artifacts, and the pure rules between them.
//
// It knows what a job is and how its state may move. It must not know any
// vendor, network, file, clock or database: time comes in as an argument and
// vendors' words are translated before they get here.
package kling
