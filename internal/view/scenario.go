package view

// Scenario is the record of something that the emulator can play.
type Scenario struct {
	Marker string `json:"marker"`
	What   string `json:"what"`
}
