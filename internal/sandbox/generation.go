package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// generation is how long jobs take: from least to most.
type generation struct{ least, most time.Duration }

func generationOf(least, most time.Duration) generation {
	if least <= 0 {
		least = 3 * time.Second
	}
	return generation{least: least, most: max(least, most)}
}

// of is how long the job of this id takes. The id decides, so that a job's life
// stays a function of its file and the clock.
func (g generation) of(id string) time.Duration {
	sum := sha256.Sum256([]byte(id))
	drawn := binary.BigEndian.Uint64(sum[:]) % uint64(g.most-g.least+1)
	return g.least + time.Duration(drawn)
}
