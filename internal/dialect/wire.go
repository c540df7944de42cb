package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Text is a wire string that some answers write as a number, a boolean or
// null.
type Text string

// UnmarshalJSON takes any scalar; null and composites give "".
func (t *Text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")):
		*t = ""
	case data[0] == '"':
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		*t = Text(text)
	case data[0] == '{' || data[0] == '[':
		*t = ""
	default:
		*t = Text(data)
	}
	return nil
}

// Int is the text as a whole number; ok is false when it is none.
func (t Text) Int() (value int64, ok bool) {
	value, err := strconv.ParseInt(string(t), 10, 64)
	return value, err == nil
}

// Float is the text as a number, 0 when it is none.
func (t Text) Float() float64 {
	value, err := strconv.ParseFloat(string(t), 64)
	if err != nil || !(value >= 0 && value <= 1e12) { // a NaN fails both
		return 0
	}
	return value
}

// Embedded is JSON that some answers wrap into a string.
type Embedded []byte

// UnmarshalJSON unwraps one level of string.
func (e *Embedded) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		data = []byte(text)
	}
	if bytes.Equal(data, []byte("null")) {
		data = nil
	}
	*e = bytes.Clone(bytes.TrimSpace(data))
	return nil
}

// Decode reads the inner JSON; empty gives nothing and no error.
func (e Embedded) Decode(into any) error {
	if len(e) == 0 {
		return nil
	}
	if tooDeep(e) {
		return errTooDeep
	}
	if err := json.Unmarshal(e, into); err != nil {
		return fmt.Errorf("the answer holds a result that is not JSON: %w", errNotJSON)
	}
	return nil
}

// Millis reads a Unix time in milliseconds; 0 and nonsense give the zero time.
func Millis(ms int64) time.Time {
	if ms <= 0 || ms > 1<<52 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Seconds reads a Unix time in seconds; 0 and nonsense give the zero time.
func Seconds(s int64) time.Time {
	if s <= 0 || s > 1<<42 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
