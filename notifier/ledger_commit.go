package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// flushAfter bounds how long the answer to a mail waits to be written down together with
// the next commitment.
const flushAfter = 200 * time.Millisecond

var (
	errLost    = errors.New("the lease was lost")
	errStopped = errors.New("the mail was stopped")
)

// register writes down what the senders of a lane have to say: that a mail is about to
// be sent, and how mails ended. What they say at the same time shares a transaction and
// its statements. A sender's answer to its last mail is always written before, or with,
// its next commitment, so a crash leaves open the fate of one mail a connection at most.
type register struct {
	n     *Notifier
	woken chan struct{}

	mu    sync.Mutex
	ends  []outcome
	asks  []*commitment
	flush *time.Timer // runs while there are ends that no commitment has come for
}

// commitment is a sender's question, right before the final dot, whether its mail may go.
type commitment struct {
	m    letter
	hash string

	done      chan struct{}
	committed bool
	reason    []string // why the mail is stopped; none where the lease was lost
	err       error
}

func newRegister(n *Notifier) *register {
	return &register{n: n, woken: make(chan struct{}, 1)}
}

// commit writes down, right before the final dot, that the mail is being sent
// – if it is still ours and nothing stops it. This is the one place where
// preference and suppression decide.
func (r *register) commit(m letter, hash string) (stopped *outcome, err error) {
	ask := &commitment{m: m, hash: hash, done: make(chan struct{})}
	r.mu.Lock()
	r.asks = append(r.asks, ask)
	r.mu.Unlock()
	wake(r.woken)
	<-ask.done
	switch {
	case ask.err != nil:
		return nil, ask.err
	case ask.committed:
		return nil, nil
	case len(ask.reason) == 1:
		end := r.n.skipped(m.d, ask.reason[0])
		return &end, errStopped
	}
	return nil, errLost
}

// end notes how a mail ended, to be written down soon.
func (r *register) end(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ends = append(r.ends, o)
	if o.state != models.DeliverySent {
		wake(r.woken)
	} else if r.flush == nil {
		r.flush = time.AfterFunc(flushAfter, func() { wake(r.woken) })
	}
}

// run writes until the senders have stopped and all is written. While Heed runs it does not
// give up: without the database there is nothing better to do. What is still open when it
// stops is found by its lease.
func (r *register) run(ctx context.Context, stopped <-chan struct{}) {
	for {
		select {
		case <-r.woken:
			if r.turn(ctx) != nil {
				time.AfterFunc(r.n.o.Poll, func() { wake(r.woken) })
			}
		case <-stopped:
			_ = r.turn(ctx)
			return
		}
	}
}

// turn writes down what there is.
func (r *register) turn(ctx context.Context) error {
	r.mu.Lock()
	ends, asks := r.ends, r.asks
	r.ends, r.asks = nil, nil
	if r.flush != nil {
		r.flush.Stop()
		r.flush = nil
	}
	r.mu.Unlock()
	if len(ends)+len(asks) == 0 {
		return nil
	}
	err := r.n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		now := r.n.db.Now()
		if err := applyAll(tx, ends, now); err != nil {
			return err
		}
		return r.commitAll(tx, asks, now)
	})
	if err != nil {
		slog.Error("notifier: write down answers", "error", err)
		r.mu.Lock()
		r.ends = append(ends, r.ends...)
		r.mu.Unlock()
	} else {
		for _, o := range ends {
			r.n.letGo(o.d)
		}
	}
	for _, a := range asks {
		a.err = err
		close(a.done)
	}
	return err
}

// commitAll answers the commitments. The empty string beside state, here and in
// mayBeSent, keeps the planner from going through all that is in that state.
func (r *register) commitAll(tx *gorm.DB, asks []*commitment, now time.Time) error {
	if len(asks) == 0 {
		return nil
	}
	args := map[string]any{"now": now, "owner": r.n.owner}
	byID, rows := map[string]*commitment{}, make([]string, len(asks))
	for i, a := range asks {
		a.committed, a.reason, byID[a.m.d.ID] = false, nil, a
		if a.m.trial {
			if err := startTrial(tx, a.m.d, now); err != nil {
				return err
			}
		}
		rows[i] = fmt.Sprintf("(@i%d, CAST(@f%[1]d AS BIGINT), @h%[1]d)", i)
		args[fmt.Sprint("i", i)], args[fmt.Sprint("f", i)], args[fmt.Sprint("h", i)] = a.m.d.ID, a.m.d.Fence, a.hash
	}
	from := " FROM (VALUES " + strings.Join(rows, ", ") + ") v"
	const mine = " deliveries.id = v.column1 AND lease_owner = @owner AND fence = v.column2 AND state || '' = 'leased'"
	var committed []string
	err := tx.Raw("UPDATE deliveries SET state = 'sending', body_hash = v.column3, updated_at = @now"+from+
		" WHERE"+mine+" AND "+stopOf()+" = '' RETURNING deliveries.id", args).Scan(&committed).Error
	if err != nil {
		return err
	}
	for _, id := range committed {
		byID[id].committed = true
	}
	if len(committed) == len(asks) {
		return nil
	}
	var stops []struct{ ID, Reason string }
	err = tx.Raw("SELECT deliveries.id, "+stopOf()+" AS reason"+from+" JOIN deliveries ON"+mine, args).Scan(&stops).Error
	for _, s := range stops {
		byID[s.ID].reason = []string{s.Reason}
	}
	return err
}

// applyAll writes outcomes down, those of mails that were sent together: they are many
// and all alike.
func applyAll(tx *gorm.DB, os []outcome, now time.Time) error {
	var rows []string
	var args []any
	for _, o := range os {
		if o.state != models.DeliverySent {
			if err := o.apply(tx, now); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, "(?, CAST(? AS BIGINT), ?)")
		args = append(args, o.d.ID, o.d.Fence, o.answer)
	}
	if len(rows) == 0 {
		return nil
	}
	var sent []string
	err := tx.Raw("UPDATE deliveries SET state = 'sent', answer = v.column3, attempts = attempts + 1, sent_at = ?, content = '', lease_owner = '', lease_until = NULL, updated_at = ?"+
		" FROM (VALUES "+strings.Join(rows, ", ")+") v WHERE deliveries.id = v.column1 AND fence = v.column2 AND "+mayBeSent+" RETURNING deliveries.id",
		append([]any{now, now}, args...)...).Scan(&sent).Error
	if err != nil || len(sent) == 0 {
		return err
	}
	return tx.Exec("INSERT INTO attempts (delivery_id, n, outcome, answer, created_at) SELECT id, attempts, 'sent', answer, ? FROM deliveries WHERE id IN ?", now, sent).Error
}
