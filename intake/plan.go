package intake

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

// plan is how suggestions are classified and clocked, as it was at a revision.
type plan struct {
	rev    int64
	rules  *routing.Rules
	clocks *routing.Plan
	teams  map[string]bool
}

// cachedPlan is the plan in memory. A change on this node drops it; one on another is
// seen by its revision, which is asked for at most once in staleAfter.
type cachedPlan struct {
	now   atomic.Pointer[plan]
	asked atomic.Int64 // when its revision was last asked for, in nanoseconds
	drops atomic.Int64 // how often it was dropped
	mu    sync.Mutex
}

const (
	staleAfter = time.Second
	routingRev = "routing" // the counter
)

// planned gives the plan that holds. What is in memory serves while the database
// cannot be read.
func (in *Intake) planned(ctx context.Context) (*plan, error) {
	c := &in.cached
	p := c.now.Load()
	fresh := func() bool { return time.Now().UnixNano()-c.asked.Load() < int64(staleAfter) }
	if p != nil && (fresh() || !c.mu.TryLock()) { // one asks, the others go on with what there is
		return p, nil
	}
	if p == nil {
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	if p = c.now.Load(); p != nil && fresh() {
		return p, nil
	}
	drops := c.drops.Load()
	next, err := in.readPlan(ctx, p)
	if err != nil && p != nil {
		slog.Warn("routing rules could not be read; the ones in memory serve", "error", err)
		next, err = p, nil
	}
	if err != nil {
		return nil, err
	}
	c.now.Store(next)
	if c.drops.Load() == drops { // else it was changed while it was read
		c.asked.Store(time.Now().UnixNano())
	}
	return next, nil
}

// forget drops the plan once a change of it is committed.
func (in *Intake) forget(ctx context.Context) {
	in.db.AfterCommit(ctx, func() { in.cached.drops.Add(1); in.cached.asked.Store(0) })
}

// changedRouting bumps the revision inside a Write that changes rules or clocks.
func (in *Intake) changedRouting(ctx context.Context, tx *gorm.DB) error {
	in.forget(ctx)
	return tx.Exec("INSERT INTO counters (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1", routingRev).Error
}

func (in *Intake) readPlan(ctx context.Context, old *plan) (*plan, error) {
	db := in.db.Read(ctx)
	p := &plan{teams: map[string]bool{}}
	if err := db.Model(&models.Counter{}).Where("name = ?", routingRev).Pluck("n", &p.rev).Error; err != nil {
		return nil, fmt.Errorf("read routing rules: %w", err)
	}
	if old != nil && old.rev == p.rev {
		return old, nil
	}
	var rows []models.RoutingRule
	if err := db.Order("position, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read routing rules: %w", err)
	}
	setting, err := in.clockSetting(db)
	if err != nil {
		return nil, err
	}
	var teams []string
	if err := db.Model(&models.Team{}).Pluck("key", &teams).Error; err != nil {
		return nil, fmt.Errorf("read teams: %w", err)
	}
	for _, t := range teams {
		p.teams[t] = true
	}
	p.rules, p.clocks = routing.Compile(rows), routing.NewPlan(setting.Clocks.V)
	return p, nil
}

// wind starts the clock of a suggestion, from when it was filed; one that is answered
// or closed has nothing to be said of it any more.
func (p *plan) wind(s *models.Suggestion) {
	s.ReplyDueAt, s.ReplyNextAt = nil, nil
	c := p.clocks.Start(s.Urgency, s.CreatedAt)
	if c == nil || isNobodys(s) {
		return
	}
	due, next := models.Milli(c.Due), models.Milli(c.Due)
	if !c.Warn.IsZero() {
		next = models.Milli(c.Warn)
	}
	s.ReplyDueAt = &due
	if s.FirstRepliedAt == nil && owed(s.State) {
		s.ReplyNextAt = &next
	}
}

// owed: whose first reply is still awaited.
func owed(s models.SuggestionState) bool {
	return s == models.StateNew || s == models.StateHandedOver
}

// owedStates is owed in SQL. Nearly everything is in these states, so that they are no
// index to begin with: the order that is asked for is one.
const owedStates = "(state || '') IN ('new', 'handed_over')"

// route says kind, urgency, product and team of a prepared submission. What its filer
// gave stays: anybody may say kind and product, only staff and integrations urgency
// and team.
func (in *Intake) route(ctx context.Context, a auth.Actor, s Submission, p *Prepared) (err error) {
	if p.plan, err = in.planned(ctx); err != nil {
		return err
	}
	f := factsOf(&p.row)
	f.Attached = len(s.Files) > 0
	if isTrusted(a) {
		u, err := ParseUrgency(s.Urgency)
		if err != nil {
			return err
		}
		if s.Team != "" && !p.plan.teams[s.Team] {
			return models.BadField("team", "team_unknown", s.Team)
		}
		f.Urgency, f.Team = string(u), s.Team
		f.Account, _ = s.Context["account"].(string)
	}
	if p.person != nil {
		f.Segment = p.person.Segment
	}
	if p.plan.rules.AskPerson() && f.Segment == "" {
		if f.Segment, err = in.segmentOf(ctx, a, p.person); err != nil {
			return err
		}
	}
	p.plan.apply(f, &p.row)
	return nil
}

// apply writes down what the rules make of a suggestion, and why.
func (p *plan) apply(f routing.Facts, s *models.Suggestion) {
	o := p.rules.Decide(f)
	s.Kind, s.Urgency, s.Product, s.Team, s.Routed = o.Kind, o.Urgency, o.Product, o.Team, models.AsJSON(o.Why)
}

// factsOf are the facts of a row whose kind and product are its filer's.
func factsOf(s *models.Suggestion) routing.Facts {
	return routing.Facts{Title: s.Title, Text: s.Text, Kind: string(s.Kind), Product: s.Product, Told: TellKind(s.Title + "\n" + s.Text),
		Source: s.Source, Lang: s.Lang, Version: s.Version, Context: s.Context.V}
}

// segmentOf looks up whom a submission is from; only rules about people need it.
func (in *Intake) segmentOf(ctx context.Context, a auth.Actor, p *PersonInput) (segment string, err error) {
	q := in.db.Read(ctx).Model(&models.Person{}).Limit(1)
	switch {
	case p == nil && a.PersonID == "":
		return "", nil
	case p == nil:
		q = q.Where("id = ?", a.PersonID)
	default:
		channel, value := models.ChannelEmail, p.Email
		if value == "" && p.Handle != nil {
			channel, value = p.Handle.Channel, p.Handle.ID
		}
		q = q.Where("id = (SELECT person_id FROM addresses WHERE channel = ? AND value = ?)", channel, value)
	}
	if err := q.Pluck("segment", &segment).Error; err != nil {
		return "", fmt.Errorf("read the person's segment: %w", err)
	}
	return segment, nil
}
