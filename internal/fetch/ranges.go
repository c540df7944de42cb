package fetch

import (
	"strconv"
	"strings"
)

// contentRange is what a partial answer says it holds: bytes first to last of
// total, which is -1 when the server does not know.
type contentRange struct{ first, last, total int64 }

// parseContentRange reads "bytes first-last/total" (RFC 9110, 14.4). What does
// not add up is not a range.
func parseContentRange(value string) (contentRange, bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	span, size, ok := strings.Cut(rest, "/")
	from, to, both := strings.Cut(span, "-")
	if !strings.EqualFold(unit, "bytes") || !ok || !both {
		return contentRange{}, false
	}
	r := contentRange{total: -1}
	good := number(from, &r.first) && number(to, &r.last) && (size == "*" || number(size, &r.total))
	if !good || r.last < r.first || r.total >= 0 && r.last >= r.total {
		return contentRange{}, false
	}
	return r, true
}

// number reads plain digits only: no sign, no space.
func number(text string, into *int64) bool {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return false
	}
	value, err := strconv.ParseInt(text, 10, 64)
	*into = value
	return err == nil
}
