package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake/routing"
	"github.com/heedhq/heed/models"
)

// ReplayDays is how far a replay looks back.
const ReplayDays = 30

const (
	replayChunk    = 500
	replayExamples = 10
	applyChunk     = 100 // suggestions of one transaction
)

// ReplayAsk is what to look back with: the rules with Draft in place of the rule ID
// ("" for a new one), or as they hold when Draft is nil. Cursor goes on with a look
// back that did not end; Budget is for how long one call may work, a second when 0.
type ReplayAsk struct {
	ID     string
	Draft  *RuleDraft
	Cursor string
	Budget time.Duration
}

// Replayed is what one call of a replay saw. Cursor is "" at the end, else it goes on
// from there, and the parts are to be added up. Total counts the whole month.
type Replayed struct {
	Cursor   string
	Total    int
	Seen     int
	Changed  int
	Open     int // of Changed, those whose first reply is still owed
	Shifts   []Shift
	Examples []ReplayExample
}

// Shift is how many suggestions would change a field from one value to another.
type Shift struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
	N     int    `json:"n"`
}

// ReplayExample is one of those that would change.
type ReplayExample struct {
	ID, Title, Text, Lang string
	Shifts                []Shift
}

// Replay says what rules would have made of the last month's suggestions. It changes
// nothing; what their filers gave or a member changed would have stayed.
func (in *Intake) Replay(ctx context.Context, a auth.Actor, ask ReplayAsk) (Replayed, error) {
	var out Replayed
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return out, err
	}
	rules, err := in.drafted(ctx, ask.ID, ask.Draft)
	if err != nil {
		return out, err
	}
	var total int64
	if err := in.lastMonth(in.db.Read(ctx)).Count(&total).Error; err != nil {
		return out, fmt.Errorf("replay: %w", err)
	}
	out.Total = int(total)
	err = in.walkMonth(ctx, &ask, func(rows []replayRow) error {
		for i := range rows {
			out.add(&rows[i], rules)
		}
		return nil
	}, replayChunk)
	out.Cursor = ask.Cursor
	return out, err
}

// Apply lets the rules as they hold decide again on the last month's suggestions whose
// first reply is still owed. It goes on from cursor for about a second, and gives how
// many it changed and where to go on, "" at the end.
func (in *Intake) Apply(ctx context.Context, a auth.Actor, cursor string) (changed int, next string, err error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return 0, "", err
	}
	ask := ReplayAsk{Cursor: cursor}
	err = in.walkMonth(ctx, &ask, func(rows []replayRow) error {
		n, err := in.applyTo(ctx, a, rows)
		changed += n
		return err
	}, applyChunk)
	return changed, ask.Cursor, err
}

// replayRow is a stored suggestion with what rules ask of its person.
type replayRow struct {
	models.Suggestion
	Segment string
}

func (in *Intake) lastMonth(db *gorm.DB) *gorm.DB {
	return db.Model(&models.Suggestion{}).Where("suggestions.created_at >= ?", in.db.Now().AddDate(0, 0, -ReplayDays))
}

// walkMonth hands the month's suggestions to see, newest first, a chunk at a time,
// until its budget is used up; then ask.Cursor says where it stopped.
func (in *Intake) walkMonth(ctx context.Context, ask *ReplayAsk, see func([]replayRow) error, chunk int) error {
	if ask.Cursor != "" && !models.IsID(models.PrefixSuggestion, ask.Cursor) {
		return models.BadField("cursor", "replay_cursor")
	}
	if ask.Cursor != "" {
		if err := in.cursorStands(ctx, ask.Cursor, "replay_cursor"); err != nil {
			return err
		}
	}
	if ask.Budget <= 0 {
		ask.Budget = time.Second
	}
	for began := time.Now(); ; {
		var rows []replayRow
		q := in.lastMonth(in.db.Read(ctx)).Select("suggestions.*, p.segment").Joins("LEFT JOIN people p ON p.id = suggestions.person_id")
		if ask.Cursor != "" {
			q = q.Where("(suggestions.created_at, suggestions.id) < (SELECT created_at, id FROM suggestions WHERE id = ?)", ask.Cursor)
		}
		if err := q.Order("suggestions.created_at DESC, suggestions.id DESC").Limit(chunk).Scan(&rows).Error; err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if err := see(rows); err != nil {
			return err
		}
		if len(rows) < chunk {
			ask.Cursor = ""
			return nil
		}
		if ask.Cursor = rows[len(rows)-1].ID; time.Since(began) > ask.Budget {
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil { // whoever asked has gone
			return err
		}
	}
}

// open are the facts of a stored suggestion with the fields empty that rules, and not
// people, decided.
func (r *replayRow) open() routing.Facts {
	s := &r.Suggestion
	f := factsOf(s)
	f.Segment = r.Segment
	f.Account, _ = s.Context.V["account"].(string)
	f.Urgency, f.Team = string(s.Urgency), s.Team
	ruled := func(field string) bool {
		return slices.ContainsFunc(s.Routed.V, func(w models.Routed) bool { return w.Field == field })
	}
	if ruled(models.FieldKind) || s.Urgency == "" && s.Kind == f.Told { // from before there were rules: as it reads
		f.Kind = ""
	}
	if ruled(models.FieldProduct) {
		f.Product = ""
	}
	if ruled(models.FieldUrgency) {
		f.Urgency = ""
	}
	if ruled(models.FieldTeam) {
		f.Team = ""
	}
	return f
}

// shifts are the fields that the rules would change.
func (r *replayRow) shifts(o *routing.Outcome) (out []Shift) {
	s := &r.Suggestion
	for _, x := range []Shift{{models.FieldKind, string(s.Kind), string(o.Kind), 1}, {models.FieldUrgency, string(s.Urgency), string(o.Urgency), 1},
		{models.FieldProduct, s.Product, o.Product, 1}, {models.FieldTeam, s.Team, o.Team, 1}} {
		if x.From != x.To {
			out = append(out, x)
		}
	}
	return out
}

func (p *Replayed) add(r *replayRow, rules *routing.Rules) {
	o := rules.Decide(r.open())
	shifts := r.shifts(&o)
	p.Seen++
	if len(shifts) == 0 {
		return
	}
	p.Changed++
	if r.FirstRepliedAt == nil && owed(r.State) {
		p.Open++
	}
	for _, s := range shifts {
		i := slices.IndexFunc(p.Shifts, func(x Shift) bool { return x.Field == s.Field && x.From == s.From && x.To == s.To })
		if i < 0 {
			p.Shifts, i = append(p.Shifts, Shift{s.Field, s.From, s.To, 0}), len(p.Shifts)
		}
		p.Shifts[i].N++
	}
	if len(p.Examples) < replayExamples {
		p.Examples = append(p.Examples, ReplayExample{r.ID, r.Title, r.Text, r.Lang, shifts})
	}
}

// applyTo decides again on those of a chunk whose first reply is owed, as they are
// inside of the transaction.
func (in *Intake) applyTo(ctx context.Context, a auth.Actor, seen []replayRow) (n int, err error) {
	segments, ids := map[string]string{}, []string{}
	for i := range seen {
		if r := &seen[i]; r.FirstRepliedAt == nil && owed(r.State) && !r.Confidential {
			ids, segments[r.ID] = append(ids, r.ID), r.Segment
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	p, err := in.planned(ctx)
	if err != nil {
		return 0, err
	}
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		n = 0
		rows, err := in.themes.HoldSuggestions(tx, ids...)
		if err != nil {
			return err
		}
		var acts []*models.Activity
		for i := range rows {
			r := replayRow{rows[i], segments[rows[i].ID]}
			if r.FirstRepliedAt != nil || !owed(r.State) || r.Confidential { // since it was seen
				continue
			}
			o := p.rules.Decide(r.open())
			if len(r.shifts(&o)) == 0 {
				continue
			}
			s := &r.Suggestion
			urgency := s.Urgency
			if p.apply(r.open(), s); s.Urgency != urgency {
				p.wind(s)
			}
			s.Rev, s.UpdatedAt = s.Rev+1, in.db.Now()
			if err := tx.Model(s).Select("Kind", "Urgency", "Product", "Team", "Routed", "ReplyDueAt", "ReplyNextAt", "Rev", "UpdatedAt").Updates(s).Error; err != nil {
				return err
			}
			if err := in.themes.Refresh(tx, s.ID); err != nil {
				return err
			}
			acts = append(acts, &models.Activity{Verb: models.SuggestionEdited, SuggestionID: s.ID, PersonID: s.PersonID})
			n++
		}
		return in.db.Record(ctx, tx, a.By(), acts...)
	})
	return n, err
}
