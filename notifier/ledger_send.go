package notifier

import (
	"bytes"
	"context"
	"errors"
)

// send works one connection: one mail after the other, never two whose fate a crash
// would leave open: before it has an answer to the next one, it is written down how the one
// before ended.
func (l *lane) send(ctx context.Context, place int) {
	var body bytes.Buffer // of one mail after the other
	var before *entry     // how the last one ended
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-l.mails:
			if len(l.mails) <= l.batch/2 {
				l.nudge()
			}
			l.register.busy.Add(1)
			if end := l.deliver(ctx, m, &body); end != nil {
				before = l.register.end(*end, place, before)
			} else { // it is another's now
				l.n.letGo(m.d)
			}
			l.register.busy.Add(-1)
		}
	}
}

// deliver brings one leased delivery as far as it gets, and says how it ended; nil where
// its lease was lost.
func (l *lane) deliver(ctx context.Context, m letter, body *bytes.Buffer) *outcome {
	if m.end != nil { // found out before anything was sent
		return m.end
	}
	var end outcome
	now := l.n.db.Now()
	// It may have become night since it was claimed: the next claim lets it wait, and live as long.
	if wait, _ := l.paused(); wait > 0 || m.awake.from(now).After(now) {
		end = l.n.later(m.d, m.d.RunAt, m.d.Answer)
		return &end
	}
	r, _, err := l.n.o.Renderer.render(m.message, body)
	if err != nil {
		end = l.n.failed(m.d, storable(err))
		return &end
	}
	var stopped *outcome
	answer, err := l.pool.Send(ctx, r.Envelope, r.Body, func(context.Context) error {
		var err error
		stopped, err = l.register.commit(m, r.Hash)
		return err
	})
	switch {
	case stopped != nil:
		return stopped
	case errors.Is(err, errLost):
		return nil
	case err == nil:
		l.reached()
		end = l.n.sent(m.d, answer.String())
	default:
		end = l.conclude(ctx, m.d, err)
	}
	return &end
}

// Mail to where bounces come back would come back for ever.
var errOwnAddress = errors.New("the address is the one that bounces come back to")
