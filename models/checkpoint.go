package models

import (
	"context"
	"database/sql"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	checkpointEvery = 300 * time.Millisecond // while there are commits
	longLog         = 1000                   // pages at which the writer carries over what is written during a checkpoint
	maxCarries      = 12                     // in a row
	shortCarry      = 20 * time.Millisecond
	walBound        = "16000" // pages (64 MB) at which a commit does it itself, should writers never pause
)

// checkpointer carries what was committed from SQLite's write-ahead log into the
// database file, on a connection of its own. A commit that did it itself, as is
// SQLite's way, would let its writer wait for a thousand pages. What was committed
// is safe in the log whether or not it has been carried over.
//
// While there are always commits it never reaches the end of the log, which then grows, and
// a sync of a file that grows takes half as long again as one of a file that is written over.
// So the writer carries over the little that is left, and the log begins anew.
type checkpointer struct {
	conn *sql.Conn
	wake chan struct{}
	rest atomic.Bool // what was written meanwhile is left to the writer
	stop context.CancelFunc
	done chan struct{}
}

func newCheckpointer(ctx context.Context, pool *sql.DB) (*checkpointer, error) {
	conn, err := pool.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &checkpointer{conn: conn, wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go c.loop(run)
	return c, nil
}

// committed says that there is something to carry over.
func (c *checkpointer) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) loop(ctx context.Context) {
	defer close(c.done)
	for {
		select {
		case <-c.wake:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(checkpointEvery):
		case <-ctx.Done():
			return // closing carries over the rest
		}
		pages, err := c.carry(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("the log of the database could not be carried over; it is tried again after the next commit", "error", err)
		}
		if pages > longLog {
			c.rest.Store(true)
		}
	}
}

// carry goes over the log until what was written meanwhile is little, and returns how many
// pages the log has; 0 where it does not come to that.
func (c *checkpointer) carry(ctx context.Context) (pages int, err error) {
	for range maxCarries {
		var busy, carried int
		began := time.Now()
		if err := c.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &carried); err != nil {
			return 0, err
		}
		if time.Since(began) < shortCarry {
			return pages, nil
		}
	}
	return 0, nil
}

func (c *checkpointer) close() error {
	c.stop()
	<-c.done
	return c.conn.Close()
}
