package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/heedhq/heed/app/bench"
)

type benchCmd struct {
	Similar   benchSimilarCmd   `cmd:"" help:"Measure GET /api/v1/similar among so many stored suggestions."`
	Ingest    benchIngestCmd    `cmd:"" help:"Measure POST /api/v1/suggestions on top of so many stored ones, and that each is stored once."`
	Followups benchFollowUpsCmd `cmd:"" help:"Measure a change of status that very many follow, and a mailing while they are all queued."`
}

// benchOptions are those of every measurement.
type benchOptions struct {
	Items      int    `help:"Generated suggestions to store first." default:"10000"`
	URL        string `name:"url" help:"An empty database to fill, and leave filled: postgres://… or sqlite:PATH; without it SQLite in a temporary folder." placeholder:"URL"`
	Filled     bool   `help:"Measure the database at --url as an earlier measurement left it, instead of filling it."`
	CPUProfile string `name:"cpu-profile" help:"Write a CPU profile of the loading of the index and of what is measured." type:"path" placeholder:"FILE"`
	Heap       string `name:"heap-profile" help:"Write a profile of the memory in use once the index is loaded." type:"path" placeholder:"FILE"`
	JSON       bool   `name:"json" help:"Print JSON, as it always does."`
}

func (o benchOptions) options(clients int) bench.Options {
	return bench.Options{Items: o.Items, URL: o.URL, Filled: o.Filled, Profile: o.CPUProfile, Heap: o.Heap, Clients: clients}
}

type benchSimilarCmd struct {
	benchOptions
	Queries int `help:"How many to ask." default:"2000"`
	Clients int `help:"How many ask at the same time." default:"1"`
	Adding  int `help:"Suggestions a second that come in meanwhile, each measured too." default:"0"`
}

func (c *benchSimilarCmd) all() bench.Options {
	o := c.options(c.Clients)
	o.Queries, o.Adding = c.Queries, c.Adding
	return o
}

// Validate refuses wrong flags before anything is made.
func (c *benchSimilarCmd) Validate() error { return c.all().CheckSimilar() }

// Run measures the search.
func (c *benchSimilarCmd) Run(e *env) error { return e.bench(bench.Similar, c.all()) }

type benchIngestCmd struct {
	benchOptions
	Posts   int  `help:"How many to post." default:"5000"`
	Clients int  `help:"How many post at the same time." default:"50"`
	Same    bool `help:"Post the same text every time, as when something breaks for everybody."`
	MCP     bool `name:"mcp" help:"File by an agent's tool, file_suggestion at /mcp, instead of by REST."`
}

func (c *benchIngestCmd) all() bench.Options {
	o := c.options(c.Clients)
	o.Posts, o.Same, o.MCP = c.Posts, c.Same, c.MCP
	return o
}

// Validate refuses wrong flags before anything is made.
func (c *benchIngestCmd) Validate() error { return c.all().CheckIngest() }

// Run measures the intake.
func (c *benchIngestCmd) Run(e *env) error { return e.bench(bench.Ingest, c.all()) }

type benchFollowUpsCmd struct {
	People      int    `help:"How many follow a theme whose change has not settled yet." default:"10000"`
	Mails       int    `help:"How many are told of another change meanwhile." default:"10000"`
	Connections int    `help:"Connections to the relay." default:"2"`
	Size        int    `help:"Bytes of the reason that each mail quotes." default:"0"`
	Relay       string `help:"Where the mail goes, which should take it and keep nothing; without it a relay in this process." placeholder:"smtp://HOST:PORT"`
	URL         string `name:"url" help:"An empty database to fill, and leave filled: postgres://… or sqlite:PATH; without it SQLite in a temporary folder." placeholder:"URL"`
	CPUProfile  string `name:"cpu-profile" help:"Write a CPU profile of the mailing." type:"path" placeholder:"FILE"`
	JSON        bool   `name:"json" help:"Print JSON, as it always does."`
}

func (c *benchFollowUpsCmd) all() bench.FollowUpsOptions {
	return bench.FollowUpsOptions{People: c.People, Mails: c.Mails, Connections: c.Connections, Size: c.Size, Relay: c.Relay, URL: c.URL, Profile: c.CPUProfile}
}

// Validate refuses wrong flags before anything is made.
func (c *benchFollowUpsCmd) Validate() error { return c.all().Check() }

// Run measures follow-ups.
func (c *benchFollowUpsCmd) Run(e *env) error {
	o := c.all()
	o.Progress = e.progress
	return measured(e, func() (*bench.FollowUpsReport, error) { return bench.FollowUps(e.ctx, o) })
}

// bench prints what was measured; a run that lost something or answered with an
// error fails after that.
func (e *env) bench(measure func(context.Context, bench.Options) (*bench.Report, error), o bench.Options) error {
	o.Progress = e.progress
	return measured(e, func() (*bench.Report, error) { return measure(e.ctx, o) })
}

func measured[R interface{ Failures() []string }](e *env, measure func() (R, error)) error {
	// No configuration is read, so the log is set up here: what goes wrong only.
	slog.SetDefault(slog.New(slog.NewTextHandler(e.errs, &slog.HandlerOptions{Level: slog.LevelWarn})))
	r, err := measure()
	if err != nil {
		return err
	}
	if err := e.json(r); err != nil {
		return err
	}
	failures := r.Failures()
	for _, f := range failures {
		fmt.Fprintln(e.errs, "heed:", f)
	}
	if len(failures) > 0 {
		return errSaid
	}
	return nil
}
