package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// createTime bounds a create with all its tries: after it, and a few
	// seconds more, any process may take the row for abandoned.
	createTime = 3 * time.Minute
	// paceTime bounds the wait for room in a provider's pace. It is none of
	// the create's time: one that begins late would be cut, and be unknown.
	paceTime = 3 * time.Minute
)

// afterwards bounds what must still be written when the user has already
// given up.
const afterwards = 10 * time.Second

// Order is a checked request for one job.
type Order struct {
	Prepared *catalog.Prepared
	Settings provider.Settings
	// Pace is the provider's limit on creates; the zero Pace sets none.
	Pace ledger.Pace
	// Guard holds the same request back, Budget caps spending.
	Guard  ledger.Guard
	Budget ledger.Budget
	// AllowUnknownPrice lets a job of unknown price pass caps on money.
	AllowUnknownPrice bool
	// Take tells several jobs of one request apart; 0 and 1 are the same.
	Take int
	// Sandbox marks jobs of the offline emulator.
	Sandbox bool
	// Batch and Row are the batch and the row of it that order the job.
	Batch, Row string
	// Patient orders come back: a create that was proved not made for a reason
	// that passes is tried once, and leaves a draft to be sent later.
	Patient bool
	// NoWait orders do not wait for room in the provider's pace: Busy, with
	// when to come back, above ErrNoRoom.
	NoWait bool
}

// ErrNoRoom is below the fault of an order that found no room in the pace, or
// among the jobs that may be in flight, of its provider.
var ErrNoRoom = errors.New("there is no room for it yet")

var errLong = errors.New("the create took longer than " + createTime.String())

// Submit buys one job. The intent is durable before the first byte of the
// create leaves. When the outcome is not clear, the job comes back Unknown
// with a fault of kind Ambiguous; whenever it may exist, the job comes back
// with everything that is known of it, also beside an error.
func (s *Service) Submit(ctx context.Context, order Order) (kling.Job, error) {
	client, err := s.Connect(order.Settings)
	if err != nil {
		return kling.Job{}, err
	}
	job, err := s.draft(order, client)
	if err != nil {
		return kling.Job{}, err
	}
	if err := s.held(ctx, order, job); err != nil {
		return kling.Job{}, err
	}
	if err := s.Ledger.Add(ctx, job); err != nil {
		return kling.Job{}, fmt.Errorf("remember the order before it is sent: %w", err)
	}
	return s.send(ctx, order, job, client)
}

// send carries a draft from the hosting of its images to the answer of its
// create.
func (s *Service) send(ctx context.Context, order Order, job kling.Job, client *provider.Client) (kling.Job, error) {
	job, request, err := s.request(ctx, order, job)
	if err == nil {
		_, err = client.Encode(request)
	}
	if err != nil {
		return kling.Job{}, s.dropped(ctx, job, err)
	}
	intended, err := s.intend(ctx, job, order)
	if err != nil {
		return kling.Job{}, s.dropped(ctx, job, err)
	}
	job = intended
	ctx, cancel := context.WithTimeoutCause(ctx, job.CreateDeadline.Sub(s.Now()), errLong)
	defer cancel()
	s.observe(Event{Stage: Submitting, Job: job})
	create := client.Create
	if order.Patient {
		create = client.CreateOnce
	}
	seen, err := create(ctx, request)
	if fault.Is(err, fault.Busy) {
		s.slowDown(ctx, order, err)
	}
	return s.created(context.WithoutCancel(ctx), order, job, seen, err)
}

// draft makes the row of an order.
func (s *Service) draft(order Order, client *provider.Client) (kling.Job, error) {
	var random [kling.IDLength]byte
	if _, err := io.ReadFull(s.Random, random[:]); err != nil {
		return kling.Job{}, &fault.Error{Kind: fault.Local, Op: "make an id", Err: err}
	}
	prepared := order.Prepared
	job := kling.Job{
		ID: kling.NewID(random), State: kling.Draft,
		Ref:   kling.Ref{Provider: order.Settings.Name, Path: prepared.Model.Endpoint},
		Model: prepared.Model.Model, Kind: prepared.Model.Kind, Sandbox: order.Sandbox,
		Prompt: prepared.Prompt(), Seconds: prepared.Seconds(),
		CreatedAt: s.Now(), UpdatedAt: s.Now(),
		Batch: order.Batch, Row: order.Row,
	}
	var err error
	if job.Key, err = KeyOf(order); err != nil {
		return kling.Job{}, err
	}
	spoken := client.Dialect()
	if spoken.Traits().Finds {
		// Lookups by our own id settle lost answers, so it is always set.
		job.ExternalID = "klingctl-" + job.ID
		if own, ok := prepared.Input[spoken.Traits().ExternalID].(string); ok && own != "" {
			job.ExternalID = own
		} else if !prepared.Set("external-id", job.ExternalID) {
			job.ExternalID = ""
		}
	}
	if job.Request, err = json.Marshal(describe(prepared)); err != nil {
		return kling.Job{}, fmt.Errorf("describe the request: %w", err)
	}
	if job.Settings, err = json.Marshal(order.Settings); err != nil {
		return kling.Job{}, fmt.Errorf("describe the provider: %w", err)
	}
	return job, nil
}

// KeyOf identifies equal orders: a digest of what is bought, and of who asks
// for it where a row of a batch or one of several takes does.
func KeyOf(order Order) (string, error) {
	canonical, err := order.Prepared.Canonical()
	if err != nil {
		return "", fmt.Errorf("describe the request: %w", err)
	}
	if order.Take > 1 {
		canonical = fmt.Appendf(canonical, "\ntake %d", order.Take)
	}
	if order.Batch != "" {
		canonical = fmt.Appendf(canonical, "\nbatch %q row %q", order.Batch, order.Row)
	}
	key := sha256.Sum256(canonical)
	return hex.EncodeToString(key[:]), nil
}

// dropped takes a draft away of which nothing was sent, and gives back why. A
// row that is no draft any more stays.
func (s *Service) dropped(ctx context.Context, job kling.Job, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	err := s.Ledger.Drop(ctx, job.ID)
	if err == nil || fault.Is(err, fault.Held) {
		return why
	}
	return alsoFailed(why, err)
}

// intend makes the intent durable, waiting for the provider's pace first.
func (s *Service) intend(ctx context.Context, job kling.Job, order Order) (kling.Job, error) {
	told, end := false, s.Now().Add(paceTime)
	if limit, ok := ctx.Deadline(); ok && limit.Before(end) {
		end = limit
	}
	for {
		deadline := s.Now().Add(createTime)
		if limit, ok := ctx.Deadline(); ok && limit.Before(deadline) {
			deadline = limit
		}
		if !deadline.After(s.Now()) {
			return job, notSent(job, fault.Busy, 0, nil)
		}
		granted, err := s.Ledger.Intend(ctx, job.ID, ledger.Intent{
			Now: s.Now(), Deadline: deadline, Pace: order.Pace, Guard: order.Guard, Budget: order.Budget,
		})
		if err != nil {
			return job, fmt.Errorf("remember the intent before it is sent: %w", err)
		}
		switch {
		case granted.Job.State == kling.Submitting:
			return granted.Job, nil
		case granted.Wait <= 0:
			return job, s.heldBack(job, granted)
		case order.NoWait:
			return job, notSent(job, fault.Busy, granted.Wait, ErrNoRoom)
		case s.Now().Add(granted.Wait).After(end):
			return job, notSent(job, fault.Busy, granted.Wait, nil)
		}
		if !told {
			told = true
			s.notice(job, "waiting for room in the pace of "+job.Ref.Provider)
		}
		if err := sleep(ctx, granted.Wait); err != nil {
			return job, notSent(job, fault.Interrupted, 0, err)
		}
	}
}

// notSent is a create that never left because the ledger did not let it.
func notSent(job kling.Job, kind fault.Kind, wait time.Duration, cause error) error {
	detail := "the time was over before it could be sent"
	switch {
	case kind == fault.Interrupted:
		detail = "stopped before it was sent"
	case kind == fault.Held:
		detail = "the ledger held the job back; nothing was sent"
	case cause == nil && wait > 0:
		detail = "its pace left no room in the time there was; nothing was sent"
	case wait > 0:
		detail = "nothing was sent"
	}
	return &fault.Error{
		Kind: kind, Op: "submit to", Subject: job.Ref.Provider, Charged: fault.NotCharged, RetryAfter: wait,
		Detail: detail, Err: cause,
	}
}

// created stores how a create ended. It runs to its end even when the user has
// already given up.
func (s *Service) created(ctx context.Context, order Order, job kling.Job, seen kling.Snapshot, createErr error) (kling.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, afterwards)
	defer cancel()
	if createErr != nil {
		return s.notCreated(ctx, order, job, createErr)
	}
	advanced := kling.Advance(job, seen, s.Now())
	stored, err := s.advance(ctx, job, seen)
	if err != nil {
		return advanced, s.lastResort(advanced, err)
	}
	s.observe(Event{Stage: Moved, Job: stored, Usual: s.usual(ctx, stored)})
	return stored, nil
}

func (s *Service) notCreated(ctx context.Context, placed Order, job kling.Job, createErr error) (kling.Job, error) {
	failure := fault.Of(createErr)
	if failure == nil {
		failure = &fault.Error{Kind: fault.Internal, Charged: fault.MayBeCharged, Err: createErr}
	}
	state := kling.Refused
	switch {
	case failure.Spent() != fault.NotCharged:
		state = kling.Unknown
	case placed.Patient && !fault.Is(failure, fault.Refused, fault.Usage):
		state = kling.Draft
	}
	stored, err := s.update(ctx, job, func(have kling.Job) (kling.Job, error) {
		if have.State != kling.Submitting && have.State != kling.Unknown {
			return have, nil // another process has found the task meanwhile
		}
		have.State, have.Word = state, ""
		have.Code, have.Message, have.RequestID = failure.Code, failure.Error(), failure.RequestID
		switch {
		case state.Terminal():
			have.FinishedAt = s.Now()
		case state == kling.Draft:
			have.CreateDeadline = time.Time{} // nothing is on its way any more
		}
		return have, nil
	})
	complete := *failure
	complete.Job = job.ID
	if err != nil {
		stored = job
		stored.State = state
		complete.Err = alsoFailed(complete.Err, err)
	}
	s.observe(Event{Stage: Moved, Job: stored})
	if stored.Ref.Task != "" {
		return stored, nil
	}
	if state == kling.Unknown {
		complete.Kind, complete.Hint = fault.Ambiguous, unknownHint(stored)
		complete.Detail += " (" + order(stored) + ")"
	}
	return stored, &complete
}

// alsoFailed joins two causes on one line.
func alsoFailed(first, second error) error {
	if first == nil {
		return second
	}
	return fmt.Errorf("%w; and %w", first, second)
}

// request fills in the images, remembers which of them are hosted where, and
// gives the dialect's form of an order.
func (s *Service) request(ctx context.Context, order Order, job kling.Job) (kling.Job, dialect.Request, error) {
	hosted, err := s.place(ctx, order, job)
	if err == nil && len(hosted) > 0 {
		job, err = s.rememberHosted(ctx, job, hosted)
	}
	if err != nil {
		return job, dialect.Request{}, err
	}
	return job, RequestOf(order.Prepared), nil
}

// RequestOf is the dialect's form of a prepared order.
func RequestOf(prepared *catalog.Prepared) dialect.Request {
	return dialect.Request{
		Model: prepared.Model.Model, Kind: prepared.Model.Kind, Endpoint: prepared.Model.Endpoint,
		Input: maps.Clone(prepared.Input), Envelope: maps.Clone(prepared.Envelope),
	}
}

// sleep waits with a timer that a cancelled context ends.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
