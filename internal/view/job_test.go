package view_test

import (
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// A record gives a link as it came, but for a user and password in it.
func TestNewJobShowsNoPassword(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://cdn.example/a.mp4?sig=x%2Fy":       "https://cdn.example/a.mp4?sig=x%2Fy",
		"https://user:secret@cdn.example/a.mp4?n=1": "https://cdn.example/a.mp4?n=1",
		"https://user:secret@cdn.example/%zz":       "",
		"your video is ready":                       "your video is ready",
		"/files/a.mp4":                              "/files/a.mp4",
	} {
		job := kling.Job{State: kling.Succeeded, Artifacts: []kling.Artifact{{Kind: kling.Video, URL: link}}}
		if got := view.NewJob(job, fault.Charged).Artifacts[0].URL; got != want {
			t.Errorf("the link %s is shown as %q, want %q", link, got, want)
		}
	}
}
