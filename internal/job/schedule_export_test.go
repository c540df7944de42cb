package job

import "github.com/klingctl/klingctl/internal/kling"

// Phase is how the looks at a job are moved.
func Phase(job kling.Job) float64 { return phase(job) }
