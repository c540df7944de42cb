package job

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// refit is after how many jobs of a kind that ended its history is read again.
const refit = 10

// plans holds the schedules of one round, one for each kind of job. It is safe
// for concurrent use.
type plans struct {
	service *Service
	// fixed, when positive, is the pause the user asked for.
	fixed time.Duration

	mu    sync.Mutex
	kinds map[kind]*planned
}

// kind is what jobs have in common that take as long and are looked at alike.
type kind struct {
	provider, model string
	seconds         int
	expected        catalog.Span
	poll            provider.Poll
}

type planned struct {
	schedule *Schedule
	ended    int
}

func (s *Service) plans(fixed time.Duration) *plans {
	return &plans{service: s, fixed: fixed, kinds: map[kind]*planned{}}
}

// of is the plan for a job. The first of a kind reads the history.
func (p *plans) of(ctx context.Context, job kling.Job) Plan {
	if p.fixed > 0 {
		return Plan{Fixed: p.fixed}
	}
	key := p.kindOf(job)
	p.mu.Lock()
	defer p.mu.Unlock()
	have := p.kinds[key]
	if have == nil || have.ended >= refit {
		have = &planned{schedule: NewSchedule(p.service.past(ctx, job), key.expected, key.poll)}
		p.kinds[key] = have
	}
	return Plan{Schedule: have.schedule, Phase: phase(job)}
}

// ended tells that a job has ended well, and the history has grown.
func (p *plans) ended(job kling.Job) {
	key := p.kindOf(job)
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.kinds[key]; have != nil {
		have.ended++
	}
}

func (p *plans) kindOf(job kling.Job) kind {
	settings, err := SettingsOf(job)
	if err != nil {
		settings = provider.Settings{}
	}
	return kind{
		provider: job.Ref.Provider, model: job.Model, seconds: job.Seconds,
		expected: p.service.expected(job), poll: settings.Poll,
	}
}

// phase is a share that is another for each job and the same at each look.
func phase(job kling.Job) float64 {
	sum := sha256.Sum256([]byte(Name(job)))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}
