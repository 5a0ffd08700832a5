package models

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
)

// ServeAlone makes sure that no other process serves from the same SQLite file
// until Close: leases that it finds are then those of the dead. It holds an
// exclusive lock on a small file beside the database, which the system lets go
// when the process dies. On PostgreSQL many nodes may serve.
func (db *DB) ServeAlone(ctx context.Context) error {
	path, ok := strings.CutPrefix(db.url, "sqlite:")
	if !ok {
		return nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // by whatever name it is called
		path = real
	}
	pool, err := sql.Open("sqlite", path+".serving")
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	db.pools = append(db.pools, pool)
	db.serving, err = pool.Conn(ctx)
	if err == nil {
		_, err = db.serving.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err != nil {
		return fmt.Errorf("another heed serves this database file; stop it first, or use PostgreSQL for several nodes (%w)", err)
	}
	return nil
}
