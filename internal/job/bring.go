package job

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Errand says what is to be done with jobs.
type Errand struct {
	// Interval, when positive, is a fixed pause between looks at a job; else
	// its schedule decides.
	Interval time.Duration
	// Once looks once at a job that has not ended instead of waiting for it.
	Once bool
	// Save has the videos of succeeded jobs fetched to where Output says.
	Save   bool
	Output Output
	// Parallel is how many jobs have their files fetched at a time; less than
	// 1 means 1.
	Parallel int
	// Saved, when it is not nil, is called after all files of a job are in
	// place, for several jobs at a time. Its error becomes the outcome's.
	Saved func(ctx context.Context, job kling.Job) error
}

// Bring waits for jobs and saves their videos, each as soon as its job has
// ended and while others are still waited for. Outcomes come in the order of
// the jobs; one that has not succeeded has no error for that alone. When the
// context is done what is under way stops, and every job has an outcome: a
// Deadline or Interrupted fault where it was still waited for, a Download or
// Interrupted fault where its file was not there yet. Ended is observed once a
// job, when its outcome is final.
func (s *Service) Bring(ctx context.Context, jobs []kling.Job, e Errand) []Outcome {
	b := &bringing{
		service: s, errand: e, outcomes: make([]Outcome, len(jobs)),
		places: make(map[string]int, len(jobs)), ready: make(chan int, len(jobs)),
	}
	watch := s.NewWatch(e.Interval)
	watch.once = e.Once
	for i, job := range jobs {
		b.places[Name(job)] = i
		if e.Save {
			s.files.keep(job)
		}
	}
	for i, job := range jobs {
		switch {
		case b.places[Name(job)] != i:
		case e.Save && job.State == kling.Succeeded:
			b.outcomes[i].Job = job
			b.ready <- i
		default:
			watch.Add(ctx, job)
		}
	}
	watch.Close()
	var savers sync.WaitGroup
	if e.Save {
		for range min(max(e.Parallel, 1), len(jobs)) {
			savers.Go(func() { b.saveAll(ctx) })
		}
	}
	watch.Run(ctx, b.ended)
	close(b.ready)
	savers.Wait()
	for i, job := range jobs {
		b.outcomes[i] = b.outcomes[b.places[Name(job)]]
	}
	return b.outcomes
}

// bringing is one call of Bring.
type bringing struct {
	service  *Service
	errand   Errand
	outcomes []Outcome
	// places finds a job by its name; who is named twice is brought once.
	places map[string]int
	// ready takes the places of jobs to save; it holds all of them, so that
	// the looks never wait for a download.
	ready chan int
}

// ended takes in how the waiting for a job ended.
func (b *bringing) ended(job kling.Job, err error) {
	i := b.places[Name(job)]
	b.outcomes[i] = Outcome{Job: job, Err: err}
	if b.errand.Save && err == nil && job.State == kling.Succeeded {
		b.ready <- i
		return
	}
	b.over(i)
}

// over tells that an outcome is final.
func (b *bringing) over(i int) {
	b.service.observe(Event{Stage: Ended, Job: b.outcomes[i].Job, Err: b.outcomes[i].Err})
}

func (b *bringing) saveAll(ctx context.Context) {
	for i := range b.ready {
		b.outcomes[i] = b.save(ctx, b.outcomes[i].Job)
		b.over(i)
	}
}

func (b *bringing) save(ctx context.Context, job kling.Job) Outcome {
	if ctx.Err() != nil {
		return Outcome{Job: job, Err: notSaved(cutShort(ctx), job)}
	}
	job, err := b.service.Save(ctx, job, b.errand.Output)
	if err == nil && b.errand.Saved != nil {
		err = b.errand.Saved(ctx, job)
	}
	return Outcome{Job: job, Err: err}
}

// cutShort is why a download did not begin.
func cutShort(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.Error{Kind: fault.Download, Op: "download", Detail: "the time was up", Err: context.Cause(ctx)}
	}
	return &fault.Error{Kind: fault.Interrupted, Op: "download", Err: context.Cause(ctx)}
}
