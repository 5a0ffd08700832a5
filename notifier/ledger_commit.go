package notifier

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

var (
	errLost    = errors.New("the lease was lost")
	errStopped = errors.New("the mail was stopped")
)

// register writes down what the senders of a lane have to say: that a mail is about to
// be sent, and how mails ended. What they say at the same time shares a transaction and
// its statements. A sender waits for leave to send, and does not say how a mail ended before
// it is written how the one before did: a crash leaves open the fate of one mail a connection
// at most, and only of one that was just being sent.
type register struct {
	n     *Notifier
	woken chan struct{}

	busy atomic.Int32 // senders with a mail in hand

	mu      sync.Mutex
	entries []*entry

	until time.Time // once Heed stops, when ends are given up, by the machine's clock
}

// entry is a sender's question, right before the final dot, whether its mail may go; or
// how the mail ended.
type entry struct {
	m    letter
	hash string
	end  *outcome

	awaited   bool // its sender goes on once it is written
	refused   bool // once already, alone; see register.refused
	done      chan struct{}
	committed bool
	reason    []string // why the mail is stopped; none where the lease was lost
	err       error
}

// leased is a delivery as it was claimed once: a node may get the same again after it has
// lost it.
type leased struct {
	ID    string
	Fence int64
}

func newRegister(n *Notifier) *register {
	return &register{n: n, woken: make(chan struct{}, 1)}
}

// commit writes down, right before the final dot, that the mail is being sent
// – if it is still ours and nothing stops it. This is the one place where
// preference and suppression decide.
func (r *register) commit(m letter, hash string) (stopped *outcome, err error) {
	e := r.enter(&entry{m: m, hash: hash})
	switch {
	case e.err != nil:
		return nil, e.err
	case e.committed:
		return nil, nil
	case len(e.reason) == 1 && e.reason[0] == "": // what stopped it has just ended: it goes with the next claim
		end := r.n.later(m.d, m.d.RunAt, m.d.Answer)
		return &end, errStopped
	case len(e.reason) == 1:
		end := r.n.skipped(m.d, e.reason[0])
		return &end, errStopped
	}
	return nil, errLost
}

// gatherTime is how long what one sender has to say waits for the others at most.
const gatherTime = 3 * time.Millisecond

const (
	endGrace = 5 * time.Second        // how long, when Heed stops, ends are tried again that could not be written
	endPause = 100 * time.Millisecond // between two such tries
)

// end writes down how a mail ended. While Heed runs it does not give up: without the
// database there is nothing better to do. When it stops it goes on for endGrace; what is
// open then stays in "sending", and its lease leads to it. Where the answers are kept a sender
// does not wait until it is written that its mail was taken, but that its mail before that
// was (before, nil for none): its answer stands in the place until then.
func (r *register) end(o outcome, place int, before *entry) *entry {
	e := &entry{end: &o}
	if before != nil {
		if <-before.done; before.err != nil { // its answer stands in the place alone
			r.enter(e)
			return before
		}
	}
	if o.state == models.DeliverySent && r.n.answers.keep(place, o) {
		r.add(e)
		return e
	}
	return r.enter(e)
}

func (r *register) enter(e *entry) *entry {
	e.awaited = true
	r.add(e)
	<-e.done
	return e
}

func (r *register) add(e *entry) {
	e.done = make(chan struct{})
	r.mu.Lock()
	r.entries = append(r.entries, e)
	r.mu.Unlock()
	wake(r.woken)
}

// run writes until the senders have stopped and all they said is written.
func (r *register) run(ctx context.Context, stopped <-chan struct{}) {
	for {
		select {
		case <-r.woken:
			r.waitForOthers()
			if r.turn(ctx) != nil {
				time.AfterFunc(r.n.o.Poll, func() { wake(r.woken) })
			}
		case <-stopped:
			for r.turn(ctx) != nil { // until endGrace is over
				time.Sleep(min(r.n.o.Poll, endPause))
			}
			return
		}
	}
}

// waitForOthers waits, for a moment, until half of those who are at work wait for an answer:
// each turn costs a write to the disk, however little it says. How mails ended goes along.
func (r *register) waitForOthers() {
	for end := time.After(gatherTime); ; {
		r.mu.Lock()
		awaited := 0
		for _, e := range r.entries {
			if e.awaited {
				awaited++
			}
		}
		r.mu.Unlock()
		enough := 2*awaited >= int(r.busy.Load())
		if enough {
			return
		}
		select {
		case <-r.woken:
		case <-end:
			return
		}
	}
}

// turn writes down what there is. Where one of it cannot be written, each is written alone,
// so that the others do not share its fate. Ends that the database did not take stay for
// the next turn.
func (r *register) turn(ctx context.Context) error {
	r.mu.Lock()
	entries := r.entries
	r.entries = nil
	r.mu.Unlock()
	if len(entries) == 0 {
		return nil
	}
	err := r.write(ctx, entries)
	if err == nil || len(entries) == 1 || models.KindOf(err) == models.Unavailable {
		return r.answer(ctx, err, entries...)
	}
	var failed error
	for _, e := range entries {
		failed = errors.Join(failed, r.answer(ctx, r.write(ctx, []*entry{e}), e))
	}
	return failed
}

func (r *register) write(ctx context.Context, entries []*entry) error {
	return r.n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		now := r.n.db.Now()
		if err := r.applyAll(tx, entries, now); err != nil {
			return err
		}
		return r.commitAll(tx, entries, now)
	})
}

// answer tells those who wait that their entries were written, or why not. It returns err
// where something of it stays for the next turn.
func (r *register) answer(ctx context.Context, err error, entries ...*entry) error {
	if err != nil {
		slog.Error("notifier: write down answers", "error", err)
	}
	var stays error
	for _, e := range entries {
		switch {
		case e.end == nil:
		case err == nil:
			r.n.letGo(e.end.d)
		case r.givesUp(ctx):
			slog.Error("notifier: how a mail ended was not written down; it stays in sending and is decided on as in doubt", "delivery", e.end.d.ID, "state", e.end.state)
		case len(entries) == 1 && r.refused(ctx, err, e): // it is what is wrong, and not the database
			slog.Error("notifier: how a mail ended cannot be written down; it is decided on as in doubt", "delivery", e.end.d.ID, "state", e.end.state)
			r.n.letGo(e.end.d)
		default:
			stays = err
			r.mu.Lock()
			r.entries = append(r.entries, e)
			r.mu.Unlock()
			continue
		}
		e.err = err
		close(e.done)
	}
	return stays
}

// givesUp: Heed has been stopping for long enough.
func (r *register) givesUp(ctx context.Context) bool {
	if ctx.Err() == nil {
		return false
	}
	if r.until.IsZero() {
		r.until = time.Now().Add(endGrace)
	}
	return !time.Now().Before(r.until)
}

// refused reports whether the database refuses to write down how a mail ended while it takes
// anything else about it. Once proves nothing: what broke may have been the connection, and a
// mail that is wrongly given up goes out twice.
func (r *register) refused(ctx context.Context, err error, e *entry) bool {
	if models.KindOf(err) == models.Unavailable || !r.takes(ctx, e.end.d.ID) {
		return false
	}
	again := e.refused
	e.refused = true
	return again
}

// takes reports whether the database takes anything at all about a delivery.
func (r *register) takes(ctx context.Context, id string) bool {
	return r.n.db.Write(context.WithoutCancel(ctx), func(_ context.Context, tx *gorm.DB) error {
		return tx.Exec("UPDATE deliveries SET updated_at = ? WHERE id = ?", r.n.db.Now(), id).Error
	}) == nil
}

// stopAsked is stopOf with its times in order: finding them by name in so long a text took
// a twentieth of the writer's time.
var stopAsked = strings.ReplaceAll(stopOf(), "@now", "?")

// commitAll answers the commitments. The empty string beside state, here and in
// mayBeSent, keeps the planner from going through all that is in that state.
func (r *register) commitAll(tx *gorm.DB, entries []*entry, now time.Time) error {
	asked, rows := map[leased]*entry{}, []any(nil)
	for _, e := range entries {
		if e.end != nil {
			continue
		}
		e.committed, e.reason, asked[leased{e.m.d.ID, e.m.d.Fence}] = false, nil, e
		if e.m.trial {
			if err := startTrial(tx, e.m.d, now); err != nil {
				return err
			}
		}
		rows = append(rows, e.m.d.ID, e.m.d.Fence, e.hash)
	}
	if len(rows) == 0 {
		return nil
	}
	from := " FROM (VALUES (?, CAST(? AS BIGINT), ?)" + strings.Repeat(", (?, CAST(? AS BIGINT), ?)", len(asked)-1) + ") v"
	const mine = " deliveries.id = v.column1 AND lease_owner = ? AND fence = v.column2"
	nows := slices.Repeat([]any{now}, strings.Count(stopAsked, "?"))
	res := tx.Exec("UPDATE deliveries SET state = 'sending', body_hash = v.column3, updated_at = ?"+from+
		" WHERE"+mine+" AND state || '' = 'leased' AND "+stopAsked+" = ''", slices.Concat([]any{now}, rows, []any{r.n.owner}, nows)...)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == int64(len(asked)) { // as nearly always
		for _, e := range asked {
			e.committed = true
		}
		return nil
	}
	var rest []struct {
		ID      string
		Fence   int64
		Sending bool
		Reason  string
	}
	err := tx.Raw("SELECT deliveries.id, deliveries.fence, state = 'sending' AS sending, "+stopAsked+" AS reason"+from+" JOIN deliveries ON"+mine+
		" AND state || '' IN ('leased', 'sending')", slices.Concat(nows, rows, []any{r.n.owner})...).Scan(&rest).Error
	for _, d := range rest {
		e := asked[leased{d.ID, d.Fence}]
		if e.committed = d.Sending; !d.Sending {
			e.reason = []string{d.Reason}
		}
	}
	return err
}

// applyAll writes outcomes down, those of mails that were sent together: they are many
// and all alike. What the relay said of a mail that it took stands in its delivery alone,
// until it comes back; attempts are the tries that ended otherwise.
func (r *register) applyAll(tx *gorm.DB, entries []*entry, now time.Time) error {
	var rows []string
	var args []any
	for _, e := range entries {
		o := e.end
		if o == nil {
			continue
		}
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
	return tx.Exec("UPDATE deliveries SET state = 'sent', answer = v.column3, attempts = attempts + 1, sent_at = ?, content = '', lease_owner = '', lease_until = NULL, updated_at = ?"+
		" FROM (VALUES "+strings.Join(rows, ", ")+") v WHERE deliveries.id = v.column1 AND fence = v.column2 AND "+mayBeSent,
		append([]any{now, now}, args...)...).Error
}
