package dialecttest

import (
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

func sceneSucceeds(t *testing.T, p *player) {
	t.Helper()
	ref, first := p.buy(t)
	if first.State != kling.Queued && first.State != kling.Running {
		t.Errorf("the create is answered with state %s, want queued or running", first.State)
	}
	p.wantState(t, ref, kling.Queued)
	p.pass(generation / 2)
	p.wantState(t, ref, kling.Running)
	p.pass(generation)
	done := p.wantState(t, ref, kling.Succeeded)
	if len(done.Artifacts) == 0 {
		t.Error("success without a result")
	}
	for _, a := range done.Artifacts {
		if !strings.HasPrefix(a.URL, "https://") {
			t.Errorf("result %q, want a link", a.URL)
		}
	}
}

func sceneFails(t *testing.T, p *player) {
	t.Helper()
	ref, _ := p.buy(t)
	p.pass(2 * generation)
	failed := p.wantState(t, ref, kling.Failed)
	if failed.Message == "" {
		t.Error("failed without a message, want the provider's reason")
	}
}

func sceneThrottled(t *testing.T, p *player) {
	t.Helper()
	_, err := p.create(t, p.order)
	if e := fault.Of(err); e == nil || e.Kind != fault.Busy || e.Spent() != fault.NotCharged {
		t.Fatalf("the first create gives %v, want kind busy and nothing charged", err)
	}
	ref, _ := p.buy(t)
	p.pass(2 * generation)
	p.wantState(t, ref, kling.Succeeded)
}

func sceneOddWord(t *testing.T, p *player) {
	t.Helper()
	ref, _ := p.buy(t)
	p.pass(generation / 2)
	odd := p.wantState(t, ref, kling.Running)
	if odd.Recognised {
		t.Errorf("the word %q is recognised, want not", odd.Word)
	}
	p.pass(generation)
	p.wantState(t, ref, kling.Succeeded)
}

func sceneNever(t *testing.T, p *player) {
	t.Helper()
	ref, _ := p.buy(t)
	p.pass(100 * generation)
	p.wantState(t, ref, kling.Running)
}

func sceneVideos(want int) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		ref, _ := p.buy(t)
		p.pass(2 * generation)
		done := p.wantState(t, ref, kling.Succeeded)
		if got := len(done.Artifacts); got != want {
			t.Errorf("%d results, want %d: %+v", got, want, done.Artifacts)
		}
	}
}

func sceneLookFails(want fault.Kind) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		ref, _ := p.buy(t)
		if _, err := p.look(t, ref); !fault.Is(err, want) {
			t.Errorf("the first look gives %v, want kind %s", err, want)
		}
		p.pass(2 * generation)
		p.wantState(t, ref, kling.Succeeded)
	}
}

func sceneNoSuchTask(t *testing.T, p *player) {
	t.Helper()
	ref := p.ref("no-such-task")
	if _, err := p.look(t, ref); !fault.Is(err, fault.NotFound) {
		t.Errorf("a look for a task that is not there gives %v, want kind not_found", err)
	}
}

func sceneRefused(want Refusal) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		p.wantRefused(t, want)
	}
}

func sceneInvalid(order dialect.Request) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		p.order = order
		p.wantRefused(t, Refusal{fault.Refused, fault.NotCharged})
	}
}

func sceneBadKey(t *testing.T, p *player) {
	t.Helper()
	p.credential = otherAccount(p.credential, "invalid-key")
	p.wantRefused(t, Refusal{fault.Auth, fault.NotCharged})
}

func sceneEmptyAccount(t *testing.T, p *player) {
	t.Helper()
	p.credential = otherAccount(p.credential, "poor-account")
	p.wantRefused(t, Refusal{fault.Credit, fault.NotCharged})
}

func otherAccount(c dialect.Credential, name string) dialect.Credential {
	if c.Pair() {
		c.AccessKey = secret.New(name)
	} else {
		c.Key = secret.New(name)
	}
	return c
}

func sceneFound(finder dialect.Finder) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		p.order.Input[p.d.Traits().ExternalID] = "klingctl-life-1"
		ref, _ := p.buy(t)
		call, err := finder.Find(ref.Path, "klingctl-life-1")
		found, err := p.d.Looked(p.send(t, call, err))
		if err != nil || found.Task != ref.Task {
			t.Errorf("the look by our id finds %q (error %v), want %q", found.Task, err, ref.Task)
		}
		call, err = finder.Find(ref.Path, "klingctl-life-2")
		if _, err := p.d.Looked(p.send(t, call, err)); !fault.Is(err, fault.NotFound) {
			t.Errorf("the look by an id never used gives %v, want kind not_found", err)
		}
	}
}

func sceneListed(lister dialect.Lister) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		older, _ := p.buy(t)
		p.pass(2 * generation)
		newer, _ := p.buy(t)
		call, err := lister.List(older.Path, 1, 30)
		seen, err := lister.Listed(p.send(t, call, err))
		if err != nil || len(seen) != 2 || seen[0].Task != newer.Task || seen[1].Task != older.Task {
			t.Fatalf("the list gives %+v (error %v), want %q and %q", seen, err, newer.Task, older.Task)
		}
		if seen[0].State != kling.Queued || seen[1].State != kling.Succeeded {
			t.Errorf("the list gives %s, want queued and succeeded", states(seen))
		}
	}
}
