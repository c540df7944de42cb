package view

import "strconv"

// Setting is the record of one setting: what it is set to, and by whom.
type Setting struct {
	SchemaVersion int    `json:"schema_version"`
	Key           string `json:"key"`
	// Value is "" for nothing and for a secret, which is never shown; Set tells
	// whether anybody set it.
	Value  string        `json:"value"`
	Set    bool          `json:"set"`
	Secret bool          `json:"secret"`
	Origin SettingOrigin `json:"origin"`
	Type   string        `json:"type"`
	// Words are the values of a choice.
	Words   []string `json:"words,omitempty"`
	Default string   `json:"default"`
	Env     string   `json:"env"`
	Flag    string   `json:"flag,omitempty"`
	Help    string   `json:"help"`
	// Project tells whether a project file may set it.
	Project bool `json:"project"`
}

// SettingOrigin says where a value stands: Layer is flag, environment,
// project, user or default.
type SettingOrigin struct {
	Layer    string `json:"layer"`
	Flag     string `json:"flag,omitempty"`
	Variable string `json:"variable,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Profile  string `json:"profile,omitempty"`
}

// String is the origin in few words.
func (o SettingOrigin) String() string {
	switch {
	case o.Flag != "":
		return "flag " + o.Flag
	case o.Variable != "":
		return "environment " + o.Variable
	case o.File != "" && o.Profile != "":
		return "profile " + o.Profile + " " + o.place()
	case o.File != "":
		return o.Layer + " " + o.place()
	}
	return o.Layer
}

func (o SettingOrigin) place() string { return o.File + ":" + strconv.Itoa(o.Line) }

// SettingsFile is the record of a file that settings are read from.
type SettingsFile struct {
	SchemaVersion int    `json:"schema_version"`
	Layer         string `json:"layer"`
	Path          string `json:"path"`
	Exists        bool   `json:"exists"`
}

// SettingsCheck is the record of a validation of settings.
type SettingsCheck struct {
	SchemaVersion int               `json:"schema_version"`
	Files         []string          `json:"files"`
	Problems      []SettingsProblem `json:"problems"`
}

// SettingsProblem is one thing that is wrong, with its place as far as it has
// one. Lines and columns count from 1.
type SettingsProblem struct {
	Key      string `json:"key,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Variable string `json:"variable,omitempty"`
	Message  string `json:"message"`
}

// SettingsTable shows settings as rows; of a secret it only shows that it is
// set.
func SettingsTable(records []Setting) *Table {
	table := NewTable("KEY", "VALUE", "ORIGIN")
	for _, record := range records {
		value := record.Value
		if record.Secret && record.Set {
			value = "set"
		}
		table.Add(record.Key, value, record.Origin.String())
	}
	return table
}

// SettingsFilesTable shows files as rows.
func SettingsFilesTable(records []SettingsFile) *Table {
	table := NewTable("LAYER", "FILE", "EXISTS")
	for _, record := range records {
		exists := "no"
		if record.Exists {
			exists = "yes"
		}
		table.Add(record.Layer, record.Path, exists)
	}
	return table
}
