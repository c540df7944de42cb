package dialect

import (
	"maps"
	"net/url"
	"strings"
)

// Call is one request as a dialect wants it sent, without a host.
type Call struct {
	// Method is GET or POST.
	Method string
	// Path begins with a slash and is already escaped, see Path.
	Path string
	// Query is nil when there is none.
	Query url.Values
	// Header holds what Authorize put there; the sender adds the rest.
	Header map[string]string
	// Body is empty for a GET.
	Body Body
}

// Get is a call without a body.
func Get(path string, query url.Values) Call {
	return Call{Method: "GET", Path: path, Query: query}
}

// PostJSON is a call with a JSON body, see EncodeJSON.
func PostJSON(path string, value any) (Call, error) {
	body, err := EncodeJSON(value)
	if err != nil {
		return Call{}, err
	}
	return Call{Method: "POST", Path: path, Body: body}, nil
}

// Target is the path with its query, as it goes on the request line.
func (c Call) Target() string {
	if len(c.Query) == 0 {
		return c.Path
	}
	return c.Path + "?" + c.Query.Encode()
}

// Path joins elements into an escaped path below a prefix. Whatever stands in
// an element stays one element, also "..", "%2f" and "?".
func Path(prefix string, elements ...string) string {
	var path strings.Builder
	path.WriteString(strings.TrimRight(prefix, "/"))
	for _, element := range elements {
		path.WriteByte('/')
		if strings.Trim(element, ".") == "" {
			path.WriteString(strings.ReplaceAll(element, ".", "%2E"))
			continue
		}
		path.WriteString(url.PathEscape(element))
	}
	return path.String()
}

// BearerHeader puts a bearer key into the call, making the header map its own.
func (c *Call) BearerHeader(key string) {
	header := make(map[string]string, len(c.Header)+1)
	maps.Copy(header, c.Header)
	header["Authorization"] = "Bearer " + key
	c.Header = header
}
