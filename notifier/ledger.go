package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/webhooks"
)

const (
	fanOutKind = "notifier.fan_out"
	cursorName = "notifier"
	mailLife   = 72 * time.Hour // a follow-up that is older is told to nobody
	codeLife   = 10 * time.Minute
	eventBatch = 200
)

// LedgerOptions of New.
type LedgerOptions struct {
	Renderer *Renderer
	// Pool sends follow-ups, NowPool sign-in mail. Both nil: mail is kept, its
	// deliveries stay ready. NowPool nil: sign-in mail shares Pool.
	Pool, NowPool *Pool
	// Settle is how long a change must stand before anybody hears of it.
	Settle time.Duration
	// Window: what settles so soon after a person's follow-up waits until it is over, and
	// goes together. DailyLimit is how many follow-ups a person gets on a day of their
	// zone; 0 is no limit. QuietHours is when they get none. Zone is where people's days
	// are whose own zone nobody knows; nil is the machine's.
	Window     time.Duration
	DailyLimit int
	QuietHours Hours
	Zone       *time.Location
	// DefaultLocale is for people whose own nobody knows.
	DefaultLocale i18n.Locale
	// PublicURL is the root of the pages, without a slash at its end.
	PublicURL string
	// From is the sender's bare address; its domain ends the message ids.
	From string
	// AlertTo says who is alerted of emergencies: roles of members, and addresses in
	// lower case.
	AlertTo []string
	// BounceAddress is where bounces come back to; each mail's envelope then comes
	// from an address of its own there. "": from the sender, and reports are told by
	// Message-ID alone. Its local part has at most 20 characters.
	BounceAddress string
	// BounceSecret lets a mail server hand reports over by HTTP; "": nobody may.
	BounceSecret string
	// BounceMailbox is an IMAP mailbox of reports, as parseMailbox reads it; "": none.
	BounceMailbox string
	// Prober asks the relay about mail in doubt; nil: nobody can be asked.
	Prober Prober
	// DKIMSelector and SPF are for the check of the sender's domain: the selector of the
	// relay's key ("" unknown), and what allows the relay to send ("": its host).
	DKIMSelector, SPF string
	// Resolver looks names up for that check; nil is the system's.
	Resolver *net.Resolver
	// Webhooks leads to people who are known by a handle on a channel; nil: they are
	// told by hand.
	Webhooks *webhooks.Hooks
	// Owner names this node in leases.
	Owner string
	// Lease is how long a dead node's mail stays its own; default 15 s. A node
	// that lives prolongs it.
	Lease time.Duration
	// Poll is how often work of other nodes is looked for; default 1 s.
	Poll time.Duration
}

// Notifier is the ledger of who was told what. Its methods are safe for
// concurrent use; Run does the work.
type Notifier struct {
	db      *models.DB
	queue   *jobs.Queue
	auth    *auth.Auth
	o       LedgerOptions
	owner   string
	domain  string
	bounces bounceAddress
	normal  *lane
	now     *lane
	settle  chan struct{}
	newsDue chan struct{}
	answers *answers  // nil where other nodes may serve too
	spoke   time.Time // when the channels were last looked after; their loop's alone

	mu   sync.Mutex
	held map[string]int64 // deliveries in this node's hands, by their fence
	// looked is when the database was last seen to answer, by the machine's clock; until
	// spares is over, what other nodes let lapse is left alone.
	looked, spares time.Time
}

// New puts the ledger together; nothing runs yet.
func New(db *models.DB, q *jobs.Queue, a *auth.Auth, o LedgerOptions) *Notifier {
	if o.NowPool == nil {
		o.NowPool = o.Pool
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Lease <= 0 {
		o.Lease = 15 * time.Second
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.DefaultLocale == "" {
		o.DefaultLocale = i18n.EN
	}
	// A node that comes back under its old name must not prolong what its
	// former life left behind.
	n := &Notifier{db: db, queue: q, auth: a, o: o, owner: o.Owner + "#" + models.NewID("n"), settle: make(chan struct{}, 1), newsDue: make(chan struct{}, 1), held: map[string]int64{}}
	if _, domain, err := splitAddress(o.From); err == nil {
		n.domain = domain
	} else {
		n.domain = o.Renderer.hostname
	}
	n.bounces = newBounceAddress(o.BounceAddress)
	n.normal = newLane(n, models.LaneNormal, o.Pool, normalBatch)
	n.now = newLane(n, models.LaneNow, o.NowPool, nowBatch)
	if o.Pool != nil {
		n.now.place = o.Pool.options.Connections
	}
	return n
}

// Register names who does the ledger's jobs; call it before the queue runs.
func (n *Notifier) Register() {
	n.queue.Handle(fanOutKind, n.fanOut)
	n.queue.Handle(takeOutKind, n.takeOutAll)
}

// Run reads events, settles and delivers until ctx ends. Then it takes no new
// mail, gives back what has not reached its final dot, and waits for the
// answers to what has.
func (n *Notifier) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { n.loop(ctx, "events", n.db.Changed, n.readEvents) })
	parts.Go(func() { n.loop(ctx, "settle", func() <-chan struct{} { return n.settle }, n.settleDue) })
	parts.Go(func() { n.loop(ctx, "outcomes", n.db.Changed, n.readNews) })
	parts.Go(func() { n.loop(ctx, "outcome mail", func() <-chan struct{} { return n.newsDue }, n.mailNews) })
	parts.Go(func() { n.loop(ctx, "doubts", never, n.sweep) })
	if n.o.Webhooks != nil {
		parts.Go(func() { n.loop(ctx, "channels", never, n.speakOnChannels) })
	}
	delivering := make(chan struct{})
	parts.Go(func() { n.keepLeases(delivering) })
	var lanes sync.WaitGroup
	for _, l := range []*lane{n.normal, n.now} {
		if l.pool != nil {
			lanes.Go(func() { l.run(ctx) })
		}
	}
	lanes.Wait()
	<-ctx.Done()
	close(delivering)
	n.answers.close()
	parts.Wait()
	if err := n.giveBack(context.WithoutCancel(ctx)); err != nil {
		slog.Error("notifier: give leases back", "error", err)
	}
}

func never() <-chan struct{} { return nil }

// loop runs step until ctx ends: at once again while it is busy, else when
// woken or after the pause it asks for, at most Poll.
func (n *Notifier) loop(ctx context.Context, name string, wake func() <-chan struct{}, step func(context.Context) (busy bool, pause time.Duration, err error)) {
	for ctx.Err() == nil {
		woken := wake() // before step looks, so that nothing between is missed
		busy, pause, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("notifier: "+name, "error", err)
			busy = false
		}
		if busy {
			continue
		}
		if pause <= 0 || pause > n.o.Poll {
			pause = n.o.Poll
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// keepLeases prolongs what is in this node's hands, also while a relay takes
// minutes for its answer, until nothing is delivered any more. What it leased
// without learning of it is not prolonged, and so comes free.
func (n *Notifier) keepLeases(done <-chan struct{}) {
	tick := time.NewTicker(n.o.Lease / 3)
	defer tick.Stop()
	ctx := context.Background()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if len(n.inHand()) == 0 {
			continue
		}
		err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return n.prolong(tx) })
		if err != nil {
			slog.Error("notifier: keep leases", "error", err)
		}
	}
}

func (n *Notifier) inHand() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Collect(maps.Keys(n.held))
}

// prolong keeps what is in this node's hands, also where its lease has lapsed because the
// database could not be reached: as long as nobody took it, it is this node's.
func (n *Notifier) prolong(tx *gorm.DB) error {
	ids := n.inHand()
	if len(ids) == 0 {
		return nil
	}
	return tx.Exec("UPDATE deliveries SET lease_until = ? WHERE id IN ? AND lease_owner = ? AND state IN ('leased', 'sending')",
		n.db.Now().Add(n.o.Lease), ids, n.owner).Error
}

// sparing tells, once the database has answered, whether what other nodes let lapse is left
// alone for now. Where this node could not reach the database for a while they could not
// either, and are about to say what they know: a mail that one of them has sent and could
// not write down would go out twice.
func (n *Notifier) sparing(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.looked.IsZero() && now.Sub(n.looked) > n.o.Lease/3 {
		n.spares = now.Add(n.o.Lease)
	}
	n.looked = now
	return now.Before(n.spares)
}

func (n *Notifier) hold(ds []models.Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range ds {
		n.held[d.ID] = d.Fence
	}
}

func (n *Notifier) letGo(ds ...models.Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range ds {
		if n.held[d.ID] == d.Fence { // else it was lost and has come again
			delete(n.held, d.ID)
		}
	}
}

// TickFanOut is the cron job fan_out: it reads new events, brings back fan-outs and
// take-outs whose job was lost, and keeps the counts of large audiences.
func (n *Notifier) TickFanOut(ctx context.Context, _ models.Job) error {
	for {
		busy, _, err := n.readEvents(ctx)
		if err != nil {
			return err
		}
		if !busy {
			break
		}
	}
	var open []string
	err := n.db.Read(ctx).Raw(`SELECT f.event_id FROM fanouts f WHERE f.done_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = ? AND j.key = f.event_id) LIMIT 100`, fanOutKind).Scan(&open).Error
	if err != nil {
		return fmt.Errorf("open fan-outs: %w", err)
	}
	for _, event := range open {
		if err := n.queue.Enqueue(ctx, fanOutKind, event, "", n.db.Now()); err != nil {
			return err
		}
	}
	if err := n.resumeTakeOuts(ctx); err != nil {
		return err
	}
	if err := n.recountHeld(ctx); err != nil {
		return err
	}
	return n.recount(ctx)
}

// TickSettle is the cron job settle: it turns what is due into deliveries.
func (n *Notifier) TickSettle(ctx context.Context, _ models.Job) error {
	for ctx.Err() == nil {
		busy, _, err := n.settleDue(ctx)
		if err != nil || !busy {
			return err
		}
	}
	return nil
}

// TickDeliver is the cron job deliver: it frees what the dead held, settles
// doubts and wakes the lanes.
func (n *Notifier) TickDeliver(ctx context.Context, _ models.Job) error {
	_, _, err := n.sweep(ctx)
	n.normal.nudge()
	n.now.nudge()
	return err
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// RelayStatus is how the mail server did when it was last needed. Down means
// that it could not be used; Problem is what it said, RetryAt when it is tried
// again. Configured is false without a mail server: mail is kept.
type RelayStatus struct {
	Configured bool
	Down       bool
	Since      time.Time
	RetryAt    time.Time
	Problem    string
}

// Status tells how the mail server of the follow-ups is.
func (n *Notifier) Status() RelayStatus { return n.normal.status() }

// Waiting counts the deliveries that are not over, by state, and under
// "collecting" the people whose change still settles.
func (n *Notifier) Waiting(ctx context.Context) (map[models.DeliveryState]int, error) {
	var rows []struct {
		State models.DeliveryState
		N     int
	}
	err := n.db.Read(ctx).Raw(`SELECT state, COUNT(*) AS n FROM deliveries WHERE lease_until IS NOT NULL GROUP BY state
		UNION ALL SELECT 'ready', COUNT(*) FROM deliveries WHERE state = 'ready'
		UNION ALL SELECT 'in_doubt', COUNT(*) FROM deliveries WHERE state = 'in_doubt'
		UNION ALL SELECT 'failed', COUNT(*) FROM deliveries WHERE state = 'failed'
		UNION ALL SELECT 'collecting', COUNT(*) FROM follow_up_items WHERE delivery_id = '' AND skip_reason = ''`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	out := map[models.DeliveryState]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, nil
}
