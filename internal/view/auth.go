package view

// Auth is the record of where a provider's key comes from. It never holds the
// key.
type Auth struct {
	SchemaVersion int    `json:"schema_version"`
	Provider      string `json:"provider"`
	// Key is set, none or unusable.
	Key string `json:"key"`
	// From names the place: a variable, a file, a command, the keyring.
	From string `json:"from,omitempty"`
	// Origin is where the key may be sent to, as scheme://host.
	Origin string `json:"origin,omitempty"`
	// Check is what the provider made of the key: works, refused or unknown.
	Check string `json:"check,omitempty"`
	// KeyringError is why the keyring of the system could not be asked.
	KeyringError string   `json:"keyring_error,omitempty"`
	Error        *Problem `json:"error,omitempty"`
}

// The words of Auth.Key and Auth.Check.
const (
	KeySet      = "set"
	KeyNone     = "none"
	KeyUnusable = "unusable"

	CheckWorks   = "works"
	CheckRefused = "refused"
	CheckUnknown = "unknown"
)

// AuthTable shows where keys come from, a line each.
func AuthTable(records []Auth) *Table {
	table := NewTable("PROVIDER", "KEY", "CHECK", "FROM", "FOR", "NOTE")
	for _, record := range records {
		note := ""
		if record.Error != nil {
			note = record.Error.Message
		}
		table.Add(record.Provider, record.Key, record.Check, record.From, record.Origin, note)
	}
	return table
}
