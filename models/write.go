package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// unit is one closure on its way through a transaction.
type unit struct {
	db    *DB
	ctx   context.Context
	fn    func(context.Context, *gorm.DB) error
	tx    *gorm.DB
	seq   int64 // highest activity recorded
	after []func()
	err   error
	panic any
	done  chan struct{}
}

type unitKey struct{}

// joined returns the unit of db that ctx runs in, nil outside of Write.
func joined(ctx context.Context, db *DB) *unit {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok && u.db == db {
		return u
	}
	return nil
}

// Write runs fn in a transaction and commits when it returns nil. It is the
// only way to change the store. A Write inside another joins it: hand on an
// inner error, or its half-done work is committed. fn may run more than once
// (serialisation failures), so it sets its results anew each time and touches
// nothing but the database. Once begun, fn is not cancelled by ctx. The error
// is fn's own, or Unavailable when the database cannot be written.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *gorm.DB) error) error {
	if u := joined(ctx, db); u != nil {
		return fn(ctx, u.tx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &unit{db: db, ctx: ctx, fn: fn, done: make(chan struct{})}
	err := db.writer.write(ctx, u)
	if u.panic != nil {
		panic(u.panic)
	}
	if err != nil {
		return err
	}
	if u.seq > 0 {
		db.committed(u.seq)
	}
	for _, f := range u.after {
		f()
	}
	return nil
}

// AfterCommit calls f once the Write that ctx runs in has committed, and not at
// all when it fails; outside of a Write it calls f at once. f must be quick:
// it wakes somebody, no more.
func (db *DB) AfterCommit(ctx context.Context, f func()) {
	if u := joined(ctx, db); u != nil {
		u.after = append(u.after, f)
		return
	}
	f()
}

// run calls the closure in tx, keeping a panic for the caller's goroutine.
func (u *unit) run(tx *gorm.DB) (err error) {
	defer func() {
		if p := recover(); p != nil {
			u.panic, err = p, fmt.Errorf("panic: %v", p)
		}
	}()
	// A deadline inside one statement would roll back a whole shared batch.
	ctx := context.WithValue(context.WithoutCancel(u.ctx), unitKey{}, u)
	u.tx, u.seq, u.after = tx.WithContext(ctx), 0, nil
	return u.fn(ctx, u.tx)
}
