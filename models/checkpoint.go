package models

import (
	"context"
	"database/sql"
	"log/slog"
	"math"
	"sync/atomic"
	"time"
)

const (
	checkpointEvery = 300 * time.Millisecond // while there are commits
	longLog         = 1000                   // pages at which the writer carries over what is written during a checkpoint
	fewPages        = 250                    // that the writer may carry over, in some milliseconds
	walBound        = "16000"                // pages (64 MB) at which a commit does it itself, should writers never pause
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
			warnOfLog(err)
		}
		if pages > longLog {
			c.rest.Store(true)
		}
	}
}

func warnOfLog(err error) {
	slog.Warn("the log of the database could not be carried over; it is tried again after the next commit", "error", err)
}

// carry goes over the log until what was written meanwhile is little, and returns how many
// pages the log has; 0 where it grows faster, or somebody still reads an older state.
func (c *checkpointer) carry(ctx context.Context) (pages int, err error) {
	for before, last := 0, math.MaxInt; ; {
		var busy, carried int
		if err := c.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &carried); err != nil {
			return 0, err
		}
		news := carried - before
		switch {
		case carried < pages || news >= last:
			return 0, nil
		case news < fewPages:
			return pages, nil
		}
		before, last = carried, news
	}
}

func (c *checkpointer) close() error {
	c.stop()
	<-c.done
	return c.conn.Close()
}
