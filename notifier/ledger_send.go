package notifier

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
)

// flushAfter bounds how long an answer waits to be written down together with
// the next mail's commitment.
const flushAfter = 200 * time.Millisecond

// sender works one connection. Before each final dot it commits that the mail
// is being sent, and with it the answer to its last one: one transaction a
// mail, and never more than one mail whose fate a crash would leave open.
type sender struct {
	l *lane

	mu       sync.Mutex
	answered *outcome // accepted by the relay, not yet written down
}

func (s *sender) run(ctx context.Context) {
	defer s.flush(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-s.l.mails:
			s.deliver(ctx, m)
			continue
		default:
		}
		s.flush(ctx)
		select {
		case <-ctx.Done():
			return
		case m := <-s.l.mails:
			s.deliver(ctx, m)
		}
	}
}

// deliver brings one leased delivery as far as it gets.
func (s *sender) deliver(ctx context.Context, m letter) {
	if len(s.l.mails) <= s.l.batch/2 {
		s.l.nudge()
	}
	if m.end != nil { // found out before anything was sent
		s.write(ctx, *m.end)
		return
	}
	if wait, _ := s.l.paused(); wait > 0 {
		s.write(ctx, s.l.n.later(m.d, m.d.RunAt, m.d.Answer))
		return
	}
	if from := m.awake.from(s.l.n.db.Now()); from.After(s.l.n.db.Now()) {
		// It has become night since it was claimed: the next claim lets it wait, and live as long.
		s.write(ctx, s.l.n.later(m.d, m.d.RunAt, m.d.Answer))
		return
	}
	r, err := s.l.n.o.Renderer.Render(m.message)
	if err != nil {
		s.write(ctx, s.l.n.failed(m.d, err.Error()))
		return
	}
	var stopped *outcome
	answer, err := s.l.pool.Send(ctx, r.Envelope, r.Body, func(context.Context) error {
		var err error
		stopped, err = s.commit(ctx, m, r.Hash)
		return err
	})
	switch {
	case stopped != nil:
		s.write(ctx, *stopped)
	case errors.Is(err, errLost): // it is another's now
		s.l.n.letGo(m.d)
	case err == nil:
		s.l.reached()
		s.keep(ctx, s.l.n.sent(m.d, answer.String()))
	default:
		s.write(ctx, s.l.conclude(ctx, m.d, err))
	}
}

var (
	errLost    = errors.New("the lease was lost")
	errStopped = errors.New("the mail was stopped")
	// Mail to where bounces come back would come back for ever.
	errOwnAddress = errors.New("the address is the one that bounces come back to")
)

// commit writes down, right before the final dot, that the mail is being sent
// – if it is still ours and nothing stops it. This is the one place where
// preference and suppression decide.
func (s *sender) commit(ctx context.Context, m letter, hash string) (stopped *outcome, err error) {
	d := m.d
	s.mu.Lock()
	defer s.mu.Unlock()
	var committed bool
	var reason []string
	n := s.l.n
	err = n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		if s.answered != nil {
			if err := s.answered.apply(tx, n.db.Now()); err != nil {
				return err
			}
		}
		if m.trial {
			if err := startTrial(tx, d, n.db.Now()); err != nil {
				return err
			}
		}
		args := map[string]any{"hash": hash, "now": n.db.Now(), "id": d.ID, "owner": n.owner, "fence": d.Fence}
		const mine = " WHERE id = @id AND lease_owner = @owner AND fence = @fence AND state = 'leased'"
		res := tx.Exec("UPDATE deliveries SET state = 'sending', body_hash = @hash, updated_at = @now"+mine+" AND "+stopOf()+" = ''", args)
		if committed = res.RowsAffected == 1; res.Error != nil || committed {
			return res.Error
		}
		reason = nil
		return tx.Raw("SELECT "+stopOf()+" FROM deliveries"+mine, args).Scan(&reason).Error
	})
	if err != nil {
		return nil, err
	}
	if s.answered != nil {
		n.letGo(s.answered.d)
		s.answered = nil
	}
	switch {
	case committed:
		return nil, nil
	case len(reason) == 1:
		end := n.skipped(d, reason[0])
		return &end, errStopped
	}
	return nil, errLost
}

// keep holds an accepted mail's answer for the next commit, not for long.
func (s *sender) keep(ctx context.Context, o outcome) {
	s.mu.Lock()
	s.answered = &o
	s.mu.Unlock()
	time.AfterFunc(flushAfter, func() { s.flushThis(ctx, &o) })
}

func (s *sender) flushThis(ctx context.Context, o *outcome) {
	s.mu.Lock()
	stillHere := s.answered != nil && s.answered.d.ID == o.d.ID && s.answered.d.Fence == o.d.Fence
	s.mu.Unlock()
	if stillHere {
		s.flush(ctx)
	}
}

// flush writes the kept answer down.
func (s *sender) flush(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answered != nil && s.save(ctx, *s.answered) {
		s.answered = nil
	}
}

// write writes down how a mail ended, and the kept answer before it.
func (s *sender) write(ctx context.Context, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	os := []outcome{o}
	if s.answered != nil {
		os = []outcome{*s.answered, o}
	}
	if s.save(ctx, os...) {
		s.answered = nil
	}
}

// save does not give up while Heed runs: without the database there is nothing
// better to do. What is still open when it stops is found by its lease.
func (s *sender) save(ctx context.Context, os ...outcome) bool {
	n := s.l.n
	for {
		err := n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
			for _, o := range os {
				if err := o.apply(tx, n.db.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			for _, o := range os {
				n.letGo(o.d)
			}
			return true
		}
		slog.Error("notifier: write down answers", "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(n.o.Poll):
		}
	}
}
