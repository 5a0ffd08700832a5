package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/heedhq/heed/models"
)

// run is one measurement: an App on an empty database for the idle figures and
// the baseline of writes, the seeding, and a second App that is measured by f.
func run(ctx context.Context, name string, o Options, f func(ctx context.Context, h *house, r *Report) error) (r *Report, err error) {
	h, err := newHouse(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	r = newReport(name, h.opts)
	if !o.Filled {
		if err := h.prepare(ctx, r); err != nil {
			return nil, err
		}
	}
	r.RSS.BeforeLoad = settledRSS()
	peak := watch()
	defer func() { r.RSS.Peak = peak() }()
	profiled, err := cpuProfile(o.Profile)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, profiled()) }()
	if _, err = h.boot(ctx); err != nil {
		return r, err
	}
	r.Dialect = h.app.DB.Dialect()
	took, err := h.warm(ctx)
	if err != nil {
		return r, err
	}
	r.IndexLoadSeconds, r.Indexed = rounded(took.Seconds()), h.app.Themes.Indexed()
	r.RSS.Loaded = settledRSS()
	if err := heapProfile(o.Heap); err != nil {
		return r, err
	}
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
	if r.Bench == ingestName {
		if r.WriteBaseline, err = h.writeBaseline(ctx); err != nil {
			return err
		}
	}
	if err := h.halt(); err != nil {
		return err
	}
	took, err := h.fill(ctx)
	r.SeedSeconds = rounded(took.Seconds())
	return err
}

// cpuProfile profiles until the returned function is called.
func cpuProfile(path string) (end func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { pprof.StopCPUProfile(); return file.Close() }, nil
}

// heapProfile writes what is in use, and how much each caller allocated of it.
func heapProfile(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("heap").WriteTo(file, 0), file.Close())
}

// fill stores the suggestions while no App runs, so that nobody indexes them
// meanwhile, and returns how long it took.
func (h *house) fill(ctx context.Context) (took time.Duration, err error) {
	db, err := models.Open(ctx, models.Options{URL: h.config.Database.URL})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()); debug.FreeOSMemory() }()
	began := time.Now()
	err = seed(ctx, db, h.opts.Items, h.opts.Progress("Storing suggestions"))
	return time.Since(began), err
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

// timed drives the requests that are measured and fills the report.
func (r *Report) timed(ctx context.Context, o Options, label string, n int, do func(context.Context, int) (int, []byte, error), after func(i, status int, answer []byte)) (err error) {
	before, known := cpuSeconds()
	out, wall, err := drive(ctx, o.Clients, n, o.Progress(label), do, after)
	if err != nil {
		return err
	}
	if used, _ := cpuSeconds(); known {
		r.CPU = rounded((used - before) * 1000 / float64(n))
	}
	r.fill(out, wall)
	return nil
}
