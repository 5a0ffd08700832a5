package webhooks

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/outbound"
)

// Options of New.
type Options struct {
	// Client sends.
	Client *outbound.Client
	// Catalog has the sentences that chats are told.
	Catalog *i18n.Catalog
	// PublicURL is the root of the pages, without a slash at its end.
	PublicURL string
	// Product stands before what chats are told.
	Product string
	// Settle is how long a change of status must stand before source tickets hear of it.
	Settle time.Duration
	// KeepTexts is how long what a person was told is kept once that is over; default, and
	// at most, as long as the messages themselves.
	KeepTexts time.Duration
	// Owner names this node in leases.
	Owner string
	// Poll is how often work of other nodes is looked for; default 1 s.
	Poll time.Duration
}

// Hooks is the ledger of what endpoints were told. Its methods are safe for
// concurrent use; Run does the work.
type Hooks struct {
	db    *models.DB
	auth  *auth.Auth
	o     Options
	owner string
	due   chan struct{} // there may be something to send
	told  chan struct{} // there may be source tickets to tell

	mu   sync.Mutex
	busy map[string]bool // endpoints that a goroutine of this node speaks to
}

// New puts the ledger together; nothing runs yet.
func New(db *models.DB, a *auth.Auth, o Options) *Hooks {
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.KeepTexts <= 0 || o.KeepTexts > keep {
		o.KeepTexts = keep
	}
	return &Hooks{db: db, auth: a, o: o, owner: o.Owner + "#" + models.NewID("n"), due: make(chan struct{}, 1), told: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Run reads activities and sends until ctx ends. What is not done then is a row and
// goes on at the next start.
func (h *Hooks) Run(ctx context.Context) {
	var parts, speakers sync.WaitGroup
	parts.Go(func() { h.loop(ctx, "events", h.db.Changed, h.readActivities) })
	parts.Go(func() { h.loop(ctx, "outcomes", func() <-chan struct{} { return h.told }, h.tellSources) })
	parts.Go(func() {
		h.loop(ctx, "send", func() <-chan struct{} { return h.due }, func(ctx context.Context) (bool, time.Duration, error) { return h.dispatch(ctx, &speakers) })
	})
	parts.Wait()
	speakers.Wait()
}

// loop runs step until ctx ends: at once again while it is busy, else when woken or
// after the pause it asks for, at most Poll.
func (h *Hooks) loop(ctx context.Context, name string, woken func() <-chan struct{}, step func(context.Context) (busy bool, pause time.Duration, err error)) {
	for ctx.Err() == nil {
		nudge := woken() // before step looks, so that nothing between is missed
		busy, pause, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("webhooks: "+name, "error", err)
			busy = false
		}
		if busy {
			continue
		}
		if pause <= 0 || pause > h.o.Poll {
			pause = h.o.Poll
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-nudge:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (h *Hooks) nudge() { wake(h.due) }
