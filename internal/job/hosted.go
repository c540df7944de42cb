package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/upload"
)

// oldDraft is the age from which on a draft is taken for left behind: it keeps
// no image from being deleted.
const oldDraft = time.Hour

// rememberHosted completes the stored request with where its images are.
func (s *Service) rememberHosted(ctx context.Context, job kling.Job, hosted map[string]hostedRecord) (kling.Job, error) {
	kept, err := recordOf(job)
	if err != nil {
		return job, err
	}
	for i := range kept.Images {
		if place, ok := hosted[kept.Images[i].Property]; ok {
			kept.Images[i].Hosted = &place
		}
	}
	request, err := json.Marshal(kept)
	if err != nil {
		return job, fmt.Errorf("describe the request: %w", err)
	}
	return s.update(ctx, job, func(have kling.Job) (kling.Job, error) {
		have.Request = request
		return have, nil
	})
}

// unhost deletes the hosted images of a job that has just succeeded. One that
// another open job was ordered with stays, for the last of them to delete.
// What cannot be deleted is told and harms nothing.
func (s *Service) unhost(ctx context.Context, job kling.Job) {
	if !s.DeleteHosted {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if err := s.deleteHosted(ctx, job); err != nil {
		s.notice(job, "the image of job "+job.ID+" stays where it is hosted: "+err.Error())
	}
}

func (s *Service) deleteHosted(ctx context.Context, job kling.Job) error {
	kept, err := recordOf(job)
	if err != nil {
		return err
	}
	links := map[upload.Link]string{}
	for _, image := range kept.Images {
		if image.Hosted != nil && image.Hosted.Key != "" {
			link := upload.Link{Method: image.Hosted.Method, Key: image.Hosted.Key, Image: media.Image{SHA256: image.SHA256}}
			links[link] = image.Hosted.Place
		}
	}
	if len(links) == 0 {
		return nil
	}
	settings, err := SettingsOf(job)
	if err != nil {
		return err
	}
	hoster := s.hoster(settings)
	if hoster == nil {
		return nil
	}
	needed, err := s.needed(ctx, job)
	if err != nil {
		return err
	}
	for link, place := range links {
		// A place that is not configured any more is not ours to tidy.
		if needed[link.Image.SHA256] || place != hoster.Name() {
			continue
		}
		if err := hoster.Delete(ctx, link); err != nil {
			return err
		}
	}
	return nil
}

// needed are the digests of the images of all other open jobs. A row is there
// before its images are hosted, so that none is missed.
func (s *Service) needed(ctx context.Context, job kling.Job) (map[string]bool, error) {
	needed := map[string]bool{}
	open := ledger.Filter{States: []kling.State{kling.Draft, kling.Submitting, kling.Queued, kling.Running, kling.Unknown}}
	err := s.Ledger.Each(ctx, open, func(other kling.Job) error {
		if other.ID == job.ID || other.State == kling.Draft && s.Now().Sub(other.CreatedAt) > oldDraft {
			return nil
		}
		kept, err := recordOf(other)
		if err != nil {
			return err
		}
		for _, image := range kept.Images {
			needed[image.SHA256] = true
		}
		return nil
	})
	return needed, err
}
