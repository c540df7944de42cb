package view

import (
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// Failure is the document of a command that ended with an error.
type Failure struct {
	SchemaVersion int     `json:"schema_version"`
	Error         Problem `json:"error"`
}

// Problem is the record of an error.
type Problem struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Charged is no, yes or unknown.
	Charged string `json:"charged"`
	Code    string `json:"code,omitempty"`
	Hint    string `json:"hint,omitempty"`
	// RetryAfter is in whole seconds.
	RetryAfter int64  `json:"retry_after,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	// Ref names the job where its record is not known.
	Ref string `json:"ref,omitempty"`
	Job *Job   `json:"job,omitempty"`
	// Bought are the other jobs of the same command, of several takes.
	Bought []Job `json:"bought,omitempty"`
}

// NewFailure makes the document of an error; left is the job it leaves behind.
func NewFailure(e *fault.Error, kind string, left *Job) Failure {
	return Failure{SchemaVersion: SchemaVersion, Error: NewProblem(e, kind, left)}
}

// NewProblem makes the record of an error.
func NewProblem(e *fault.Error, kind string, left *Job) Problem {
	return Problem{
		Kind: kind, Message: fault.SafeText(e.Error()), Charged: string(e.Spent()), Code: fault.SafeText(e.Code),
		Hint: e.Hint, RetryAfter: int64((e.RetryAfter + time.Second - 1) / time.Second),
		RequestID: fault.SafeText(e.RequestID), Ref: e.Job, Job: left,
	}
}
