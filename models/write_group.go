package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

const (
	maxBatch    = 64                    // closures that share one commit
	batchBudget = 25 * time.Millisecond // after it a batch takes no more in, so nobody waits long for others
	queueDepth  = 1024
	busyRetry   = time.Second
)

var errClosed = errors.New("database is closed")

// groupWriter is SQLite's writer: one goroutine owns the write connection, and
// writers that wait at the same time share a commit, each behind a savepoint
// of its own, so durability costs one fsync for all of them.
type groupWriter struct {
	checkpoints *checkpointer

	db       *DB
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	g        *gorm.DB
	queue    chan *unit
	done     chan struct{}

	mu     sync.RWMutex
	closed bool
}

func newGroupWriter(ctx context.Context, db *DB, pool, checkpoints *sql.DB) (*groupWriter, error) {
	conn, err := pool.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	g, err := gorm.Open(sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: conn}}, db.gormConfig())
	if err != nil {
		return nil, err
	}
	c, err := newCheckpointer(ctx, checkpoints)
	if err != nil {
		return nil, err
	}
	w := &groupWriter{checkpoints: c, db: db, conn: conn, prepared: map[string]*sql.Stmt{}, g: g, queue: make(chan *unit, queueDepth), done: make(chan struct{})}
	go w.loop()
	return w, nil
}

func (w *groupWriter) write(ctx context.Context, u *unit) error {
	if err := w.enqueue(ctx, u); err != nil {
		return err
	}
	<-u.done
	return u.err
}

func (w *groupWriter) enqueue(ctx context.Context, u *unit) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return Busy("database_closed", busyRetry, errClosed)
	}
	select {
	case w.queue <- u:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *groupWriter) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.queue)
	w.mu.Unlock()
	<-w.done
	// So that the file alone is the whole database once nobody serves from it.
	return errors.Join(w.checkpoints.close(), w.exec("PRAGMA wal_checkpoint(TRUNCATE)"), w.conn.Close())
}

func (w *groupWriter) loop() {
	defer close(w.done)
	for u := range w.queue {
		if w.checkpoints.rest.CompareAndSwap(true, false) {
			if err := w.exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
				warnOfLog(err)
			}
		}
		batch := w.batch(u)
		for _, u := range batch {
			close(u.done)
		}
	}
}

// batch runs first and whatever waits behind it in one transaction.
func (w *groupWriter) batch(first *unit) []*unit {
	batch := []*unit{first}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return w.refuse(batch, Busy("database_busy", busyRetry, err))
	}
	if !w.step(first) {
		return w.commit(batch)
	}
	for began := time.Now(); len(batch) < maxBatch && time.Since(began) < batchBudget; {
		select {
		case u, ok := <-w.queue:
			if !ok {
				return w.commit(batch)
			}
			batch = append(batch, u)
			if !w.step(u) {
				return w.commit(batch)
			}
			continue
		default:
		}
		break
	}
	return w.commit(batch)
}

// refuse turns away everyone who waits: each trying the lock anew would wait
// for the busy timeout again, one after the other.
func (w *groupWriter) refuse(batch []*unit, err error) []*unit {
	for {
		select {
		case u, ok := <-w.queue:
			if ok {
				batch = append(batch, u)
				continue
			}
		default:
		}
		for _, u := range batch {
			u.err = err
		}
		return batch
	}
}

// step runs one closure behind a savepoint. It returns false when the
// transaction is no longer what it was: after a full disk or an I/O error
// SQLite may have ended it, and what ran next would commit by itself.
func (w *groupWriter) step(u *unit) bool {
	if u.err = u.ctx.Err(); u.err != nil {
		return true
	}
	if u.err = w.exec("SAVEPOINT u"); u.err != nil {
		return false
	}
	u.err = u.run(w.g)
	sound := true
	if u.err != nil {
		if err := w.exec("ROLLBACK TO u"); err != nil {
			u.err, sound = errors.Join(u.err, err), false
		}
	}
	if err := w.exec("RELEASE u"); err != nil {
		u.err, sound = errors.Join(u.err, err), false
	}
	return sound
}

// commit ends the transaction; when it cannot, nobody's work was kept and
// everybody hears of it.
func (w *groupWriter) commit(batch []*unit) []*unit {
	err := w.exec("COMMIT")
	if err == nil {
		w.checkpoints.committed()
		return batch
	}
	logWriteTrouble(err)
	if rerr := w.exec("ROLLBACK"); rerr != nil {
		err = errors.Join(err, rerr)
	}
	for _, u := range batch {
		if u.err == nil {
			u.err = Busy("database_busy", busyRetry, fmt.Errorf("commit: %w", err))
		}
	}
	return batch
}

// exec runs one of the few statements that every transaction is made of, prepared once.
func (w *groupWriter) exec(query string) error {
	s := w.prepared[query]
	if s == nil {
		var err error
		if s, err = w.conn.PrepareContext(context.Background(), query); err != nil {
			return err
		}
		w.prepared[query] = s
	}
	_, err := s.ExecContext(context.Background())
	return err
}
