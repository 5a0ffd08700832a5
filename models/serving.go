package models

import (
	"context"
	"database/sql"
	"errors"
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
		return errors.Join(errors.New("another heed serves this database file; stop it first, or use PostgreSQL for several nodes"), err)
	}
	return nil
}
