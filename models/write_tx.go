package models

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	txTries   = 10
	txBackoff = 5 * time.Millisecond
)

// txWriter is PostgreSQL's writer: a transaction each, run again when the
// database says that only timing was wrong.
type txWriter struct{ db *DB }

func (w *txWriter) write(ctx context.Context, u *unit) error {
	backoff := txBackoff
	for try := 1; ; try++ {
		err := w.once(ctx, u)
		if err == nil || !isTransient(err) {
			return err
		}
		if try == txTries {
			return Busy("database_busy", busyRetry, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff + rand.N(backoff)):
		}
		backoff = min(2*backoff, 200*time.Millisecond)
	}
}

func (w *txWriter) once(ctx context.Context, u *unit) error {
	tx := w.db.read.WithContext(context.WithoutCancel(ctx)).Begin()
	if tx.Error != nil {
		return Busy("database_busy", busyRetry, tx.Error)
	}
	if err := u.run(tx); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit().Error
}

func (w *txWriter) close() error { return nil }

// isTransient: serialisation failure, deadlock. A unique violation is not: the
// closure decides what it means.
func isTransient(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}
