package batch

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// verdict is why a row or a file is in the queue no more, as the queue keeps
// it.
type verdict struct {
	End     End          `json:"end"`
	Kind    fault.Kind   `json:"kind"`
	Message string       `json:"message"`
	Hint    string       `json:"hint,omitempty"`
	Charged fault.Charge `json:"charged,omitempty"`
}

func verdictOf(end End, err error) verdict {
	v := verdict{End: end, Kind: fault.Internal, Message: err.Error()}
	if failure := fault.Of(err); failure != nil {
		v.Kind, v.Hint, v.Charged = failure.Kind, failure.Hint, failure.Charged
	}
	return v
}

// giveUp takes a row out of the queue; it comes back when the batch is run
// again.
func (w *worker) giveUp(ctx context.Context, end End, err error) error {
	return river.JobCancel(w.tried(ctx, end, err))
}

// tried has a step tried again, a few times.
func (w *worker) tried(ctx context.Context, end End, err error) error {
	if recorded := river.RecordOutput(ctx, verdictOf(end, err)); recorded != nil {
		return errors.Join(err, recorded)
	}
	return err
}

// Left reports whether anything of a batch is in the queue.
func (q *Queue) Left(ctx context.Context, batch string) (bool, error) {
	found, err := q.client.JobList(ctx, river.NewJobListParams().
		Metadata(string(ofBatch(batch))).States(waiting()...).First(1))
	if err != nil {
		return false, queueFault("read the queue", err)
	}
	return len(found.Jobs) > 0, nil
}

// Results gives how every row of a batch stands once nothing of it is left in
// the queue. A row that was never sent has no job.
func (q *Queue) Results(ctx context.Context, service *job.Service, batch string, told func(Result)) error {
	verdicts, err := q.verdicts(ctx, batch)
	if err != nil {
		return err
	}
	known, err := standings(ctx, service, batch)
	if err != nil {
		return err
	}
	for id, have := range known {
		j, err := service.Ledger.Get(ctx, have.id)
		if err != nil {
			return err
		}
		why := verdicts[j.ID]
		if j.State != kling.Succeeded || kept(j) {
			why = nil
		} else if why == nil {
			why = errUnsaved
		}
		if refused := verdicts["row "+id]; refused != nil && (j.State == kling.Draft || job.NeverMade(j)) {
			why = refused
		}
		delete(verdicts, "row "+id)
		told(Result{Row: Row{ID: id}, End: endOf(j, why), Job: j, Err: why})
	}
	for name, why := range verdicts {
		id, ofRow := cutRow(name)
		if ofRow {
			told(Result{Row: Row{ID: id}, End: endOf(kling.Job{}, why), Err: why})
		}
	}
	return nil
}

// kept reports a job whose files are in their places by the ledger: they need
// not be on this machine.
func kept(j kling.Job) bool {
	for _, artifact := range j.Artifacts {
		if !artifact.OnDisk() {
			return false
		}
	}
	return len(j.Artifacts) > 0
}

var errUnsaved = errors.New("its files are not where the workers put them")

func cutRow(name string) (string, bool) {
	const prefix = "row "
	if len(name) > len(prefix) && name[:len(prefix)] == prefix {
		return name[len(prefix):], true
	}
	return "", false
}

// verdicts are why rows and files of a batch were given up, the last word on
// each: rows as "row ID", files by their job.
func (q *Queue) verdicts(ctx context.Context, batch string) (map[string]error, error) {
	last := map[string]error{}
	params := river.NewJobListParams().Metadata(string(ofBatch(batch))).
		States(rivertype.JobStateCompleted, rivertype.JobStateCancelled, rivertype.JobStateDiscarded).
		OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(inserted)
	for {
		found, err := q.client.JobList(ctx, params)
		if err != nil {
			return nil, queueFault("read the queue", err)
		}
		for _, row := range found.Jobs {
			name, why := told(row)
			delete(last, name)
			if why != nil {
				last[name] = why
			}
		}
		if len(found.Jobs) < inserted {
			return last, nil
		}
		params = params.After(found.LastCursor)
	}
}

// told reads what the queue keeps of a row or a file; no error for one that was
// done.
func told(row *rivertype.JobRow) (name string, why error) {
	if row.Kind == fileKind {
		var args fileArgs
		_ = json.Unmarshal(row.EncodedArgs, &args)
		name = args.Job
	} else {
		var args rowArgs
		_ = json.Unmarshal(row.EncodedArgs, &args)
		name = "row " + args.ID
	}
	if row.State == rivertype.JobStateCompleted {
		return name, nil
	}
	var kept verdict
	if json.Unmarshal(row.Output(), &kept) != nil || kept.Message == "" {
		kept = verdict{Kind: fault.Internal, Message: "the workers gave it up"}
		if n := len(row.Errors); n > 0 {
			kept.Message = row.Errors[n-1].Error
		}
	}
	return name, &fault.Error{Kind: kept.Kind, Detail: kept.Message, Hint: kept.Hint, Charged: kept.Charged}
}

// Saved reports whether the files of every job of a batch that has succeeded
// are in their places, or were given up.
func (q *Queue) Saved(ctx context.Context, service *job.Service, batch string) (bool, error) {
	var owed []string
	err := service.UnsavedOf(ctx, batch, func(j kling.Job) error {
		owed = append(owed, j.ID)
		return nil
	})
	if err != nil || len(owed) == 0 {
		return err == nil, err
	}
	verdicts, err := q.verdicts(ctx, batch)
	if err != nil {
		return false, err
	}
	for _, id := range owed {
		if verdicts[id] == nil {
			return false, nil
		}
	}
	return true, nil
}
