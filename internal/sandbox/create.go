package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// order is a create request that the documents allow.
type order struct {
	kind       string
	model      string
	mode       string
	slug       string
	prompt     string
	seconds    float64
	pictures   []picture
	watermark  bool
	externalID string
	callback   string
	cost       float64
	body       object
	newID      func() string
}

// readCreate reads the JSON body of a create into the journal line as well.
func (c *call) readCreate() (object, reply, bool) {
	c.entry.Op = opCreate
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, c.refuse(badRequest, "Content-Type must be application/json"), false
	}
	body, n, err := c.s.readJSON(c.r.Body)
	c.entry.Bytes = n
	switch {
	case errors.Is(err, errTooLarge):
		return nil, c.refuse(tooLarge, err.Error()), false
	case err != nil:
		return nil, c.refuse(badRequest, err.Error()), false
	}
	c.entry.Body, _ = json.Marshal(elided(body)) // it came from JSON
	return body, reply{}, true
}

// place makes the job, unless the scenario refuses it first, and then lets the
// scenario spoil the answer. accept builds the documented answer for an id,
// which is nil where the scenario withholds it.
func (c *call) place(o order, accept func(t *task, id any) reply) reply {
	play, found, sh, odd := readMarkers(o.prompt)
	if !found {
		play = c.s.scenario
	}
	if odd != "" {
		c.note(odd)
	}
	if sh == "" {
		sh = c.at.shape
	}
	c.entry.Scenario = play.String()
	c.entry.ExternalID = o.externalID
	if c.poor {
		return c.refuse(noCredit, "")
	}
	if out, refused := c.playRefusal(play, o); refused {
		return out
	}
	t := c.newTask(o, play, sh)
	if err := c.s.save(t); err != nil {
		return c.broken(err)
	}
	if out, refused := c.claimExternal(t); refused {
		return out
	}
	c.entry.Task = t.ID
	c.entry.Charged = true
	return c.spoil(play, t, accept)
}

func (c *call) newTask(o order, play scenario, sh shape) *task {
	id := o.newID()
	t := &task{
		ID:         id,
		Provider:   c.at.provider,
		Shape:      sh,
		Kind:       o.kind,
		Model:      o.model,
		Mode:       o.mode,
		Slug:       o.slug,
		Owner:      c.owner,
		Scenario:   play,
		CreatedMS:  c.now.UnixMilli(),
		TakesMS:    c.s.generation.of(id).Milliseconds(),
		Seconds:    o.seconds,
		Seed:       o.prompt,
		Watermark:  o.watermark || play.Name == "watermark",
		ExternalID: o.externalID,
		Callback:   o.callback,
		Request:    c.entry.Body,
		Cost:       o.cost,
	}
	if play.Name == "slow" {
		t.TakesMS = play.duration(slowTime).Milliseconds()
	}
	if len(o.pictures) > 0 {
		t.Image = o.pictures[0].image
		t.Seed = o.pictures[0].seed()
		t.Unreadable = slices.ContainsFunc(o.pictures, func(p picture) bool { return p.gone })
	}
	return t
}

// claimExternal makes an external id unique in its account (F.2): of two
// processes one is refused, and its job is taken back. The job is saved before
// its name is taken, so that a name always leads to a job.
func (c *call) claimExternal(t *task) (reply, bool) {
	if t.ExternalID == "" || c.at.provider != kling {
		return reply{}, false
	}
	free, err := claim(c.externalPath(t.ExternalID), []byte(t.ID))
	if err == nil && free {
		return reply{}, false
	}
	if gone := os.Remove(c.s.taskPath(t.file())); gone != nil || err != nil {
		return c.broken(errors.Join(err, gone)), true
	}
	if !free {
		return c.refuse(badRequest, "external_task_id is already in use"), true
	}
	return reply{}, false
}

func (c *call) externalPath(id string) string {
	name := digest([]byte(fmt.Sprintf("%s\n%s\n%s", c.at.provider, c.owner, id)))[:32]
	return filepath.Join(c.s.dir, externalDir, name)
}

// findExternal looks a job up by the id its owner gave it; nil when there is
// none.
func (c *call) findExternal(id string) (*task, error) {
	data, err := os.ReadFile(c.externalPath(id))
	if err != nil {
		return nil, nil //nolint:nilerr // a name nobody claimed
	}
	t, err := c.find(strings.TrimSpace(string(data)))
	if err != nil || t == nil || t.Scenario.Name == "no-external" {
		return nil, err
	}
	return t, nil
}
