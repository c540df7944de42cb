package view

// BatchRow is a line of results.jsonl and errors.jsonl: one row of a batch when
// a run is through with it.
type BatchRow struct {
	SchemaVersion int `json:"schema_version"`
	// Key tells lines apart: a row and the job that it came to.
	Key   string `json:"key"`
	Batch string `json:"batch"`
	Row   string `json:"row"`
	// Line is where the row stands in a manifest, absent for a folder.
	Line  int    `json:"line,omitempty"`
	Image string `json:"image,omitempty"`
	// Result is done, kept, changed, open, waiting, failed, bad, unsaved or
	// unknown.
	Result string `json:"result"`
	// Charged is no, yes or unknown.
	Charged string `json:"charged"`
	// Files are the row's videos, those that are in their places.
	Files []string `json:"files"`
	// Seconds is how long the run worked on the row.
	Seconds float64 `json:"seconds,omitempty"`
	// Job is null where nothing was ever sent.
	Job *Job `json:"job"`
	// Error says what is wrong, and in its hint what to do.
	Error *Problem `json:"error,omitempty"`
}

// Batch is how a batch stands.
type Batch struct {
	SchemaVersion int    `json:"schema_version"`
	Batch         string `json:"batch"`
	Sandbox       bool   `json:"sandbox"`
	Source        string `json:"source"`
	Output        string `json:"output"`
	// Rows is how many rows the last run was given, Jobs how many of all its
	// jobs are in each state.
	Rows        int            `json:"rows"`
	Jobs        map[string]int `json:"jobs"`
	CreatedAt   string         `json:"created_at"`
	BegunAt     string         `json:"begun_at"`
	CancelledAt string         `json:"cancelled_at,omitempty"`
}

// BatchRun is the summary of one run.
type BatchRun struct {
	SchemaVersion int    `json:"schema_version"`
	Batch         string `json:"batch"`
	Sandbox       bool   `json:"sandbox"`
	Rows          int    `json:"rows"`
	// Results is how many rows are done, kept, changed, open, waiting, failed,
	// bad, unsaved or unknown.
	Results map[string]int `json:"results"`
	// Bought is how many jobs this run bought for certain.
	Bought int `json:"bought"`
	// ResultsFile and ErrorsFile are where each row is told of.
	ResultsFile string `json:"results_file"`
	ErrorsFile  string `json:"errors_file"`
	// Stopped is why nothing more was bought before the last row.
	Stopped *Problem `json:"stopped,omitempty"`
}

// BatchPlan is what a run would do, --dry-run.
type BatchPlan struct {
	SchemaVersion int    `json:"schema_version"`
	Batch         string `json:"batch"`
	Rows          int    `json:"rows"`
	// ToBuy rows would be bought; the others were bought before.
	ToBuy int `json:"to_buy"`
	// Changed rows were changed since they were bought.
	Changed []string `json:"changed"`
	// Providers is how many of the rows to buy go where, by provider.
	Providers map[string]int `json:"providers"`
	// Price is the sum for the rows to buy in each unit; UnknownPrice is how
	// many of them have none.
	Price        []Cost `json:"price"`
	UnknownPrice int    `json:"unknown_price"`
	// Bad rows cannot be ordered as they are.
	Bad []BatchRow `json:"bad"`
}
