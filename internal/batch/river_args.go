package batch

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// rowQueue begins the names of the queues of rows, one a provider, so that
	// a busy one holds up nobody but itself; alone it takes the rows whose
	// provider nobody can tell.
	rowQueue = "rows"
	// fileQueue is that of videos to be saved.
	fileQueue = "files"

	rowKind, fileKind = "row", "file"

	// rowAttempts and fileAttempts are how often a step may fail before it is
	// given up, five minutes and one after the first. Steps that only have to
	// wait do not count.
	rowAttempts, fileAttempts = 10, 6
)

func queueOf(lane string) string {
	if lane == "" {
		return rowQueue
	}
	return rowQueue + "-" + lane
}

// rowArgs is a row that waits for a worker.
type rowArgs struct {
	Batch string `json:"batch" river:"unique"`
	ID    string `json:"row" river:"unique"`
	// Row is the row itself.
	Row json.RawMessage `json:"says"`
	// Instead is the job that failed, or that the row was changed after, and
	// that alone may be followed by another.
	Instead string `json:"instead,omitempty"`
}

// Kind implements river.JobArgs.
func (rowArgs) Kind() string { return rowKind }

// InsertOpts implements river.JobArgsWithInsertOpts: a row is in the queue once.
func (rowArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: rowAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting()}}
}

// fileArgs is a job whose files are to be saved.
type fileArgs struct {
	Job   string `json:"job" river:"unique"`
	Batch string `json:"batch"`
	// Round is the run of the batch: a file that was given up in one is tried
	// again in the next.
	Round int64 `json:"round" river:"unique"`
}

// Kind implements river.JobArgs.
func (fileArgs) Kind() string { return fileKind }

// InsertOpts implements river.JobArgsWithInsertOpts: a job is in the queue once
// a round, also when it was given up.
func (fileArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: fileQueue, MaxAttempts: fileAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()},
	}
}

// waiting are the states of what is not over.
func waiting() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}

// ofBatch is what the queue can be searched by.
func ofBatch(batch string) []byte {
	text, _ := json.Marshal(map[string]string{"batch": batch}) //nolint:errchkjson // a text
	return text
}

var errBytes = errors.New("a path or a text of it is no UTF-8, or holds a zero byte: it cannot be handed to workers")

// encodeRow refuses what would come out of the database as something else.
func encodeRow(row Row) (json.RawMessage, error) {
	text, err := json.Marshal(row)
	if err == nil && (bytes.Contains(text, []byte(`\ufffd`)) || bytes.Contains(text, []byte(`\u0000`))) {
		err = errBytes
	}
	return text, err
}

func decodeRow(text json.RawMessage) (Row, error) {
	var row Row
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // as the manifest was read
	return row, decoder.Decode(&row)
}
