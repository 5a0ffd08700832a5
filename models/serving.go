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
	path := db.Beside(".serving")
	if path == "" {
		return nil
	}
	pool, err := sql.Open("sqlite", path)
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

// Beside is the name of a file beside the SQLite database, which ends in suffix; "" on
// PostgreSQL.
func (db *DB) Beside(suffix string) string {
	path, ok := strings.CutPrefix(db.url, "sqlite:")
	if !ok {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // by whatever name it is called
		path = real
	}
	return path + suffix
}
