package ledger

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// columns are what a job is read from, in the order of row.into.
const columns = `id, provider, path, task, model, kind, sandbox, prompt, key, external_id,
	request, settings, seconds, state, word, code, message, request_id, cost, artifacts,
	created_at, updated_at, submitted_at, finished_at, create_deadline, batch, row`

// row is a job as its table holds it; two equal rows are the same job.
type row struct {
	id, provider, path, task, model, kind        string
	sandbox                                      bool
	prompt, key, externalID                      string
	request, settings                            sql.NullString
	seconds                                      int
	state, word, code, message, requestID        string
	cost, artifacts                              sql.NullString
	created, updated, submitted, finished, until sql.NullInt64
	batch, rowID                                 string
}

func (r *row) into() []any {
	return []any{
		&r.id, &r.provider, &r.path, &r.task, &r.model, &r.kind, &r.sandbox, &r.prompt, &r.key, &r.externalID,
		&r.request, &r.settings, &r.seconds, &r.state, &r.word, &r.code, &r.message, &r.requestID, &r.cost, &r.artifacts,
		&r.created, &r.updated, &r.submitted, &r.finished, &r.until, &r.batch, &r.rowID,
	}
}

// values are the columns for a write, in the same order.
func (r *row) values() []any {
	return []any{
		r.id, r.provider, r.path, r.task, r.model, r.kind, flag(r.sandbox), r.prompt, r.key, r.externalID,
		r.request, r.settings, r.seconds, r.state, r.word, r.code, r.message, r.requestID, r.cost, r.artifacts,
		r.created, r.updated, r.submitted, r.finished, r.until, r.batch, r.rowID,
	}
}

var (
	errNoID    = errors.New("a job without an id cannot be stored")
	errNoTime  = errors.New("a job without a time of creation cannot be stored")
	errNoState = errors.New("a job in a state that nobody declared cannot be stored")
)

// encode makes the row of a job. Times lose what is finer than a millisecond.
func encode(job kling.Job) (row, error) {
	switch {
	case job.ID == "":
		return row{}, errNoID
	case job.CreatedAt.IsZero():
		return row{}, errNoTime
	case !job.State.Valid():
		return row{}, errNoState
	}
	r := row{
		id: job.ID, provider: job.Ref.Provider, path: job.Ref.Path, task: job.Ref.Task,
		model: job.Model, kind: string(job.Kind), sandbox: job.Sandbox,
		prompt: job.Prompt, key: job.Key, externalID: job.ExternalID,
		request: text(job.Request), settings: text(job.Settings), seconds: job.Seconds,
		state: string(job.State), word: job.Word, code: job.Code, message: job.Message, requestID: job.RequestID,
		created: millis(job.CreatedAt), updated: millis(job.UpdatedAt), submitted: millis(job.SubmittedAt),
		finished: millis(job.FinishedAt), until: millis(job.CreateDeadline),
		batch: job.Batch, rowID: job.Row,
	}
	if job.Cost != nil {
		encoded, err := json.Marshal(job.Cost)
		if err != nil {
			return row{}, err
		}
		r.cost = text(encoded)
	}
	if len(job.Artifacts) > 0 {
		kept := make([]kling.Artifact, len(job.Artifacts))
		for i, artifact := range job.Artifacts {
			artifact.ExpiresAt = moment(millis(artifact.ExpiresAt))
			kept[i] = artifact
		}
		encoded, err := json.Marshal(kept)
		if err != nil {
			return row{}, err
		}
		r.artifacts = text(encoded)
	}
	return r, nil
}

// decode makes the job of a row.
func (s *Store) decode(r row) (kling.Job, error) {
	job := kling.Job{
		ID: r.id, Ref: kling.Ref{Provider: r.provider, Path: r.path, Task: r.task},
		Model: r.model, Kind: kling.Kind(r.kind), Sandbox: r.sandbox,
		Prompt: r.prompt, Key: r.key, ExternalID: r.externalID,
		Request: raw(r.request), Settings: raw(r.settings), Seconds: r.seconds,
		State: kling.State(r.state), Word: r.word, Code: r.code, Message: r.message, RequestID: r.requestID,
		CreatedAt: moment(r.created), UpdatedAt: moment(r.updated), SubmittedAt: moment(r.submitted),
		FinishedAt: moment(r.finished), CreateDeadline: moment(r.until),
		Batch: r.batch, Row: r.rowID,
	}
	if !job.State.Valid() ||
		r.cost.Valid && json.Unmarshal([]byte(r.cost.String), &job.Cost) != nil ||
		r.artifacts.Valid && json.Unmarshal([]byte(r.artifacts.String), &job.Artifacts) != nil {
		// The decoder's error is left out: it would quote what is stored.
		return kling.Job{}, &fault.Error{
			Kind: fault.Local, Op: "read the ledger", Subject: s.place, Job: r.id,
			Detail: "the row of job " + r.id + " is damaged",
			Hint:   "restore the ledger file from a backup, or name another with --ledger",
		}
	}
	return job, nil
}

// unsaved counts the artifacts of a succeeded job that have no checked file.
func unsaved(job kling.Job) int {
	if job.State != kling.Succeeded {
		return 0
	}
	return len(job.Artifacts) - job.Files()
}

func text(data []byte) sql.NullString {
	return sql.NullString{String: string(data), Valid: len(data) > 0}
}

func raw(value sql.NullString) []byte {
	if !value.Valid {
		return nil
	}
	return []byte(value.String)
}

func millis(at time.Time) sql.NullInt64 {
	if at.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: at.UnixMilli(), Valid: true}
}

func moment(at sql.NullInt64) time.Time {
	if !at.Valid {
		return time.Time{}
	}
	return time.UnixMilli(at.Int64).UTC()
}

// flag is a truth as every database takes it in an INTEGER column.
func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}
