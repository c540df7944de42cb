package dialecttest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// value draws a JSON value of a limited depth.
func value(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(1, kinds).Draw(t, "kind") {
		case 1:
			return rapid.String().Draw(t, "text")
		case 2:
			return json.Number("12")
		case 3:
			return rapid.Bool().Draw(t, "boolean")
		case 4:
			return nil
		case 5:
			return rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "items")
		default:
			return rapid.MapOfN(rapid.StringN(1, 3, -1), value(depth-1), 0, 3).Draw(t, "fields")
		}
	})
}

func TestVariationsDifferFromTheirOrigin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		origin := value(3).Draw(t, "origin")
		before := cloneValue(origin)
		for _, variation := range variations(origin) {
			if reflect.DeepEqual(variation, origin) {
				t.Fatalf("a variation equals its origin %#v", origin)
			}
		}
		if !reflect.DeepEqual(origin, before) {
			t.Fatalf("varying changed the origin to %#v", origin)
		}
	})
}

func TestDamageIsJSONAndReachesEveryValue(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":{"b":[1,{"c":"deep"}]}}`)
	total, without := 0, 0
	for damaged := range damage(body) {
		total++
		if !json.Valid(damaged) {
			t.Errorf("damage gives %.80q, want JSON", damaged)
		}
		if !bytes.Contains(damaged, []byte("deep")) {
			without++
		}
	}
	// Six values are replaced by each odd value, three keys are left out.
	if want := 6*len(oddValues()) + 3; total != want {
		t.Errorf("%d damaged bodies, want %d", total, want)
	}
	if want := 5*len(oddValues()) + 3; without != want {
		t.Errorf("%d bodies without the deepest value, want %d", without, want)
	}
}
