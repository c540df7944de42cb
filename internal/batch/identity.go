package batch

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/klingctl/klingctl/internal/fault"
)

// maxID bounds the id of a row, in bytes.
const maxID = 512

// identify gives every row its id: its own, else its image as the manifest
// spells it, else a digest of what it says. Rows that say the same get a number
// behind it, in their order. Two rows of one own id are a fault: nobody could
// tell which of them was bought.
func identify(rows []Row) error {
	own := map[string]int{}
	for _, row := range rows {
		if row.ID == "" {
			continue
		}
		if err := sound(row.ID); err != nil {
			return lineError(row.Line, "id: %w", err)
		}
		if before, twice := own[row.ID]; twice {
			return fmt.Errorf("rows of lines %d and %d have the same id %q", before, row.Line, fault.SafeText(row.ID))
		}
		own[row.ID] = row.Line
	}
	taken := map[string]int{}
	for i := range rows {
		if rows[i].ID != "" {
			continue
		}
		base := given(rows[i])
		id := base
		for taken[base]++; ; taken[base]++ {
			if taken[base] > 1 {
				id = base + "#" + strconv.Itoa(taken[base])
			}
			if _, used := own[id]; !used {
				break
			}
		}
		rows[i].ID = id
	}
	return nil
}

// given is the id that a row has by what it says.
func given(row Row) string {
	for _, column := range []string{"image", "tail_image", "tail-image"} {
		if text := row.Columns[column]; text != "" && len(text) <= maxID && sound(text) == nil {
			return filepath.ToSlash(text)
		}
	}
	said, err := json.Marshal(struct {
		Provider, Model, Kind string
		Flags                 map[string][]string
		Params, Columns       map[string]string
		Input                 map[string]any
	}{row.Provider, row.Model, row.Kind, row.Flags, row.Params, row.Columns, row.Input})
	if err != nil {
		return "line-" + strconv.Itoa(row.Line)
	}
	return "row-" + digest(string(said))
}

// sound refuses ids that no screen and no file can hold.
func sound(id string) error {
	switch {
	case len(id) > maxID:
		return fmt.Errorf("it is longer than %d bytes", maxID)
	case strings.ContainsFunc(id, unicode.IsControl):
		return fmt.Errorf("%q holds control characters", fault.SafeText(id))
	}
	return nil
}

// ID is the id of a batch: the name it was given, else a digest of where it
// reads and where it writes, so that the same command finds it again.
func ID(name, source, output string) string {
	if name != "" {
		return name
	}
	return "batch-" + digest(source+"\x00"+output)
}

// digest is short enough to type and long enough never to meet another.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}
