// Package modelstest opens real stores for tests: a SQLite file of the test's
// own, and a PostgreSQL database of the test's own where HEED_TEST_POSTGRES
// names a server ("postgres://…", set by make test).
package modelstest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver, to create databases

	"github.com/heedhq/heed/models"
)

// Env names the PostgreSQL server that tests may use.
const Env = "HEED_TEST_POSTGRES"

// Clock is a clock that a test moves by hand.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock returns a clock that stands at t, or at a fixed day for the zero
// time.
func NewClock(t time.Time) *Clock {
	if t.IsZero() {
		t = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	}
	return &Clock{t: t}
}

// Now is where the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Add moves the clock.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Each runs the test on every database there is: SQLite always, PostgreSQL
// where Env names one (said aloud when not).
func Each(t *testing.T, run func(t *testing.T, db *models.DB, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clock := NewClock(time.Time{})
		run(t, Open(t, SQLiteURL(t), clock), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		u := PostgresURL(t)
		clock := NewClock(time.Time{})
		run(t, Open(t, u, clock), clock)
	})
}

// Open opens a store that is closed with the test. A nil clock is the
// system's.
func Open(t testing.TB, url string, clock models.Clock) *models.DB {
	t.Helper()
	db, err := models.Open(context.Background(), models.Options{URL: url, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// SQLiteURL names a fresh SQLite file of the current schema.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	b, err := emptySQLite()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "heed.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// PostgresURL makes a fresh database of the current schema on the server of Env, dropped with the
// test; it skips the test where there is none.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return postgresURL(t, emptyPostgres)
}

// EmptyPostgresURL makes a database without any table, else like PostgresURL.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return postgresURL(t, func(string) (string, error) { return "template1", nil })
}

func postgresURL(t testing.TB, template func(base string) (string, error)) string {
	t.Helper()
	base := os.Getenv(Env)
	if base == "" {
		t.Skipf("no PostgreSQL: %s is not set (make test sets it)", Env)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s: %v", Env, err)
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := template(base)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("heed_%s", strings.TrimPrefix(models.NewID("t"), "t_"))
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + empty); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Log(err)
		}
		admin.Close()
	})
	u.Path = "/" + name
	return u.String()
}
