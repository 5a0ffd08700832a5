package notifier

import (
	"context"
	"errors"
)

// send works one connection: one mail after the other, never two whose fate a crash
// would leave open.
func (l *lane) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-l.mails:
			l.deliver(ctx, m)
		}
	}
}

// deliver brings one leased delivery as far as it gets.
func (l *lane) deliver(ctx context.Context, m letter) {
	if len(l.mails) <= l.batch/2 {
		l.nudge()
	}
	if m.end != nil { // found out before anything was sent
		l.register.end(*m.end)
		return
	}
	if wait, _ := l.paused(); wait > 0 {
		l.register.end(l.n.later(m.d, m.d.RunAt, m.d.Answer))
		return
	}
	if from := m.awake.from(l.n.db.Now()); from.After(l.n.db.Now()) {
		// It has become night since it was claimed: the next claim lets it wait, and live as long.
		l.register.end(l.n.later(m.d, m.d.RunAt, m.d.Answer))
		return
	}
	r, err := l.n.o.Renderer.Render(m.message)
	if err != nil {
		l.register.end(l.n.failed(m.d, storable(err)))
		return
	}
	var stopped *outcome
	answer, err := l.pool.Send(ctx, r.Envelope, r.Body, func(context.Context) error {
		var err error
		stopped, err = l.register.commit(m, r.Hash)
		return err
	})
	switch {
	case stopped != nil:
		l.register.end(*stopped)
	case errors.Is(err, errLost): // it is another's now
		l.n.letGo(m.d)
	case err == nil:
		l.reached()
		l.register.end(l.n.sent(m.d, answer.String()))
	default:
		l.register.end(l.conclude(ctx, m.d, err))
	}
}

// Mail to where bounces come back would come back for ever.
var errOwnAddress = errors.New("the address is the one that bounces come back to")
