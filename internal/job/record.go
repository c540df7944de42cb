package job

import (
	"bytes"
	"encoding/json"
	"path/filepath"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
)

// record is what the ledger keeps of the request: the provider's own input
// with images by name and digest, never their bytes.
type record struct {
	// Stem names outputs: the first image's base name, or "video".
	Stem     string         `json:"stem"`
	Images   []imageRecord  `json:"images,omitempty"`
	Input    map[string]any `json:"input"`
	Envelope map[string]any `json:"envelope,omitempty"`
	// Once are the properties that belong to this one create, dotted: its
	// external id and its callback.
	Once []string `json:"once,omitempty"`
	// Price is what a published list says that it costs, nil when unknown.
	Price *kling.Cost `json:"price,omitempty"`
}

type imageRecord struct {
	Property string `json:"property"`
	// Source is an address, the absolute path of a file, or "-".
	Source string        `json:"source"`
	SHA256 string        `json:"sha256,omitempty"`
	Hosted *hostedRecord `json:"hosted,omitempty"`
}

// hostedRecord says where an image was put. It holds no link: presigned ones
// are as good as passwords.
type hostedRecord struct {
	Place  string `json:"place"`
	Method string `json:"method"`
	// Key is upload.Link's, "" where nothing can be deleted.
	Key string `json:"key,omitempty"`
}

// describe is what the ledger keeps of a request whose images are not filled
// in yet.
func describe(prepared *catalog.Prepared) record {
	named := prepared.Clone()
	kept := record{Stem: "video"}
	for i, slot := range prepared.Slots {
		source := slot.Source
		if absolute, err := filepath.Abs(source); err == nil && !slot.URL && source != media.Stdin {
			source = absolute
			named.Fill(slot, source)
		}
		kept.Images = append(kept.Images, imageRecord{Property: slot.Property, Source: source, SHA256: slot.Image.SHA256})
		if i == 0 {
			kept.Stem = stem(slot)
		}
	}
	kept.Input, kept.Envelope = withoutStreams(named.Input), withoutStreams(named.Envelope)
	for _, param := range prepared.Model.Params() {
		if param.Flag == "--external-id" || param.Flag == "--callback-url" {
			kept.Once = append(kept.Once, param.Property)
		}
	}
	if price, known := prepared.Price(); known {
		kept.Price = &kling.Cost{Amount: price.Amount, Unit: price.Currency}
	}
	return kept
}

// recordOf reads the request of a job; the zero record when there is none, as
// in a job that is known by its reference only.
func recordOf(job kling.Job) (record, error) {
	var kept record
	if len(job.Request) == 0 {
		return kept, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(job.Request))
	decoder.UseNumber() // ids and seeds are longer than a float is exact
	if err := decoder.Decode(&kept); err != nil {
		return record{}, &fault.Error{Kind: fault.Local, Op: "read the request of job", Subject: Name(job), Err: err}
	}
	return kept, nil
}

func stemOf(job kling.Job) string {
	kept, err := recordOf(job)
	if err != nil || kept.Stem == "" {
		return "video"
	}
	return kept.Stem
}
