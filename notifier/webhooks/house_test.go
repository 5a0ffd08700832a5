package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/notifier/outbound"
)

const settleTime = 5 * time.Minute

var (
	ctx   = context.Background()
	admin = auth.Actor{Kind: models.ActorMember, ID: "mem_1", Name: "Ada", Role: models.RoleAdmin}
)

// house is a store with themes and suggestions, and a ledger over it.
type house struct {
	*Hooks
	t     testing.TB
	db    *models.DB
	clock *modelstest.Clock
	cases int // of the helpdesk
}

func newHooks(t testing.TB, db *models.DB) *Hooks {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	a := auth.New(db, auth.Options{Key: bytes.Repeat([]byte{7}, auth.KeySize)})
	return New(db, a, Options{Client: outbound.New(true), Catalog: catalog, PublicURL: "https://heed.acme.example", Product: "Acme", Settle: settleTime, Owner: "node", Poll: 5 * time.Millisecond})
}

// each runs a promise on every database.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := &house{Hooks: newHooks(t, db), t: t, db: db, clock: clock}
		run(t, h)
		invs, err := db.Check(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invs {
			if i.Broken != 0 {
				t.Errorf("broken: %s (%d rows)", i.Name, i.Broken)
			}
		}
	})
}

// start runs the ledger until the test ends or stop is called.
func (h *house) start() (stop func()) {
	run, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { h.Run(run) })
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	h.t.Cleanup(stop)
	return stop
}

func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("not in time: %s", what)
		}
	}
}

func (h *house) count(table, where string, args ...any) (n int) {
	h.t.Helper()
	if err := h.db.Read(ctx).Raw("SELECT COUNT(*) FROM "+table+" WHERE "+where, args...).Scan(&n).Error; err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) write(fn func(ctx context.Context, tx *gorm.DB) error) {
	h.t.Helper()
	if err := h.db.Write(ctx, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) theme(title models.Text) string {
	now := h.db.Now()
	th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: "our own words for it", PublicTitle: title, Public: !title.IsEmpty(), Status: models.StatusReceived, Rev: 1, StatusAt: now, CreatedAt: now, UpdatedAt: now}
	h.write(func(_ context.Context, tx *gorm.DB) error { return tx.Create(&th).Error })
	return th.ID
}

// give gives a theme a status as package themes does, and returns the activity.
func (h *house) give(theme string, status models.Status, reason string) (act models.Activity) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		var th models.Theme
		if err := tx.First(&th, "id = ?", theme).Error; err != nil {
			return err
		}
		before := th.Facts()
		th.Status, th.Reason = status, models.Text{EN: reason}
		th.Rev++
		after := th.Facts()
		if err := tx.Save(&th).Error; err != nil {
			return err
		}
		act = models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ThemeStatus, ThemeID: theme, Snapshot: models.Change{Before: &before, After: &after, Notify: true}.Encode()}
		return h.db.Record(ctx, tx, models.By{Kind: models.ActorMember, ID: "mem_1"}, &act)
	})
	return act
}

// filed files n suggestions from a helpdesk into a theme.
func (h *house) filed(n int, theme string, change func(int, *models.Suggestion)) []string {
	h.t.Helper()
	var ids []string
	h.write(func(_ context.Context, tx *gorm.DB) error {
		ids = nil
		var ss []models.Suggestion
		var xs []models.SuggestionTheme
		for i := range n {
			now := h.db.Now()
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Title: "SECRET WORDS", Text: "the person's SECRET WORDS", Kind: models.KindSuggestion, Lang: "en", Source: "helpdesk", ExternalID: fmt.Sprint(8000 + h.cases + i),
				SourceURL: fmt.Sprintf("https://desk.example/%d", 8000+h.cases+i), State: models.StateNew, Receipt: models.NewID("r"), Action: models.ActionAssigned, CreatedAt: now, UpdatedAt: now, ThemesCount: 1}
			if change != nil {
				change(i, &s)
			}
			ss, ids = append(ss, s), append(ids, s.ID)
			xs = append(xs, models.SuggestionTheme{SuggestionID: s.ID, ThemeID: theme, CreatedAt: now})
		}
		if err := tx.CreateInBatches(ss, 200).Error; err != nil {
			return err
		}
		if err := tx.CreateInBatches(xs, 200).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE themes SET suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id)").Error
	})
	h.cases += n
	return ids
}

func (h *house) record(acts ...*models.Activity) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *gorm.DB) error {
		return h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, acts...)
	})
}

// got is one request that a receiver took.
type got struct {
	header http.Header
	query  string
	body   []byte
}

func (g got) payload(t testing.TB) (p Payload) {
	t.Helper()
	if err := json.Unmarshal(g.body, &p); err != nil {
		t.Fatalf("%v in %s", err, g.body)
	}
	return p
}

// receiver is a real server at the other end. answer decides what it says; nil is 204.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	all    []got
	answer func(http.ResponseWriter, got)
}

func receive(t testing.TB, answer func(http.ResponseWriter, got)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		g := got{q.Header.Clone(), q.URL.RawQuery, body}
		r.mu.Lock()
		r.all = append(r.all, g)
		say := r.answer
		r.mu.Unlock()
		if say == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		say(w, g)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) say(answer func(http.ResponseWriter, got)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) got() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got{}, r.all...)
}

func status(code int) func(http.ResponseWriter, got) {
	return func(w http.ResponseWriter, _ got) { w.WriteHeader(code) }
}

// endpoint makes one that wants these types.
func (h *house) endpoint(url string, change func(*Patch), types ...Type) (models.WebhookEndpoint, string) {
	h.t.Helper()
	events := []string{}
	for _, t := range types {
		events = append(events, string(t))
	}
	p := Patch{Name: new("Ours"), URL: &url, Events: &events}
	if change != nil {
		change(&p)
	}
	e, secret, err := h.Save(ctx, admin, "", p)
	if err != nil {
		h.t.Fatal(err)
	}
	return e, secret
}

func (h *house) reread(id string) (e models.WebhookEndpoint) {
	h.t.Helper()
	if err := h.db.Read(ctx).First(&e, "id = ?", id).Error; err != nil {
		h.t.Fatal(err)
	}
	return e
}

type (
	ctxType = context.Context
	txType  = *gorm.DB
)
