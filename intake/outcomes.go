package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// MostCounted is how many suggestions of each filer their outcomes are counted
// over: the newest.
const MostCounted = 10_000

// OutcomeFilter narrows Outcomes. Filer is one of those the reader stands
// behind; Outcome one of models.OutcomeList; both "" for all.
type OutcomeFilter struct {
	Filer   string
	Outcome string
	Cursor  string // the id of the last suggestion given
	Limit   int    // up to 200; 50 when missing
}

// Filer is who filed: a member, or a token.
type Filer struct{ Kind, ID, Name string }

// Outcomes is what became of what somebody filed. Counts are over the newest
// MostCounted of each filer; Capped says that there are more. Unread is how many
// changes came since the reader said that they had seen Seen; Newest is what to
// say when this page was seen.
type Outcomes struct {
	Filers []Filer
	Counts map[models.Outcome]int
	Total  int
	Capped bool
	Unread int
	Seen   int64
	Newest int64
	NoMail bool
	Rows   []OutcomeRow
	Next   string
}

// OutcomeRow is one suggestion and what became of it. Theme is nil while it
// waits or was closed; it may be private: show no title of one that the reader
// may not see. ChangedAt is when it became so.
type OutcomeRow struct {
	Suggestion models.Suggestion
	Filer      Filer
	Outcome    models.Outcome
	Theme      *models.Theme
	ChangedAt  time.Time
	Unread     bool
}

// becameOf is the SQL for what became of suggestion s, whose first theme is h.
const becameOf = `CASE WHEN h.id IS NULL OR h.status = 'candidate' THEN CASE WHEN s.state = 'closed' THEN 'closed' ELSE 'waiting' END
	WHEN h.status IN ('shipped', 'declined', 'postponed') THEN h.status
	WHEN h.created_at < s.created_at THEN 'merged' ELSE 'accepted' END`

const firstTheme = `LEFT JOIN themes h ON h.id = (SELECT x.theme_id FROM suggestion_themes x WHERE x.suggestion_id = s.id
	ORDER BY x.created_at, x.theme_id LIMIT 1)`

// Outcomes tells a filer what became of what they filed: a token of its own, a
// member of theirs and that of the tokens they stand behind; who administers may
// name any filer. NotFound filer_unknown.
func (in *Intake) Outcomes(ctx context.Context, a auth.Actor, f OutcomeFilter) (Outcomes, error) {
	o := Outcomes{Counts: map[models.Outcome]int{}}
	for _, k := range models.OutcomeList() {
		o.Counts[k] = 0
	}
	if f.Outcome != "" && !slices.Contains(models.OutcomeList(), models.Outcome(f.Outcome)) {
		return o, models.BadField("outcome", "outcome_unknown", f.Outcome)
	}
	if f.Cursor != "" && !models.IsID(models.PrefixSuggestion, f.Cursor) {
		return o, models.BadField("cursor", "cursor_unreadable")
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	var err error
	if o.Filers, err = in.filers(ctx, a, f.Filer); err != nil {
		return o, err
	}
	reader, err := in.reader(ctx, a)
	if err != nil {
		return o, err
	}
	o.Seen, o.NoMail = reader.Seen, reader.NoMail
	for _, step := range []func(context.Context, *Outcomes, OutcomeFilter) error{in.countOutcomes, in.countNews, in.outcomeRows} {
		if err := step(ctx, &o, f); err != nil {
			return o, fmt.Errorf("outcomes: %w", err)
		}
	}
	return o, nil
}

// UnreadOutcomes counts the changes that the actor has not said to have seen.
func (in *Intake) UnreadOutcomes(ctx context.Context, a auth.Actor) (int, error) {
	filers, err := in.filers(ctx, a, "")
	if err != nil {
		return 0, err
	}
	reader, err := in.reader(ctx, a)
	if err != nil {
		return 0, err
	}
	o := Outcomes{Filers: filers, Seen: reader.Seen}
	err = in.countNews(ctx, &o, OutcomeFilter{})
	return o.Unread, err
}

// SeeOutcomes notes that the actor has seen the changes up to newest.
func (in *Intake) SeeOutcomes(ctx context.Context, a auth.Actor, newest int64) error {
	return in.saveReader(ctx, a, "seen", "CASE WHEN excluded.seen > outcome_readers.seen THEN excluded.seen ELSE outcome_readers.seen END",
		models.OutcomeReader{Seen: max(newest, 0)})
}

// MailOutcomes switches the mail about what the actor filed on or off.
func (in *Intake) MailOutcomes(ctx context.Context, a auth.Actor, on bool) error {
	return in.saveReader(ctx, a, "no_mail", "excluded.no_mail", models.OutcomeReader{NoMail: !on})
}

func (in *Intake) saveReader(ctx context.Context, a auth.Actor, column, value string, r models.OutcomeReader) error {
	who, err := readerOf(a)
	if err != nil {
		return err
	}
	r.Kind, r.ID, r.UpdatedAt = who.Kind, who.ID, in.db.Now()
	err = in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "kind"}, {Name: "id"}},
			DoUpdates: clause.Set{{Column: clause.Column{Name: column}, Value: gorm.Expr(value)}, {Column: clause.Column{Name: "updated_at"}, Value: r.UpdatedAt}}}).Create(&r).Error
	})
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	return nil
}

// readerOf is under whom it is kept what an actor has seen.
func readerOf(a auth.Actor) (Filer, error) {
	if err := auth.Can(a, auth.OnBehalf); err != nil {
		return Filer{}, err
	}
	return Filer{a.Kind, a.ID, a.Name}, nil
}

func (in *Intake) reader(ctx context.Context, a auth.Actor) (models.OutcomeReader, error) {
	var r models.OutcomeReader
	err := in.db.Read(ctx).Limit(1).Find(&r, "kind = ? AND id = ?", a.Kind, a.ID).Error
	if err != nil {
		return r, fmt.Errorf("outcomes: %w", err)
	}
	return r, nil
}

// mostFilers bounds how many tokens of one member are looked at, the newest.
const mostFilers = 100

// filers are those whose filings an actor may ask about; one of them where only
// names it.
func (in *Intake) filers(ctx context.Context, a auth.Actor, only string) ([]Filer, error) {
	me, err := readerOf(a)
	if err != nil {
		return nil, err
	}
	out := []Filer{me}
	q := in.db.Read(ctx).Model(&models.APIToken{}).Where("kind <> ?", models.TokenMember).Order("id DESC").Limit(mostFilers)
	var rows []models.APIToken
	switch {
	case only != "" && auth.Can(a, auth.Administer) == nil:
		err = q.Where("id = ?", only).Find(&rows).Error
	case a.Kind == models.ActorMember:
		err = q.Where("member_id = ? AND member_id <> ''", a.ID).Find(&rows).Error
	}
	if err != nil {
		return nil, fmt.Errorf("outcomes: %w", err)
	}
	for _, t := range rows {
		kind := models.ActorAgent
		if t.Kind == models.TokenService {
			kind = models.ActorService
		}
		out = append(out, Filer{kind, t.ID, t.Name})
	}
	if only == "" {
		return out, nil
	}
	out = slices.DeleteFunc(out, func(f Filer) bool { return f.ID != only })
	if len(out) == 0 {
		return nil, models.Fail(models.NotFound, "filer_unknown", only)
	}
	return out, nil
}

// filedBy is the SQL for the ids of the newest suggestions of each filer, limit
// for each, so that the index on filers bounds the cost.
func filedBy(filers []Filer, before string, limit int) (string, []any) {
	var parts []string
	var args []any
	for _, f := range filers {
		where := ""
		args = append(args, f.Kind, f.ID)
		if before != "" {
			where, args = " AND id < ?", append(args, before)
		}
		parts = append(parts, "SELECT id FROM (SELECT id FROM suggestions WHERE filer_id <> '' AND filer_kind = ? AND filer_id = ?"+where+" ORDER BY id DESC LIMIT ?) f")
		args = append(args, limit)
	}
	return strings.Join(parts, " UNION ALL "), args
}

func (in *Intake) countOutcomes(ctx context.Context, o *Outcomes, _ OutcomeFilter) error {
	ids, args := filedBy(o.Filers, "", MostCounted+1)
	var rows []struct {
		Filer   string
		Outcome models.Outcome
		N       int
	}
	err := in.db.Read(ctx).Raw("SELECT s.filer_id AS filer, "+becameOf+" AS outcome, COUNT(*) AS n FROM ("+ids+") q JOIN suggestions s ON s.id = q.id "+firstTheme+
		" GROUP BY 1, 2", args...).Scan(&rows).Error
	of := map[string]int{}
	for _, r := range rows {
		o.Counts[r.Outcome] += r.N
		o.Total += r.N
		of[r.Filer] += r.N
		o.Capped = o.Capped || of[r.Filer] > MostCounted
	}
	return err
}

// mine is the SQL for the news (w) of the filers.
func mine(filers []Filer) (string, []any) {
	var parts []string
	var args []any
	for _, f := range filers {
		parts, args = append(parts, "w.filer_kind = ? AND w.filer_id = ?"), append(args, f.Kind, f.ID)
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

func (in *Intake) countNews(ctx context.Context, o *Outcomes, _ OutcomeFilter) error {
	where, args := mine(o.Filers)
	row := struct {
		N      int
		Newest int64
	}{}
	err := in.db.Read(ctx).Raw("SELECT COUNT(*) AS n, COALESCE(MAX(w.seq), 0) AS newest FROM outcome_news w WHERE "+where+" AND w.seq > ?", append(args, o.Seen)...).Scan(&row).Error
	o.Unread, o.Newest = row.N, max(row.Newest, o.Seen)
	return err
}

// isNews: a change of the theme as a whole, or one that moved the suggestion.
const isNews = `EXISTS (SELECT 1 FROM outcome_news w WHERE w.filer_kind = s.filer_kind AND w.filer_id = s.filer_id AND w.seq > ? AND (
	w.verb IN ('theme.status', 'theme.confirmed') AND w.theme_id = h.id
	OR EXISTS (SELECT 1 FROM moves m WHERE m.activity_id = w.activity_id AND m.what IN ('suggestion', 'state') AND m.row_id = s.id)))`

func (in *Intake) outcomeRows(ctx context.Context, o *Outcomes, f OutcomeFilter) error {
	most := f.Limit + 1
	if f.Outcome != "" {
		most = MostCounted
	}
	ids, args := filedBy(o.Filers, f.Cursor, most)
	query := "SELECT * FROM (SELECT s.*, " + becameOf + " AS outcome, COALESCE(h.id, '') AS theme, " + isNews + " AS unread FROM (" + ids + ") q JOIN suggestions s ON s.id = q.id " + firstTheme + ") r"
	args = append([]any{o.Seen}, args...)
	if f.Outcome != "" {
		query, args = query+" WHERE outcome = ?", append(args, f.Outcome)
	}
	var rows []struct {
		models.Suggestion
		Outcome models.Outcome
		Theme   string
		Unread  bool
	}
	if err := in.db.Read(ctx).Raw(query+" ORDER BY id DESC LIMIT ?", append(args, f.Limit+1)...).Scan(&rows).Error; err != nil {
		return err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		o.Next = rows[f.Limit-1].ID
	}
	ids2 := make([]string, 0, len(rows))
	for _, r := range rows {
		ids2 = append(ids2, r.Theme)
	}
	ths := map[string]*models.Theme{}
	if len(ids2) > 0 {
		var found []models.Theme
		if err := in.db.Read(ctx).Find(&found, "id IN ?", ids2).Error; err != nil {
			return err
		}
		for i := range found {
			ths[found[i].ID] = &found[i]
		}
	}
	for _, r := range rows {
		row := OutcomeRow{Suggestion: r.Suggestion, Outcome: r.Outcome, Unread: r.Unread, ChangedAt: r.CreatedAt, Filer: Filer{r.FilerKind, r.FilerID, r.FilerName}}
		switch {
		case r.Outcome == models.OutcomeWaiting:
		case r.Outcome == models.OutcomeClosed:
			row.ChangedAt = r.UpdatedAt
		default:
			row.Theme = ths[r.Theme]
			if row.Theme != nil && row.Theme.StatusAt.After(r.CreatedAt) {
				row.ChangedAt = row.Theme.StatusAt
			}
		}
		o.Rows = append(o.Rows, row)
	}
	return nil
}
