package bench

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options of a measurement. Progress may be asked for several labels, one after
// the other.
type Options struct {
	Items    int    // suggestions that are stored before
	Clients  int    // that ask at the same time
	Queries  int    // of Similar
	Posts    int    // of Ingest
	Adding   int    // suggestions a second that come in while Similar asks
	Same     bool   // of Ingest: every post says the same
	MCP      bool   // of Ingest: by an agent, file_suggestion at /mcp
	URL      string // an empty database to fill; "": SQLite in a temporary folder
	Filled   bool   // URL names a database that an earlier measurement left: measure it as it is
	Profile  string // file for a CPU profile of loading the index and of what is measured; "": none
	Heap     string // file for a profile of the memory in use when the index is loaded; "": none
	Progress func(label string) func(done, total int)
}

const mostClients = 10_000 // connections that one process may well hold

// CheckSimilar says what Similar would refuse of the options, in the words of the
// command's flags.
func (o Options) CheckSimilar() error {
	if o.Queries < 1 {
		return errors.New("--queries must be 1 or more")
	}
	if o.Adding < 0 {
		return errors.New("--adding must be 0 or more")
	}
	return o.check()
}

// CheckIngest does the same for Ingest.
func (o Options) CheckIngest() error {
	if o.Posts < 1 {
		return errors.New("--posts must be 1 or more")
	}
	return o.check()
}

func (o Options) check() error {
	sqlite, postgres := strings.HasPrefix(o.URL, "sqlite:"), strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://")
	switch {
	case o.Items < 0:
		return errors.New("--items must be 0 or more")
	case o.Clients < 1 || o.Clients > mostClients:
		return fmt.Errorf("--clients must be from 1 to %d", mostClients)
	case o.Filled && o.URL == "":
		return errors.New("--filled needs --url: the database that an earlier measurement left")
	case o.URL != "" && !sqlite && !postgres:
		return errors.New("--url must be sqlite:PATH or postgres://…")
	}
	return nil
}

// Report is what a measurement found; times are in milliseconds unless their
// names say seconds.
type Report struct {
	Bench      string   `json:"bench"`
	Items      int      `json:"items"`
	Clients    int      `json:"clients"`
	Texts      string   `json:"texts"`
	Dialect    string   `json:"dialect"`
	Go         string   `json:"go"`
	Platform   string   `json:"platform"`
	CPUs       int      `json:"cpus"`
	Conditions []string `json:"conditions"`

	Measured
	CPU      float64        `json:"cpu_ms_per_request,omitempty"` // of this process, clients and background work included, a database server not
	ByStatus map[string]int `json:"by_status"`
	Errors   map[string]int `json:"errors"` // answers of 400 and more, and "none" for requests without an answer

	Added  *Measured      `json:"added,omitempty"`  // Similar: what came in meanwhile, POST /api/v1/suggestions
	Stored *Stored        `json:"stored,omitempty"` // Ingest: what the database holds afterwards
	Found  map[string]int `json:"found,omitempty"`  // Similar: how many answers had so many candidates

	WriteBaseline *Measured `json:"write_baseline,omitempty"` // Ingest: models.Write of six rows by six statements from as many callers, on the empty database
	HTTPBaseline  Measured  `json:"http_baseline"`            // GET /livez from as many clients, in the same run
	WriteShare    float64   `json:"share_of_write_baseline,omitempty"`
	HTTPShare     float64   `json:"share_of_http_baseline"`

	RSS              Memory  `json:"rss_bytes"`
	ReadySeconds     float64 `json:"ready_seconds"`
	SeedSeconds      float64 `json:"seed_seconds"`
	IndexLoadSeconds float64 `json:"index_load_seconds"`
	Indexed          int     `json:"indexed_texts"`
	DatabaseBytes    int64   `json:"database_bytes"`
}

// Measured is how long requests took and how many there were a second.
type Measured struct {
	Requests  int     `json:"requests"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P90       float64 `json:"p90_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
}

// Memory is the resident size of this process: serving an empty database, with
// the index loaded, and at most from then on. BeforeLoad is what the baseline
// and the seeding left behind; what the load took is Loaded less BeforeLoad.
type Memory struct {
	Idle       int64 `json:"idle"`
	BeforeLoad int64 `json:"before_load"`
	Loaded     int64 `json:"loaded"`
	Peak       int64 `json:"peak"`
}

// Stored compares what was answered with what the database holds.
type Stored struct {
	Accepted int            `json:"accepted"` // answers of 201
	Rows     int            `json:"rows"`
	Lost     int            `json:"lost"`    // accepted, not there
	Doubled  int            `json:"doubled"` // there more than once
	Unasked  int            `json:"unasked"` // there, though no answer of 201 was given
	Actions  map[string]int `json:"actions"`
	Themes   int            `json:"themes"`      // that the posts stand in
	Lines    int            `json:"inbox_lines"` // that they take in the inbox
	Broken   []string       `json:"broken_invariants"`
}

// Failures names what must not be, in sentences; none is a sound run.
func (r *Report) Failures() []string {
	var out []string
	for status, n := range r.Errors {
		out = append(out, fmt.Sprintf("%d requests failed with status %s", n, status))
	}
	if s := r.Stored; s != nil {
		for what, n := range map[string]int{"accepted suggestions are lost": s.Lost, "suggestions are stored twice": s.Doubled, "suggestions are stored that were refused": s.Unasked} {
			if n > 0 {
				out = append(out, fmt.Sprintf("%d %s", n, what))
			}
		}
		for _, b := range s.Broken {
			out = append(out, "broken: "+b)
		}
	}
	slices.Sort(out)
	return out
}

const sameCondition = "every post says the same text"

func newReport(name string, o Options) *Report {
	r := &Report{
		Bench: name, Items: o.Items, Clients: o.Clients, Texts: "generated", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		ByStatus: map[string]int{}, Errors: map[string]int{},
		Conditions: []string{
			"texts are generated from templates, English and Chinese, the same in every run; how well they match says nothing about quality",
			"the clients run in the process that is measured and share its CPUs and its memory",
			"every client waits for its answer before it asks again, over a kept connection on loopback",
			"mail is off; cron runs as configured by default",
			vectorsCondition(o.Items),
			"idle and loaded RSS are taken after a garbage collection, the peak as it was",
		},
	}
	if o.Filled {
		r.Conditions = append(r.Conditions, "the database was filled by an earlier measurement, so that there are no figures of an empty one")
	}
	if o.Same {
		r.Conditions = append(r.Conditions, sameCondition)
	}
	return r
}

// fill sums up outcomes.
func (r *Report) fill(out []outcome, wall time.Duration) {
	r.Measured = measure(out, wall)
	r.note("", out)
	if r.WriteBaseline != nil {
		r.WriteShare = rounded(r.PerSecond / r.WriteBaseline.PerSecond)
	}
	r.HTTPShare = rounded(r.PerSecond / r.HTTPBaseline.PerSecond)
}

// note counts the statuses of a kind of requests.
func (r *Report) note(kind string, out []outcome) {
	for _, o := range out {
		status := kind + "none"
		if o.status != 0 {
			status = kind + strconv.Itoa(o.status)
		}
		r.ByStatus[status]++
		if o.status == 0 || o.status >= 400 {
			r.Errors[status]++
		}
	}
}

// measure takes percentiles by nearest rank.
func measure(out []outcome, wall time.Duration) Measured {
	took := make([]time.Duration, len(out))
	for i, o := range out {
		took[i] = o.took
	}
	slices.Sort(took)
	at := func(p float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return rounded(float64(took[max(0, int(math.Ceil(p*float64(len(took))))-1)]) / float64(time.Millisecond))
	}
	return Measured{Requests: len(out), PerSecond: rounded(float64(len(out)) / wall.Seconds()), P50: at(.5), P90: at(.9), P99: at(.99), Max: at(1)}
}

// rounded keeps three digits after the point.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }
