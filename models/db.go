package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	sqlite3 "modernc.org/sqlite"
)

// DB is the store. Read it through Read, change it through Write.
type DB struct {
	dialect string // "sqlite" or "postgres"
	url     string
	read    *gorm.DB
	writer  writer
	clock   Clock
	pools   []*sql.DB
	serving *sql.Conn // holds the lock of ServeAlone

	lastSeq atomic.Int64 // highest activity committed by this process
	mu      sync.Mutex
	changed chan struct{} // closed at the next commit
}

// writer runs closures in transactions; one kind per database.
type writer interface {
	write(ctx context.Context, w *unit) error
	close() error
}

// Options of Open.
type Options struct {
	URL   string // sqlite:PATH or postgres://…
	Clock Clock  // nil: the system's
}

// Open opens the store and brings its schema up to date. For SQLite the folder
// of the file is made. Errors name what a person must mend.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := &DB{clock: o.Clock, url: o.URL, changed: make(chan struct{})}
	if db.clock == nil {
		db.clock = SystemClock{}
	}
	var err error
	if path, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		err = db.openSQLite(ctx, path)
	} else if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		err = db.openPostgres(ctx, o.URL)
	} else {
		err = errors.New("database.url must be sqlite:PATH or postgres://…")
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

func (db *DB) openSQLite(ctx context.Context, path string) error {
	if path == "" {
		return errors.New("database.url: no file after \"sqlite:\"")
	}
	db.dialect = "sqlite"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := makePrivate(path); err != nil {
		return err
	}
	wpool, err := db.pool("sqlite", sqliteDSN(path, false), 1)
	if err != nil {
		return err
	}
	if err := migrate(ctx, db.dialect, wpool, path); err != nil {
		return err
	}
	rpool, err := db.pool("sqlite", sqliteDSN(path, true), max(4, runtime.NumCPU()))
	if err != nil {
		return err
	}
	if db.read, err = gorm.Open(sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: rpool}}, db.gormConfig()); err != nil {
		return err
	}
	cpool, err := db.pool("sqlite", sqliteDSN(path, false), 1)
	if err != nil {
		return err
	}
	db.writer, err = newGroupWriter(ctx, db, wpool, cpool)
	return err
}

// makePrivate makes a new database file readable by its owner alone; SQLite
// gives the files beside it the same mode.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (db *DB) openPostgres(ctx context.Context, dsn string) error {
	db.dialect = "postgres"
	pool, err := db.pool("pgx", dsn, max(16, 4*runtime.NumCPU()))
	if err != nil {
		return err
	}
	if err := migrate(ctx, db.dialect, pool, ""); err != nil {
		return err
	}
	// pgx keeps prepared statements per connection. gorm's own cache would hold
	// its lock while it waits for a connection, and under load all connections
	// end up waiting for that lock.
	c := db.gormConfig()
	c.PrepareStmt = false
	db.read, err = gorm.Open(postgresDialector{postgres.Dialector{Config: &postgres.Config{Conn: pool}}}, c)
	db.writer = &txWriter{db: db}
	return err
}

func (db *DB) pool(driver, dsn string, size int) (*sql.DB, error) {
	p, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(size)
	p.SetMaxIdleConns(size)
	db.pools = append(db.pools, p)
	return p, nil
}

func (db *DB) gormConfig() *gorm.Config {
	return &gorm.Config{
		PrepareStmt:            true,
		PrepareStmtMaxSize:     400, // lists of ids make a statement for each length
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		TranslateError:         true,
		NowFunc:                db.Now,
		Logger:                 logger.Discard,
	}
}

// sqliteDSN lists the pragmas; busy_timeout first, so that the others wait for
// a lock as well.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{"_time_format": {"sqlite"}, "_txlock": {"immediate"}}
	pragmas := []string{"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(FULL)", "temp_store(MEMORY)"}
	if readOnly {
		pragmas = append(pragmas, "query_only(1)", "cache_size(-3000)") // KiB, for each of the readers
	} else {
		pragmas = append(pragmas, "cache_size(-8000)", "wal_autocheckpoint("+walBound+")")
	}
	q["_pragma"] = pragmas
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// sqliteDialector is gorm's SQLite dialect over modernc's driver: it knows that
// driver's errors, which the original does not.
type sqliteDialector struct{ sqlite.Dialector }

// Translate turns the driver's constraint errors into gorm's.
func (d sqliteDialector) Translate(err error) error {
	if e, ok := errors.AsType[*sqlite3.Error](err); ok {
		switch e.Code() {
		case 2067, 1555: // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY
			return gorm.ErrDuplicatedKey
		case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
			return gorm.ErrForeignKeyViolated
		}
	}
	return err
}

// Explain would write each statement of a Scan down with its values, for a logger that
// there is not.
func (sqliteDialector) Explain(string, ...any) string { return "" }

// postgresDialector is gorm's PostgreSQL dialect, as quiet.
type postgresDialector struct{ postgres.Dialector }

// Explain is empty, as for SQLite.
func (postgresDialector) Explain(string, ...any) string { return "" }

// Now is the store's time: UTC, whole milliseconds.
func (db *DB) Now() time.Time { return Milli(db.clock.Now()) }

// Dialect is "sqlite" or "postgres".
func (db *DB) Dialect() string { return db.dialect }

// URL is what the store was opened with.
func (db *DB) URL() string { return db.url }

// Read returns a handle for queries: the running transaction's inside a Write,
// the read pool's outside.
func (db *DB) Read(ctx context.Context) *gorm.DB {
	if u := joined(ctx, db); u != nil {
		return u.tx
	}
	return db.read.WithContext(ctx)
}

// Lock makes concurrent transactions that ask for the same name wait for each
// other until they end. On SQLite there is one writer, so nothing is to do.
func (db *DB) Lock(tx *gorm.DB, name string) error {
	if db.dialect == "sqlite" {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error
}

// LockShared is Lock for transactions that may run beside each other, but not
// beside one that asks for the name by Lock.
func (db *DB) LockShared(tx *gorm.DB, name string) error {
	if db.dialect == "sqlite" {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock_shared(hashtextextended(?, 0))", name).Error
}

// Claim locks the rows that a query takes and passes over those that another
// worker holds. On SQLite there is one writer, so nothing is to do.
func (db *DB) Claim(tx *gorm.DB) *gorm.DB {
	if db.dialect == "sqlite" {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})
}

// Hold locks the rows that a query reads until the transaction ends, waiting
// for whoever holds them. On SQLite there is one writer, so nothing is to do.
func (db *DB) Hold(tx *gorm.DB) *gorm.DB {
	if db.dialect == "sqlite" {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE"})
}

// Changed returns a channel that is closed at the next commit with activities
// in this process. It is a nudge: on other nodes readers poll.
func (db *DB) Changed() <-chan struct{} {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.changed
}

// LastSeq is the highest activity that this process committed.
func (db *DB) LastSeq() int64 { return db.lastSeq.Load() }

func (db *DB) committed(seq int64) {
	for {
		old := db.lastSeq.Load()
		if seq <= old || db.lastSeq.CompareAndSwap(old, seq) {
			break
		}
	}
	db.mu.Lock()
	close(db.changed)
	db.changed = make(chan struct{})
	db.mu.Unlock()
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.Read(ctx).Raw("SELECT 1").Scan(&one).Error
}

// Close ends the writer after what is in flight, then the pools.
func (db *DB) Close() error {
	var errs []error
	if db.writer != nil {
		errs = append(errs, db.writer.close())
	}
	if db.serving != nil {
		errs = append(errs, db.serving.Close())
	}
	for _, p := range db.pools {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// IsDuplicate reports whether err says that a unique row exists already.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// IsNotFound reports whether err says that a wanted row does not exist.
func IsNotFound(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

func logWriteTrouble(err error) { slog.Error("database write failed", "error", err) }
