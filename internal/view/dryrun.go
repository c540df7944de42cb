package view

import (
	"bytes"
	"encoding/json"
	"strings"
)

// DryRun is the record of a request that was not sent.
type DryRun struct {
	SchemaVersion int     `json:"schema_version"`
	Request       Request `json:"request"`
	// Price is null when it is not known.
	Price *Price `json:"price"`
}

// Request is an HTTP request, its key redacted and long strings elided.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// Price is what a published list says that a request costs.
type Price struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Source   string `json:"source,omitempty"`
	AsOf     string `json:"as_of,omitempty"`
}

// NewDryRun makes the record of a request.
func NewDryRun(method, url string, headers map[string][]string, body json.RawMessage, price *Price) DryRun {
	flat := make(map[string]string, len(headers))
	for name, values := range headers {
		flat[name] = strings.Join(values, ", ")
	}
	return DryRun{
		SchemaVersion: SchemaVersion, Price: price,
		Request: Request{Method: method, URL: url, Headers: flat, Body: body},
	}
}

// PrettyBody is the body over several lines.
func (d DryRun) PrettyBody() []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, d.Request.Body, "", "  "); err != nil {
		return d.Request.Body
	}
	return out.Bytes()
}

// Text is the price for people; a nil Price says that nobody knows.
func (p *Price) Text() string {
	if p == nil {
		return "not known"
	}
	text := p.Amount + " " + p.Currency
	if p.Source != "" {
		text += " (" + p.Source
		if p.AsOf != "" {
			text += ", " + p.AsOf
		}
		text += ")"
	}
	return text
}
