package kling

import "time"

// Snapshot is what a provider said of a task in one answer.
type Snapshot struct {
	// Task is the provider's id of the task.
	Task string
	// ExternalID is our own id where the answer repeats it.
	ExternalID string
	// State is the meaning of Word.
	State State
	// Word is the provider's own state word, unchanged.
	Word string
	// Recognised is false for a word that nobody documented; State is then
	// Running.
	Recognised bool
	// Code and Message say why a task failed.
	Code, Message string
	// Artifacts are the results so far; never read from them whether the
	// task is done.
	Artifacts []Artifact
	// Cost is what the provider charged, where it says so.
	Cost *Cost
	// RequestID is the provider's id of this exchange.
	RequestID string
	// CreatedAt and FinishedAt are the provider's own times, zero if unsaid.
	CreatedAt, FinishedAt time.Time
}
