package view

import (
	"strconv"
	"time"
)

// Balance is the record of one provider's account.
type Balance struct {
	SchemaVersion int      `json:"schema_version"`
	Provider      string   `json:"provider"`
	Amounts       []Amount `json:"amounts"`
	// Today is what this ledger reserved and spent on this calendar day.
	Today []Spending `json:"today"`
	Error *Problem   `json:"error,omitempty"`
}

// Amount is what is left of one account or resource pack.
type Amount struct {
	Amount  string    `json:"amount"`
	Unit    string    `json:"unit"`
	Name    string    `json:"name,omitempty"`
	Expires time.Time `json:"expires_at,omitzero"`
}

// Spending is a sum of a day, in one unit; jobs of unknown price have none.
type Spending struct {
	Unit     string `json:"unit"`
	Reserved string `json:"reserved"`
	Spent    string `json:"spent"`
	Jobs     int64  `json:"jobs"`
}

// BalanceTable shows balances as rows.
func BalanceTable(records []Balance) *Table {
	table := NewTable("PROVIDER", "WHAT", "AMOUNT", "UNIT", "NOTE")
	for _, record := range records {
		for _, amount := range record.Amounts {
			table.Add(record.Provider, "left", amount.Amount, amount.Unit, amount.Name)
		}
		for _, s := range record.Today {
			table.Add(record.Provider, "reserved today", s.Reserved, s.Unit, strconv.FormatInt(s.Jobs, 10)+" jobs")
			table.Add(record.Provider, "spent today", s.Spent, s.Unit, "")
		}
		if record.Error != nil {
			table.Add(record.Provider, "left", "", "", record.Error.Message)
		}
	}
	return table
}
