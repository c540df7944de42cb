package view

import "github.com/klingctl/klingctl/internal/catalog"

// Offer is the record of one model of one provider.
type Offer struct {
	Provider string   `json:"provider"`
	Model    string   `json:"model"`
	Kind     string   `json:"kind"`
	Title    string   `json:"title"`
	Notes    []string `json:"notes,omitempty"`
	Origin   string   `json:"origin"`
	// Expect is the usual generation time in seconds, by requested duration.
	Expect map[string]Span `json:"expect,omitempty"`
}

// Span is a range of seconds.
type Span struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Model is the record of an offer with what it takes.
type Model struct {
	SchemaVersion int `json:"schema_version"`
	Offer
	Params []Param `json:"params"`
}

// Param is the record of one property.
type Param struct {
	Property    string `json:"property"`
	Flag        string `json:"flag,omitempty"`
	Type        string `json:"type"`
	Allowed     string `json:"allowed,omitempty"`
	Default     string `json:"default,omitempty"`
	Description string `json:"description,omitempty"`
	Required    bool   `json:"required"`
	Envelope    bool   `json:"envelope,omitempty"`
}

// ModelCheck is the record of a validation of all models.
type ModelCheck struct {
	SchemaVersion int      `json:"schema_version"`
	Offers        int      `json:"offers"`
	Problems      []string `json:"problems"`
}

// NewOffer makes the record of an offer.
func NewOffer(offer catalog.Offer) Offer {
	record := Offer{
		Provider: offer.Provider, Model: offer.Model, Kind: string(offer.Kind), Title: offer.Title,
		Notes: offer.Notes, Origin: offer.Origin, Expect: map[string]Span{},
	}
	for seconds, span := range offer.Expect {
		record.Expect[seconds] = Span{Low: span.Low.Seconds(), High: span.High.Seconds()}
	}
	return record
}

// NewModel makes the record of a model.
func NewModel(offer catalog.Offer, params []catalog.Param) Model {
	record := Model{SchemaVersion: SchemaVersion, Offer: NewOffer(offer), Params: make([]Param, 0, len(params))}
	for _, p := range params {
		record.Params = append(record.Params, Param{
			Property: p.Property, Flag: p.Flag, Type: p.Type, Allowed: p.Allowed, Default: p.Default,
			Description: p.Description, Required: p.Required, Envelope: p.Envelope,
		})
	}
	return record
}
