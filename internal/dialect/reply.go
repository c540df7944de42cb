package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// MaxDepth is how deep the JSON of an answer may nest.
const MaxDepth = 64

// Reply is one answer, its body read up to a cap.
type Reply struct {
	// Status is the HTTP status.
	Status int
	// Header has canonical names.
	Header map[string][]string
	// Body is what was read.
	Body []byte
	// Cut says why the body is not whole: the line broke or the cap was
	// reached; nil for a whole body.
	Cut error
}

// HeaderValue is the first value of a header, "" when there is none.
func (r Reply) HeaderValue(canonical string) string {
	if values := r.Header[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}

var (
	errEmpty    = errors.New("the answer has no body")
	errPage     = errors.New("the answer is a web page, not JSON")
	errTooDeep  = errors.New("the answer nests too deeply")
	errNotJSON  = errors.New("the answer is not JSON")
	errTrailing = errors.New("the answer has more after its JSON")
)

// Decode reads the body as JSON into a vendor's wire type. It answers with a
// plain error that says what is wrong with the body; see Fault for what that
// means.
func Decode(reply Reply, into any) error {
	body := bytes.TrimSpace(bytes.TrimPrefix(reply.Body, []byte("\xef\xbb\xbf")))
	switch {
	case reply.Cut != nil:
		return fmt.Errorf("the answer is not whole: %w", reply.Cut)
	case len(body) == 0:
		return errEmpty
	case body[0] == '<':
		return errPage
	case tooDeep(body):
		return errTooDeep
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			where := ""
			if wrongType.Field != "" {
				where = " in " + fault.SafeText(wrongType.Field)
			}
			return fmt.Errorf("the answer has %s where another type belongs%s", fault.SafeText(wrongType.Value), where)
		}
		return errNotJSON
	}
	if decoder.More() {
		return errTrailing
	}
	return nil
}

// IsPage reports whether a Decode failed because a web page came back.
func IsPage(err error) bool { return errors.Is(err, errPage) }

// tooDeep counts brackets outside strings, so that a hostile answer is turned
// away before a recursive decoder sees it.
func tooDeep(body []byte) bool {
	depth, inString, escaped := 0, false, false
	for _, b := range body {
		switch {
		case escaped:
			escaped = false
		case inString:
			inString, escaped = b != '"', b == '\\'
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// pageText is the readable beginning of a web page: tags stripped, at most 200
// characters.
func pageText(body []byte) string {
	var out strings.Builder
	inTag := false
	for _, r := range string(body[:min(len(body), 4096)]) {
		switch {
		case r == '<':
			inTag = true
		case r == '>':
			inTag = false
			out.WriteByte(' ')
		case !inTag:
			out.WriteRune(r)
		}
	}
	text := []rune(strings.Join(strings.Fields(out.String()), " "))
	if len(text) > 200 {
		text = append(text[:200], '…')
	}
	return fault.SafeText(string(text))
}
