package batch

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// Shard is one of several machines that share the rows of a batch without a
// database between them. The zero Shard is the only one.
type Shard struct {
	// Index is 0 for the first of Count.
	Index, Count int
}

// ParseShard reads "1/4", the first of four; "" is the only shard.
func ParseShard(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	first, second, _ := strings.Cut(text, "/")
	index, err := strconv.Atoi(first)
	count, countErr := strconv.Atoi(second)
	if err != nil || countErr != nil || index < 1 || index > count {
		return Shard{}, &fault.Error{
			Kind: fault.Usage, Op: "read --shard", Charged: fault.NotCharged,
			Detail: fmt.Sprintf("%q is no shard; 1/4 is the first of four", fault.SafeText(text)),
		}
	}
	return Shard{Index: index - 1, Count: count}, nil
}

// Rows are the rows of a shard. A row stays in its shard when others come and
// go: its id decides.
func (s Shard) Rows(rows []Row) []Row {
	if s.Count <= 1 {
		return rows
	}
	var mine []Row
	for _, row := range rows {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(row.ID))
		if int(hash.Sum32()%uint32(s.Count)) == s.Index { //nolint:gosec // a small positive count
			mine = append(mine, row)
		}
	}
	return mine
}

// String is the shard as ParseShard reads it.
func (s Shard) String() string { return strconv.Itoa(s.Index+1) + "/" + strconv.Itoa(max(1, s.Count)) }
