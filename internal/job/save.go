package job

import (
	"context"
	"os"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/kling"
)

// Save fetches every result of a succeeded job that is not on disk yet. The
// path is stored before the fetch, digest and size before the rename, and that
// the rename was done after it, so that a killed process leaves nothing to
// doubt. A file that was deleted later is fetched again; nothing is ever bought
// again.
func (s *Service) Save(ctx context.Context, job kling.Job, output Output) (kling.Job, error) {
	if job.State != kling.Succeeded {
		return job, &fault.Error{Kind: fault.Usage, Op: "download job", Subject: Name(job), Detail: "it is " + string(job.State), Job: Name(job), Charged: ChargedBy(job)}
	}
	if len(job.Artifacts) == 0 {
		fresh, err := s.lookAt(ctx, job, patience)
		switch {
		case fault.Is(err, fault.Unavailable, fault.Busy):
			return job, notSaved(&fault.Error{Kind: fault.Download, Op: "ask for the links of job", Subject: Name(job), Err: err}, job)
		case err != nil || len(fresh.Artifacts) == 0:
			return job, s.finished(job, err)
		}
		job = fresh
	}
	for index := range job.Artifacts {
		saved, err := s.saveOne(ctx, job, index, output)
		if err != nil {
			return saved, err
		}
		job = saved
	}
	return job, nil
}

// patience is how often a question that somebody waits for is tried.
const patience = 4

func (s *Service) saveOne(ctx context.Context, job kling.Job, index int, output Output) (kling.Job, error) {
	settings, err := SettingsOf(job)
	if err != nil {
		return job, err
	}
	path, done, err := s.target(ctx, job, index, output)
	if err != nil {
		return job, err
	}
	if done {
		return s.placed(ctx, job, index)
	}
	job, err = s.change(ctx, job, index, func(a *kling.Artifact) {
		if a.Path != path { // else another process may just have put its digest there
			a.Path, a.SHA256, a.Bytes, a.Placing = path, "", 0, false
		}
	})
	if err != nil {
		return job, notSaved(err, job)
	}
	source := fetch.Source{
		URL: job.Artifacts[index].URL,
		Refresh: func(ctx context.Context) (string, error) {
			fresh, err := s.lookAt(ctx, job, patience)
			if err != nil {
				return "", err
			}
			if index >= len(fresh.Artifacts) {
				return "", &fault.Error{Kind: fault.Download, Detail: "the provider no longer lists this result"}
			}
			return fresh.Artifacts[index].URL, nil
		},
	}
	fetcher := s.Fetcher(settings).WithProgress(func(done, total int64) {
		s.observe(Event{Stage: Saving, Job: job, Path: path, Done: done, Total: total})
	})
	result, err := fetcher.Fetch(ctx, source, path, fetch.Hooks{Force: output.Force, BeforeRename: func(r fetch.Result) error {
		stored, err := s.change(ctx, job, index, func(a *kling.Artifact) {
			a.SHA256, a.Bytes, a.Placing = r.SHA256, r.Bytes, true
		})
		job = stored
		return err
	}})
	if err != nil {
		if stored, ok := s.savedMeanwhile(ctx, job, index); ok {
			return stored, nil
		}
		return job, notSaved(err, job)
	}
	if job, err = s.placed(ctx, job, index); err != nil {
		return job, err
	}
	s.observe(Event{Stage: Saved, Job: job, Path: result.Path, Done: result.Bytes, Total: result.Bytes})
	return job, nil
}

// placed stores that an artifact's file stands under its name.
func (s *Service) placed(ctx context.Context, job kling.Job, index int) (kling.Job, error) {
	if !job.Artifacts[index].Placing {
		return job, nil
	}
	stored, err := s.change(ctx, job, index, func(a *kling.Artifact) { a.Placing = false })
	if err != nil {
		return job, notSaved(err, job)
	}
	return stored, nil
}

// savedMeanwhile reports whether another process has brought the same file.
func (s *Service) savedMeanwhile(ctx context.Context, job kling.Job, index int) (kling.Job, bool) {
	if job.ID == "" {
		return job, false
	}
	stored, err := s.Ledger.Get(ctx, job.ID)
	if err != nil || index >= len(stored.Artifacts) {
		return job, false
	}
	return stored, s.intact(ctx, stored.Artifacts[index])
}

// target chooses the file for an artifact; done means that it is already
// there, checked against the digest of its download. A file of that name with
// other content is somebody else's, to be replaced only by force, and what
// another job of this process was given is not even then.
func (s *Service) target(ctx context.Context, job kling.Job, index int, output Output) (path string, done bool, err error) {
	have := job.Artifacts[index]
	whole := s.intact(ctx, have)
	if err := ctx.Err(); err != nil {
		return "", false, notSaved(cutShort(ctx), job)
	}
	path, err = s.files.choose(owner(job, index), func(given func(string) bool) (string, error) {
		wanted, err := output.Path(job, index, func(path string) bool {
			switch {
			case given(path):
				return true
			case output.Force:
				return false
			case path == have.Path:
				return exists(path) && !whole
			}
			return exists(path) || exists(path+".part") // which somebody is bringing
		})
		if done = err == nil && whole && output.keeps(have.Path, wanted) && !given(have.Path); done {
			return have.Path, nil
		}
		return wanted, err
	})
	return path, done, err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// intact reports whether an artifact's file is the one that was downloaded.
func (s *Service) intact(ctx context.Context, artifact kling.Artifact) bool {
	if artifact.Path == "" || artifact.SHA256 == "" {
		return false
	}
	digest, size, err := fetch.Digest(ctx, artifact.Path)
	return err == nil && size == artifact.Bytes && digest == artifact.SHA256
}

// change alters one artifact of a job and stores it.
func (s *Service) change(ctx context.Context, job kling.Job, index int, alter func(*kling.Artifact)) (kling.Job, error) {
	return s.update(context.WithoutCancel(ctx), job, func(have kling.Job) (kling.Job, error) {
		artifacts := append([]kling.Artifact(nil), have.Artifacts...)
		if index >= len(artifacts) {
			return have, &fault.Error{Kind: fault.Internal, Op: "store a result of job", Subject: Name(have), Detail: "it has gone from the row"}
		}
		alter(&artifacts[index])
		have.Artifacts = artifacts
		return have, nil
	})
}

// notSaved completes a failed download: the job was bought and its result
// stays where it is.
func notSaved(err error, job kling.Job) error {
	failure := fault.Of(err)
	if failure == nil {
		failure = &fault.Error{Kind: fault.Download, Op: "download", Err: err}
	}
	complete := *failure
	complete.Job, complete.Charged = Name(job), fault.Charged
	if complete.Hint == "" {
		complete.Hint = "klingctl download " + Name(job)
	}
	return &complete
}
