package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

// run is one measurement: an App on an empty database for the idle figures and
// the baseline of writes, the seeding, and a second App that is measured by f.
func run(ctx context.Context, name string, o Options, f func(ctx context.Context, h *house, r *Report) error) (r *Report, err error) {
	if o.Items < 0 || o.Clients < 1 {
		return nil, errors.New("--items must be 0 or more, --clients 1 or more")
	}
	h, err := newHouse(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	r = newReport(name, o)
	if err := h.prepare(ctx, r); err != nil {
		return nil, err
	}
	peak := watch()
	defer func() { r.RSS.Peak = peak() }()
	if _, err = h.boot(ctx); err != nil {
		return r, err
	}
	took, err := h.warm(ctx)
	if err != nil {
		return r, err
	}
	r.IndexLoadSeconds, r.Indexed = rounded(took.Seconds()), h.app.Themes.Indexed()
	r.RSS.Loaded = settledRSS()
	if r.HTTPBaseline, err = h.httpBaseline(ctx); err != nil {
		return r, err
	}
	if err := f(ctx, h, r); err != nil {
		return r, err
	}
	r.DatabaseBytes, err = h.bytes(ctx)
	return r, err
}

// prepare takes the figures of the empty database, then fills it.
func (h *house) prepare(ctx context.Context, r *Report) error {
	ready, err := h.boot(ctx)
	if err != nil {
		return err
	}
	r.ReadySeconds, r.Dialect = rounded(ready.Seconds()), h.app.DB.Dialect()
	if _, err := h.warm(ctx); err != nil {
		return err
	}
	r.RSS.Idle = settledRSS()
	if r.Dialect == "postgres" {
		if err := h.describe(ctx, r); err != nil {
			return err
		}
	}
	if r.WriteBaseline, err = h.writeBaseline(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := seed(ctx, h.app.DB, h.opts.Items, h.opts.Progress("Storing suggestions")); err != nil {
		return err
	}
	r.SeedSeconds = rounded(time.Since(began).Seconds())
	return h.halt()
}

// describe notes the settings by which PostgreSQL's figures stand or fall.
func (h *house) describe(ctx context.Context, r *Report) error {
	for _, name := range []string{"server_version", "fsync", "synchronous_commit", "shared_buffers"} {
		var v string
		if err := h.app.DB.Read(ctx).Raw("SELECT current_setting(?)", name).Scan(&v).Error; err != nil {
			return fmt.Errorf("describe PostgreSQL: %w", err)
		}
		r.Conditions = append(r.Conditions, "PostgreSQL "+name+" = "+v)
	}
	return nil
}

// profiled runs f under a CPU profile where one is wanted.
func (o Options) profiled(f func() error) (err error) {
	if o.Profile == "" {
		return f()
	}
	file, err := os.Create(o.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}
