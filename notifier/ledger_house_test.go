package notifier

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/smtpsink"
)

const settleTime = 5 * time.Minute

var staff = auth.Actor{Kind: models.ActorMember, ID: "mem_1", Name: "Ada", Role: models.RolePM}

// house is a store with people, themes and a ledger over it.
type house struct {
	t     testing.TB
	db    *models.DB
	clock *modelstest.Clock
	sink  *smtpsink.Sink
	auth  *auth.Auth
	made  int
	// patience is how long until waits; 0 is a minute.
	patience time.Duration
}

func newHouse(t testing.TB, db *models.DB, clock *modelstest.Clock) *house {
	return &house{t: t, db: db, clock: clock, sink: smtpsink.Start(t), auth: newAuth(db)}
}

func newAuth(db *models.DB) *auth.Auth {
	return auth.New(db, auth.Options{Key: bytes.Repeat([]byte{7}, auth.KeySize)})
}

// each runs a promise on every database, and checks the store's own invariants
// at its end.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouse(t, db, clock)
		run(t, h)
		h.sound()
	})
}

func (h *house) sound() {
	h.t.Helper()
	invs, err := h.db.Check(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, i := range invs {
		if i.Broken != 0 {
			h.t.Errorf("broken: %s (%d rows)", i.Name, i.Broken)
		}
	}
}

// node is one running ledger.
type node struct {
	*Notifier
	stop context.CancelFunc
	done sync.WaitGroup
}

func (h *house) pool(connections int) *Pool {
	h.t.Helper()
	p, err := NewPool(Options{URL: h.sink.URL(), Connections: connections, DialTimeout: 2 * time.Second})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(p.Close)
	return p
}

// ledgerAt is a ledger of a real node: the machine's clock, nothing to settle, and a lease
// that is short, so that what a dead node held is soon another's.
func (h *house) ledgerAt(db *models.DB, relay string) (*Notifier, *jobs.Queue) {
	p, err := NewPool(Options{URL: relay, Connections: connections})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.ledger(db, func(o *LedgerOptions) {
		o.Pool, o.NowPool, o.Settle, o.Lease, o.Poll = p, nil, 0, 5*time.Second, 100*time.Millisecond
	})
}

func (h *house) ledger(db *models.DB, change func(*LedgerOptions)) (*Notifier, *jobs.Queue) {
	h.t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := NewRenderer(catalog, RenderOptions{From: mail.Address{Address: "voice@acme.example"}, Product: "Acme", PublicURL: "https://heed.acme.example"})
	if err != nil {
		h.t.Fatal(err)
	}
	o := LedgerOptions{Renderer: r, Settle: settleTime, DefaultLocale: i18n.EN,
		PublicURL: "https://heed.acme.example", From: "voice@acme.example", Owner: "node", Poll: 5 * time.Millisecond}
	if h.sink != nil {
		o.Pool, o.NowPool = h.pool(connections), h.pool(1)
	}
	if change != nil {
		change(&o)
	}
	q := jobs.New(db, models.NewID("q"), 2)
	n := New(db, q, h.auth, o)
	n.Register()
	return n, q
}

// start runs a ledger and its queue until the test ends or stop is called.
func (h *house) start(change func(*LedgerOptions)) *node {
	h.t.Helper()
	n, q := h.ledger(h.db, change)
	ctx, cancel := context.WithCancel(context.Background())
	x := &node{Notifier: n, stop: cancel}
	x.done.Go(func() { n.Run(ctx) })
	x.done.Go(func() { q.Run(ctx) })
	h.t.Cleanup(x.halt)
	return x
}

func (x *node) halt() {
	x.stop()
	x.done.Wait()
}

func (h *house) write(fn func(ctx context.Context, tx *gorm.DB) error) {
	h.t.Helper()
	if err := h.db.Write(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Exec(sql, args...).Error })
}

func (h *house) theme(title models.Text, status models.Status) string {
	h.t.Helper()
	now := h.db.Now()
	th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: "our own words for it", PublicTitle: title, Public: !title.IsEmpty(), Status: status,
		Rev: 1, StatusAt: now, CreatedAt: now, UpdatedAt: now}
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Create(&th).Error })
	return th.ID
}

// people makes n people behind the themes; their addresses are p0001@…, and
// every second one reads Chinese.
func (h *house) people(n int, themes ...string) []string {
	h.t.Helper()
	var ids []string
	h.write(func(_ context.Context, tx *gorm.DB) error {
		ids = nil
		now := h.db.Now()
		var people []models.Person
		var addresses []models.Address
		var votes []models.Vote
		for i := range n {
			locale := []string{"en", "zh"}[i%2]
			p := models.Person{ID: models.NewID(models.PrefixPerson), Name: "Person", Locale: locale, CreatedAt: now, UpdatedAt: now}
			people, ids = append(people, p), append(ids, p.ID)
			addresses = append(addresses, models.Address{Channel: models.ChannelEmail, Value: h.email(h.made + i), PersonID: p.ID, CreatedAt: now})
			for _, th := range themes {
				votes = append(votes, models.Vote{ThemeID: th, PersonID: p.ID, Origin: models.VoteByHand, CreatedAt: now})
			}
		}
		if err := tx.CreateInBatches(people, 500).Error; err != nil {
			return err
		}
		if err := tx.CreateInBatches(addresses, 500).Error; err != nil {
			return err
		}
		if err := tx.CreateInBatches(votes, 500).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE themes SET people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id)").Error
	})
	h.made += n
	return ids
}

func (h *house) email(i int) string { return fmt.Sprintf("p%04d@people.example", i) }

// give gives a theme a status as package themes does.
func (h *house) give(theme string, status models.Status, change func(*models.Theme, *models.Change)) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		var th models.Theme
		if err := tx.First(&th, "id = ?", theme).Error; err != nil {
			return err
		}
		before := th.Facts()
		c := models.Change{Before: &before, Notify: true}
		th.PreviousStatus, th.Status, th.Rev, th.Reason, th.Version = th.Status, status, th.Rev+1, models.Text{}, ""
		if status.WantsReason() {
			th.Reason = models.Text{EN: "Because we cannot.", ZH: "因为做不到。"}
		}
		if change != nil {
			change(&th, &c)
		}
		after := th.Facts()
		c.After = &after
		if err := tx.Save(&th).Error; err != nil {
			return err
		}
		return h.db.Record(ctx, tx, staff.By(), &models.Activity{Verb: models.ThemeStatus, ThemeID: theme, Snapshot: c.Encode()})
	})
}

// count is a number of rows.
func (h *house) count(table, where string, args ...any) int {
	h.t.Helper()
	var n int64
	if err := h.db.Read(context.Background()).Table(table).Where(where, args...).Count(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return int(n)
}

// until waits for something that the ledger does by itself.
func (h *house) until(what string, condition func() bool) {
	h.t.Helper()
	for end := time.Now().Add(cmp.Or(h.patience, time.Minute)); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("never: %s; deliveries %v, items %v", what, h.tally("deliveries", "state"), h.tally("follow_up_items", "skip_reason"))
		}
	}
}

func (h *house) tally(table, column string) map[string]int {
	h.t.Helper()
	var rows []struct {
		K string
		N int
	}
	if err := h.db.Read(context.Background()).Raw("SELECT " + column + " AS k, COUNT(*) AS n FROM " + table + " GROUP BY " + column).Scan(&rows).Error; err != nil {
		h.t.Fatal(err)
	}
	m := map[string]int{}
	for _, r := range rows {
		m[r.K] = r.N
	}
	return m
}

// fannedOut waits until every event's audience is written down.
func (h *house) fannedOut(events int) {
	h.t.Helper()
	h.until(fmt.Sprintf("%d events fanned out", events), func() bool { return h.count("fanouts", "done_at IS NOT NULL") == events })
}

// sent waits until so many deliveries are sent.
func (h *house) sent(n int) {
	h.t.Helper()
	h.until(fmt.Sprintf("%d sent", n), func() bool { return h.count("deliveries", "state = 'sent'") == n })
}

// exactly fails unless each of these addresses got that many mails, and nobody
// else any.
func (h *house) exactly(times int, addresses ...string) {
	h.t.Helper()
	got := map[string]int{}
	for _, m := range h.sink.Mails() {
		got[m.To]++
	}
	for _, a := range addresses {
		if got[a] != times {
			h.t.Errorf("%s got %d mails, want %d", a, got[a], times)
		}
		delete(got, a)
	}
	if len(got) > 0 {
		h.t.Errorf("mail to others: %v", got)
	}
}

func (h *house) emails(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, h.email(i))
	}
	return out
}

// reasons is the skip reasons of one person, oldest event first; "" is told or
// to be told.
func (h *house) reasons(person string) []string {
	h.t.Helper()
	n, _ := h.ledger(h.db, nil)
	told, err := n.WhyTold(context.Background(), staff, person)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, t := range told {
		out = append(out, t.SkipReason)
	}
	slices.Reverse(out)
	return out
}

func (h *house) wantReasons(person string, want ...string) {
	h.t.Helper()
	if got := h.reasons(person); !slices.Equal(got, want) {
		h.t.Errorf("reasons %q, want %q", strings.Join(got, ","), strings.Join(want, ","))
	}
}

// register begins to write down what senders of the normal lane say, without them.
func (h *house) register(n *Notifier) *register {
	stopped := make(chan struct{})
	h.t.Cleanup(func() { close(stopped) })
	go n.normal.register.run(h.t.Context(), stopped)
	return n.normal.register
}
