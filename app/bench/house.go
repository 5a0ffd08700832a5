package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver, to look whether a database is empty

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const warmPatience = 15 * time.Minute

// house is a Heed that lives for one measurement: its folder, its database, and
// the App while it runs.
type house struct {
	opts   Options
	dir    string
	config config.Config
	app    *app.App
	token  string
	client *client
	posted int    // by earlier measurements of the same database
	source string // of what this one posts
}

// newHouse prepares the database: SQLite in a temporary folder, or the empty
// one that opts.URL names.
func newHouse(ctx context.Context, o Options) (*house, error) {
	dir, err := os.MkdirTemp("", "heed-bench-")
	if err != nil {
		return nil, err
	}
	h := &house{opts: o, dir: dir, config: config.Default(), source: ingestBench}
	h.config.Server.Addr, h.config.Server.PublicURL = "127.0.0.1:0", ""
	h.config.Secrets.KeyFile = filepath.Join(dir, "heed.key")
	h.config.Database.URL = "sqlite:" + filepath.Join(dir, "heed.db")
	h.config.Mail.SMTPURL = ""
	if o.URL == "" {
		return h, nil
	}
	h.config.Database.URL = o.URL
	if o.Filled {
		if h.opts.Items, h.posted, err = filled(ctx, o.URL); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		h.source = fmt.Sprint(ingestBench, "-", h.posted)
		return h, nil
	}
	if err := empty(ctx, o.URL); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return h, nil
}

// filled counts what earlier measurements stored, and what they posted.
func filled(ctx context.Context, url string) (items, posted int, err error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok { // opening it would make it
		if _, err := os.Stat(path); err != nil {
			return 0, 0, fmt.Errorf("--filled: --url: %w", err)
		}
	}
	db, err := models.Open(ctx, models.Options{URL: url})
	if err != nil {
		return 0, 0, fmt.Errorf("--url: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Read(ctx).Raw("SELECT COUNT(CASE WHEN source = ? THEN 1 END), COUNT(CASE WHEN source LIKE ? THEN 1 END) FROM suggestions", seedSource, ingestBench+"%").Row().Scan(&items, &posted)
	if err != nil {
		return 0, 0, fmt.Errorf("--url: %w", err)
	}
	if items == 0 {
		return 0, 0, errors.New("--filled: no measurement has filled this database")
	}
	return items, posted, nil
}

// empty refuses every database that holds anything: a measurement fills it.
func empty(ctx context.Context, url string) error {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("--url: %s exists; name a file that does not", path)
		}
		return nil
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	defer db.Close()
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()").Scan(&tables); err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	if tables > 0 {
		return fmt.Errorf("--url: the database holds %d tables; a measurement fills only an empty one", tables)
	}
	return nil
}

// boot starts the App and returns how long it took until it listened.
func (h *house) boot(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	a, err := app.New(ctx, h.config, app.Options{})
	if err != nil {
		return 0, err
	}
	h.app = a
	if err := a.Start(ctx); err != nil {
		return 0, err
	}
	ready := time.Since(began)
	if h.token == "" {
		h.token, _, err = a.Auth.CreateToken(ctx, auth.NewToken{Name: "bench", Kind: models.TokenService, Scopes: []auth.Scope{auth.ScopeSuggestionsWrite, auth.ScopeThemesRead, auth.ScopeThemesWrite, auth.ScopeFollowupsSend}})
		if err != nil {
			return 0, err
		}
	}
	h.client = newClient(a.URL(), h.token, h.opts.Clients)
	return ready, nil
}

// warm waits until the index is loaded, every text has its vector and every reader
// of the activities has read what was seeded; it returns the time the index took.
func (h *house) warm(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for h.app.Themes.Warming() {
		if err := nap(ctx, began); err != nil {
			return 0, fmt.Errorf("load the index: %w", err)
		}
	}
	took := time.Since(began)
	for h.app.Themes.Encoding() > 0 {
		if err := nap(ctx, began); err != nil {
			return 0, fmt.Errorf("vectors: %w", err)
		}
	}
	for {
		var behind int
		err := h.app.DB.Read(ctx).Raw("SELECT COUNT(*) FROM cursors WHERE name <> 'github.milestones' AND seq < (SELECT n FROM counters WHERE name = 'activity')").Scan(&behind).Error
		if err != nil || behind == 0 {
			return took, err
		}
		if err := nap(ctx, began); err != nil {
			return 0, fmt.Errorf("readers of the activities: %w", err)
		}
	}
}

func nap(ctx context.Context, began time.Time) error {
	if time.Since(began) > warmPatience {
		return errors.New("took too long")
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Millisecond):
		return nil
	}
}

// halt ends the App and gives its memory back, so that the next one's can be
// told from it.
func (h *house) halt() error {
	if h.app == nil {
		return nil
	}
	if h.client != nil {
		h.client.close()
	}
	err := h.app.Close()
	h.app, h.client = nil, nil
	debug.FreeOSMemory()
	return err
}

// close ends everything and removes the folder. A database named by --url stays
// as it is.
func (h *house) close() error { return errors.Join(h.halt(), os.RemoveAll(h.dir)) }

// bytes is what the database takes on disk.
func (h *house) bytes(ctx context.Context) (n int64, err error) {
	path, ok := strings.CutPrefix(h.config.Database.URL, "sqlite:")
	if !ok {
		err = h.app.DB.Read(ctx).Raw("SELECT pg_database_size(current_database())").Scan(&n).Error
		return n, err
	}
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			n += info.Size()
		}
	}
	return n, nil
}
