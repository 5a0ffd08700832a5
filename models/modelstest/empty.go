package modelstest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/heedhq/heed/models"
)

// Making the schema takes longer than most tests. It is made once, and every test
// begins with a copy.

// emptySQLite is a database of the current schema, as its file's bytes.
var emptySQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "heed-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "heed.db")
	if err := migrated("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing has brought all of it into the one file
})

// emptyPostgres names a database of the current schema on the server at base, to
// make others of. It stays there for the next process: its name tells the schema.
func emptyPostgres(base string) (string, error) {
	empties.Lock()
	defer empties.Unlock()
	if empties.made {
		return emptyName, nil
	}
	ctx := context.Background()
	admin, err := sql.Open("pgx", base)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(20261126)"); err != nil {
		return "", err
	}
	defer conn.ExecContext(ctx, "SELECT pg_advisory_unlock(20261126)")
	var there int
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_database WHERE datname = $1", emptyName).Scan(&there); err != nil {
		return "", err
	}
	if there == 0 {
		err = makeEmpty(ctx, conn, base)
	}
	empties.made = err == nil
	return emptyName, err
}

var (
	emptyName = "heed_empty_" + models.SchemaMark()
	empties   struct {
		sync.Mutex
		made bool
	}
)

// makeEmpty makes the database under another name first: whoever finds it under its
// own finds it whole.
func makeEmpty(ctx context.Context, conn *sql.Conn, base string) error {
	const draft = "heed_empty_draft"
	for _, do := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft} {
		if _, err := conn.ExecContext(ctx, do); err != nil {
			return err
		}
	}
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	u.Path = "/" + draft
	if err := migrated(u.String()); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+draft+" RENAME TO "+emptyName)
	return err
}

func migrated(url string) error {
	db, err := models.Open(context.Background(), models.Options{URL: url})
	if err != nil {
		return err
	}
	return db.Close()
}
