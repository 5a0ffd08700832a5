package notifier

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const (
	newsCursor = "notifier.outcomes"
	newsBatch  = 20 // activities a transaction: a theme may hold what thousands filed
)

// SkipOwn: the member made the change themself.
const SkipOwn = "own"

// readNews writes down, in the cursor's transaction, for whom of those who filed
// an activity is news.
func (n *Notifier) readNews(ctx context.Context) (busy bool, pause time.Duration, err error) {
	read, err := n.db.Consume(ctx, newsCursor, newsBatch, func(_ context.Context, tx *gorm.DB, acts []models.Activity) error {
		for i := range acts {
			if err := n.makeNews(tx, &acts[i]); err != nil {
				return fmt.Errorf("activity %s: %w", acts[i].ID, err)
			}
		}
		return nil
	})
	if read > 0 {
		wake(n.newsDue)
	}
	return read == newsBatch, 0, err
}

// makeNews: a change that is taken back before anybody was told is no news, and
// neither is the taking back.
func (n *Notifier) makeNews(tx *gorm.DB, act *models.Activity) error {
	switch act.Verb {
	case models.ThemeStatus, models.ThemeUpdated, models.ThemeConfirmed, models.ThemeMerged, models.SuggestionAssigned, models.SuggestionClosed, models.SuggestionStepped, models.ActivityUndone:
	default:
		return nil
	}
	c, err := act.Change()
	if err != nil {
		return err
	}
	if c.Undoes != "" {
		res := tx.Exec("DELETE FROM outcome_news WHERE activity_id = ? AND delivery_id = '' AND skip_reason <> 'superseded'", c.Undoes)
		if res.Error != nil || res.RowsAffected > 0 {
			return res.Error
		}
	}
	switch act.Verb {
	case models.ThemeStatus:
		if c.After == nil || !isTellable(c.After.Status) || c.Before != nil && c.Before.Says(*c.After) {
			return nil
		}
		return n.news(tx, act, string(c.After.Status), !c.Notify, inTheme)
	case models.ThemeUpdated:
		var status string
		if err := tx.Model(&models.Theme{}).Where("id = ?", act.ThemeID).Limit(1).Pluck("status", &status).Error; err != nil {
			return err
		}
		return n.news(tx, act, status, !c.Notify, inTheme)
	case models.ThemeConfirmed:
		return n.news(tx, act, string(models.OutcomeAccepted), false, inTheme)
	case models.ThemeMerged, models.SuggestionAssigned:
		return n.news(tx, act, string(models.OutcomeMerged), false, movedHere)
	case models.SuggestionClosed, models.SuggestionStepped: // of steps, those that closed it
		return n.news(tx, act, string(models.OutcomeClosed), false, closedNow)
	}
	return nil
}

// Whose suggestions an activity is about, with the theme that they stand in.
const (
	inTheme = `SELECT s.id, s.filer_kind, s.filer_id, x.theme_id FROM suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id
		WHERE x.theme_id = @theme AND s.created_at <= @at`
	movedHere = `SELECT s.id, s.filer_kind, s.filer_id, m.to_theme AS theme_id FROM moves m JOIN suggestions s ON s.id = m.row_id
		JOIN themes h ON h.id = m.to_theme WHERE m.activity_id = @activity AND m.what = 'suggestion' AND h.status <> 'candidate'`
	closedNow = `SELECT s.id, s.filer_kind, s.filer_id, '' AS theme_id FROM moves m JOIN suggestions s ON s.id = m.row_id
		WHERE m.activity_id = @activity AND m.what = 'state' AND m.to_theme = 'closed'`
)

// news writes one row for each filer behind the source but who made the change.
func (n *Notifier) news(tx *gorm.DB, act *models.Activity, became string, quiet bool, source string) error {
	return tx.Exec(`INSERT INTO outcome_news (activity_id, filer_kind, filer_id, seq, member_id, verb, became, theme_id, suggestion_id, suggestions, due_at, skip_reason, created_at)
		SELECT @activity, f.filer_kind, f.filer_id, @seq, f.member_id, @verb, @became, f.theme_id, f.first, f.n, @due,
			CASE WHEN f.member_id = @actor THEN 'own' WHEN NOT EXISTS (SELECT 1 FROM members e WHERE e.id = f.member_id AND e.disabled_at IS NULL) THEN 'no_channel'
				WHEN @quiet THEN 'quiet'
				WHEN EXISTS (SELECT 1 FROM outcome_readers r WHERE r.kind = 'member' AND r.id = f.member_id AND r.no_mail) THEN 'preference' ELSE '' END, @now
		FROM (SELECT s.filer_kind, s.filer_id, MIN(s.theme_id) AS theme_id, MIN(s.id) AS first, COUNT(DISTINCT s.id) AS n,
				CASE WHEN s.filer_kind = 'member' THEN s.filer_id ELSE COALESCE((SELECT t.member_id FROM api_tokens t WHERE t.id = s.filer_id), '') END AS member_id
			FROM (`+source+`) s WHERE s.filer_id <> '' AND NOT (s.filer_kind = @kind AND s.filer_id = @actor) GROUP BY s.filer_kind, s.filer_id) f WHERE 1 = 1
		ON CONFLICT (activity_id, filer_kind, filer_id) DO NOTHING`, map[string]any{
		"activity": act.ID, "seq": act.Seq, "verb": string(act.Verb), "became": became, "theme": act.ThemeID, "at": act.CreatedAt,
		"due": models.Milli(act.CreatedAt.Add(n.o.Settle)), "now": n.db.Now(), "actor": act.ActorID, "kind": act.ActorKind, "quiet": quiet,
	}).Error
}

// mailNews turns the news that has settled into one mail a member: of several
// changes of one theme the last is told.
func (n *Notifier) mailNews(ctx context.Context) (busy bool, pause time.Duration, err error) {
	var next []time.Time
	err = n.db.Read(ctx).Model(&models.OutcomeNews{}).Where(waiting).Order("due_at").Limit(1).Pluck("due_at", &next).Error
	if err != nil || len(next) == 0 {
		return false, 0, err
	}
	if pause = next[0].Sub(n.db.Now()); pause > 0 {
		return false, pause, nil
	}
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := n.db.Lock(tx, "outcome_mail"); err != nil {
			return err
		}
		var due []string
		err := tx.Model(&models.OutcomeNews{}).Where(waiting).Where("due_at <= ?", n.db.Now()).Order("due_at").Limit(settleBatch).Pluck("member_id", &due).Error
		if err != nil || len(due) == 0 {
			return err
		}
		for _, member := range distinct(due) {
			if err := n.mailNewsTo(ctx, tx, member); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, 0, err
}

func (n *Notifier) mailNewsTo(ctx context.Context, tx *gorm.DB, member string) error {
	var rows []models.OutcomeNews
	err := tx.Where(waiting).Where("member_id = ? AND due_at <= ?", member, n.db.Now().Add(n.gather())).Order("seq DESC").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	delivery, err := n.queueNews(ctx, tx, member, rows[0].ActivityID)
	if err != nil {
		return err
	}
	told := map[[2]string]bool{}
	for _, r := range rows {
		column, value := "delivery_id", delivery
		about := [2]string{r.FilerID, r.ThemeID}
		switch {
		case value == "":
			column, value = "skip_reason", SkipNoChannel
		case r.ThemeID != "" && told[about]:
			column, value = "skip_reason", SkipSuperseded
		}
		told[about] = true
		err := tx.Exec("UPDATE outcome_news SET "+column+" = ? WHERE activity_id = ? AND filer_kind = ? AND filer_id = ?", value, r.ActivityID, r.FilerKind, r.FilerID).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// queueNews queues one mail to a member and names it; "" for one who has left.
func (n *Notifier) queueNews(ctx context.Context, tx *gorm.DB, member, newest string) (string, error) {
	var to []models.Member
	if err := tx.Find(&to, "id = ? AND disabled_at IS NULL", member).Error; err != nil || len(to) == 0 {
		return "", err
	}
	if err := n.tellMembers(ctx, tx, KindOutcome, newest, to); err != nil {
		return "", err
	}
	var id string
	err := tx.Model(&models.Delivery{}).Where("dedup_key = ?", string(KindOutcome)+"/"+newest+"/"+member).Pluck("id", &id).Error
	return id, err
}
