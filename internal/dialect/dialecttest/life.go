package dialecttest

import (
	"maps"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// generation is how long a job takes in the emulator.
const generation = 100 * time.Second

// testLife plays every scene of a life, each in an emulator of its own.
func testLife(t *testing.T, s Suite, life Life) {
	t.Helper()
	if life.New == nil {
		life.New = s.New
	}
	if life.Open == nil {
		life.Open = openSandbox
	}
	if life.Credential.Empty() {
		life.Credential = dialect.Credential{Key: secret.New(testKey)}
	}
	scenes := map[string]func(*testing.T, *player){
		"succeeds":           sceneSucceeds,
		"no such task":       sceneNoSuchTask,
		"bad key":            sceneBadKey,
		"empty account":      sceneEmptyAccount,
		"[[moderated]]":      sceneFails,
		"[[failed]]":         sceneFails,
		"[[429:1]]":          sceneThrottled,
		"[[envelope-429:1]]": sceneThrottled,
		"[[unknown-state]]":  sceneOddWord,
		"[[never]]":          sceneNever,
		"[[no-url]]":         sceneVideos(0),
		"[[two-videos]]":     sceneVideos(2),
		"[[object-result]]":  sceneVideos(1),
		"[[not-found:1]]":    sceneLookFails(fault.NotFound),
		"[[busy-status:1]]":  sceneLookFails(fault.Busy),
	}
	d := life.New()
	if finder, ok := d.(dialect.Finder); ok {
		scenes["found by our id"] = sceneFound(finder)
	}
	if lister, ok := d.(dialect.Lister); ok {
		scenes["listed"] = sceneListed(lister)
	}
	if accountant, ok := d.(dialect.Accountant); ok {
		scenes["balance"] = sceneBalance(accountant)
		scenes["balance of an empty account"] = sceneNoBalance(accountant)
		scenes["balance with a bad key"] = sceneBalanceRefused(accountant)
	}
	if life.Invalid != nil {
		scenes["invalid order"] = sceneInvalid(*life.Invalid)
	}
	refusals := refusals()
	maps.Copy(refusals, life.Expect)
	for name, want := range refusals {
		scenes[name] = sceneRefused(want)
	}
	for name := range life.Skip {
		if scenes[name] == nil {
			t.Errorf("Skip names %q, which is no scene", name)
		}
	}
	for name, scene := range scenes {
		if life.Skip[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, newPlayer(t, life, name))
		})
	}
}

// Refusal is the fault that a refused create gives.
type Refusal struct {
	Kind    fault.Kind
	Charged fault.Charge
}

func refusals() map[string]Refusal {
	refused := Refusal{fault.Refused, fault.NotCharged}
	down := Refusal{fault.Unavailable, fault.MayBeCharged}
	unclear := Refusal{fault.Answer, fault.MayBeCharged}
	elsewhere := Refusal{fault.Answer, fault.NotCharged}
	return map[string]Refusal{
		"[[401]]":              {fault.Auth, fault.NotCharged},
		"[[402]]":              {fault.Credit, fault.NotCharged},
		"[[403]]":              refused,
		"[[422]]":              refused,
		"[[455]]":              {fault.Busy, fault.NotCharged},
		"[[500]]":              down,
		"[[500-created]]":      down,
		"[[501]]":              refused,
		"[[502-html]]":         down,
		"[[503]]":              down,
		"[[504]]":              down,
		"[[505]]":              refused,
		"[[maintenance-html]]": elsewhere,
		"[[redirect-302]]":     elsewhere,
		"[[redirect-307]]":     elsewhere,
		"[[redirect-308]]":     elsewhere,
		"[[half-reply]]":       unclear,
		"[[no-id]]":            unclear,
		"[[empty]]":            unclear,
	}
}
