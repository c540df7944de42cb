package view

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's style and script
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"maps"
	"math/big"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

//go:embed report/report.css
var reportStyle string

//go:embed report/report.js
var reportScript string

// ReportMark stands near the beginning of every report.
const ReportMark = `<meta name="generator" content="klingctl report">`

// Report is a contact sheet of jobs: one HTML page that needs nothing but the
// clips beside it.
type Report struct {
	Title string
	// Made is when.
	Made time.Time
	Jobs []Job
	// Folder is where the page will stand: clips are linked from there.
	Folder string
}

// Render writes the page. Every text in it may come from anywhere; none of it
// becomes markup, and the page may load nothing but the clips.
func (r Report) Render(out io.Writer) error {
	w := &page{out: bufio.NewWriter(out)}
	w.line(`<!doctype html>`)
	w.line(`<html lang="en"><head><meta charset="utf-8">` + ReportMark + `<meta name="viewport" content="width=device-width, initial-scale=1">`)
	w.line(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; media-src 'self' file:; style-src %s; script-src %s">`,
		sourceHash(reportStyle), sourceHash(reportScript))
	w.line(`<title>%s</title><style>%s</style></head><body>`, html.EscapeString(r.Title), raw(reportStyle))
	r.head(w)
	w.line(`<main>`)
	for _, job := range r.Jobs {
		r.card(w, job)
	}
	w.line(`</main>`)
	w.line(`<footer>Keys: <kbd>/</kbd> search, arrows move, <kbd>Enter</kbd> plays and pauses. Made by klingctl.</footer>`)
	w.line(`<script>%s</script></body></html>`, raw(reportScript))
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// head is the title, the sums and the controls.
func (r Report) head(w *page) {
	states := map[string]int{}
	for _, job := range r.Jobs {
		states[job.State]++
	}
	var counts, options []string
	for _, state := range kling.States() {
		if n := states[string(state)]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, state))
			options = append(options, fmt.Sprintf(`<option value="%s">%s</option>`, state, state))
		}
	}
	w.line(`<header><h1>%s</h1>`, html.EscapeString(r.Title))
	w.line(`<p><span id="shown">%d</span> of %d jobs shown. %s. %s</p>`, len(r.Jobs), len(r.Jobs),
		html.EscapeString(strings.Join(counts, ", ")), html.EscapeString(r.costs()))
	w.line(`<p>%s</p>`, r.Made.UTC().Format("2006-01-02 15:04 UTC"))
	w.line(`<form role="search"><input type="search" name="search" aria-label="Search" placeholder="Search prompts, models, ids" autocomplete="off">`)
	w.line(`<select name="state" aria-label="State"><option value="">all states</option>%s</select>`, raw(strings.Join(options, "")))
	w.line(`<select name="sort" aria-label="Order">`)
	for _, order := range [][2]string{
		{"created down", "newest first"},
		{"created up", "oldest first"},
		{"row up", "by row"},
		{"took down", "slowest first"},
		{"cost down", "dearest first"},
		{"state up", "by state"},
		{"model up", "by model"},
	} {
		w.line(`<option value="%s">%s</option>`, order[0], order[1])
	}
	w.line(`</select></form></header>`)
}

// costs is what the jobs took, in each unit.
func (r Report) costs() string {
	sums := map[string]*big.Rat{}
	for _, job := range r.Jobs {
		if job.Cost == nil {
			continue
		}
		if amount, ok := new(big.Rat).SetString(job.Cost.Amount); ok && len(job.Cost.Amount) < maxAmount {
			if sums[job.Cost.Unit] == nil {
				sums[job.Cost.Unit] = new(big.Rat)
			}
			sums[job.Cost.Unit].Add(sums[job.Cost.Unit], amount)
		}
	}
	var parts []string
	for _, unit := range slices.Sorted(maps.Keys(sums)) {
		amount := strings.TrimSuffix(strings.TrimRight(sums[unit].FloatString(4), "0"), ".")
		parts = append(parts, amount+" "+unit)
	}
	if len(parts) == 0 {
		return "No provider told what they cost."
	}
	return "Cost as told by providers: " + strings.Join(parts, ", ") + "."
}

// maxAmount bounds the text of an amount that is added up.
const maxAmount = 40

// card is one job.
func (r Report) card(w *page, job Job) {
	cost := ""
	if job.Cost != nil {
		cost = job.Cost.Amount
	}
	took := ""
	if !job.FinishedAt.IsZero() && !job.SubmittedAt.IsZero() {
		took = strconv.Itoa(int(job.FinishedAt.Sub(job.SubmittedAt).Seconds()))
	}
	w.line(`<article tabindex="0" data-state="%s" data-created="%d" data-row="%s" data-took="%s" data-cost="%s" data-model="%s">`,
		html.EscapeString(job.State), job.CreatedAt.Unix(), html.EscapeString(job.Row), took, html.EscapeString(cost), html.EscapeString(job.Model))
	r.clip(w, job)
	w.line(`<div class="text"><p class="prompt">%s</p><dl>`, html.EscapeString(job.Prompt))
	row := func(name, text string) {
		if text != "" {
			w.line(`<dt>%s</dt><dd>%s</dd>`, name, html.EscapeString(text))
		}
	}
	w.line(`<dt>state</dt><dd><span class="state %s">%s</span></dd>`, html.EscapeString(job.State), html.EscapeString(job.State))
	if job.State != string(kling.Succeeded) && job.Message != "" {
		w.line(`<dt>error</dt><dd class="error">%s</dd>`, html.EscapeString(job.Message))
	}
	row("row", job.Row)
	row("model", job.Model)
	row("provider", job.Provider)
	if job.Cost != nil {
		row("cost", job.Cost.Amount+" "+job.Cost.Unit)
	}
	if took != "" {
		row("time", job.FinishedAt.Sub(job.SubmittedAt).Round(time.Second).String())
	}
	if !job.CreatedAt.IsZero() {
		row("ordered", job.CreatedAt.UTC().Format("2006-01-02 15:04"))
	}
	row("job", firstText(job.ID, job.Ref))
	for _, artifact := range job.Artifacts {
		if artifact.Path != "" && artifact.SHA256 != "" {
			row("file", filepath.Base(artifact.Path))
		}
	}
	w.line(`</dl></div></article>`)
}

// clip is the player of the first video that is on disk.
func (r Report) clip(w *page, job Job) {
	for _, artifact := range job.Artifacts {
		if artifact.Path == "" || artifact.SHA256 == "" {
			continue
		}
		w.line(`<video controls preload="none" src="%s"></video>`, html.EscapeString(r.link(artifact.Path)+"#t=0.01")) // shows its first picture
		return
	}
	w.line(`<div class="none">no video on disk</div>`)
}

// link is a file as the page finds it: by a relative path where there is one.
func (r Report) link(path string) string {
	relative, err := filepath.Rel(r.Folder, path)
	if err != nil {
		return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	}
	var elements []string
	for element := range strings.SplitSeq(filepath.ToSlash(relative), "/") {
		elements = append(elements, url.PathEscape(element))
	}
	// A first element with a colon would be taken for a scheme.
	return "./" + strings.Join(elements, "/")
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// sourceHash names an inline style or script in a content security policy.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// raw is markup of ours.
type raw string

// page writes lines until one cannot be written.
type page struct {
	out *bufio.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// ReportFile is the record of a report that was written.
type ReportFile struct {
	SchemaVersion int    `json:"schema_version"`
	Path          string `json:"path"`
	Jobs          int    `json:"jobs"`
}
