package cmd

import (
	"path/filepath"
	"sync"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/view"
)

// batchFiles are the files that grow beside the videos of a batch.
type batchFiles struct {
	batch            string
	results, errors  *batch.Log
	resultsAt, errAt string
	release          func()

	mu     sync.Mutex
	failed error
}

// openBatchFiles opens them for this process alone. results.jsonl is gone on
// with; errors.jsonl says what is wrong now, and begins anew.
func (a *app) openBatchFiles(run *batchRun) (*batchFiles, error) {
	folder, err := a.batchFolder(run)
	if err != nil {
		return nil, err
	}
	f := &batchFiles{
		batch: run.id, resultsAt: filepath.Join(folder, "results.jsonl"), errAt: filepath.Join(folder, "errors.jsonl"),
	}
	if f.release, err = batch.Lock(filepath.Join(folder, ".klingctl-batch.lock"), run.id); err != nil {
		return nil, err
	}
	if f.results, err = batch.OpenLog(f.resultsAt, false); err == nil {
		f.errors, err = batch.OpenLog(f.errAt, true)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// write tells of a row where it belongs. A row that waits belongs nowhere.
func (f *batchFiles) write(row view.BatchRow) {
	end := batch.End(row.Result)
	var err error
	switch {
	case end.Trouble(), row.Error != nil:
		err = f.errors.Write("", row)
	case end == batch.Done, end == batch.Kept, end == batch.Changed:
		err = f.results.Write(row.Key, row)
	}
	if err != nil {
		f.mu.Lock()
		f.failed = err
		f.mu.Unlock()
	}
}

// err is why a line could not be written, nil when all were.
func (f *batchFiles) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *batchFiles) close() {
	for _, log := range []*batch.Log{f.results, f.errors} {
		if log != nil {
			_ = log.Close()
		}
	}
	f.release()
}
