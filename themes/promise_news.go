package themes

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// newsTakenBack puts back what a theme promised before news of it that is taken back,
// or what it promised with news that is told after all: step is the activity that
// NewsGiven recorded, or that this did. Where something else has moved the promise since,
// that stands. It returns the id of the activity that records it, "" for none.
func (t *Themes) newsTakenBack(ctx context.Context, tx *gorm.DB, theme, step string) (string, error) {
	var act models.Activity
	if err := t.db.Hold(tx).Limit(1).Find(&act, "id = ? AND undone_by = ''", step).Error; err != nil || act.ID == "" {
		return "", err
	}
	c, err := act.Change()
	if err != nil {
		return "", fmt.Errorf("activity %s: %w", act.ID, err)
	}
	th, err := t.held(tx, theme)
	if models.KindOf(err) == models.NotFound {
		return "", nil
	} else if err != nil {
		return "", err
	}
	newer, err := promisedSince(tx, &act)
	if err != nil || newer || th.ID != act.ThemeID || c.Before == nil || !th.Status.IsOpen() {
		return "", err
	}
	stood, steps, err := withoutNews(tx, &act, c.Before)
	if err != nil {
		return "", err
	}
	before := th.Facts()
	th.PromiseDate, th.PromisesSent, th.DecideAt, th.WordAt = stood.PromiseDate, stood.PromisesSent, stood.DecideAt, stood.WordAt
	t.opts.Promises.again(th, t.db.Now())
	made, err := t.save(ctx, tx, auth.System(), models.ThemePromise, th, before, models.Change{})
	if err != nil || made == nil {
		return "", err
	}
	return made.ID, tx.Model(&models.Activity{}).Where("seq IN ?", steps).Update("undone_by", made.ID).Error
}

// withoutNews is what a theme promised before news, and before the news ahead of it that
// were taken back while it still stood: what those promised was left alone then, and is
// nobody's word any more. steps are the activities that promised it, by their numbers.
func withoutNews(tx *gorm.DB, act *models.Activity, before *models.ThemeFacts) (stood *models.ThemeFacts, steps []int64, err error) {
	stood, steps = before, []int64{act.Seq}
	for {
		var ahead models.Activity
		err := tx.Order("seq DESC").Limit(1).Find(&ahead, `theme_id = ? AND seq < ? AND undone_by = '' AND verb IN ('theme.status', 'theme.promise', 'theme.promise_came')`,
			act.ThemeID, steps[len(steps)-1]).Error
		if err != nil || ahead.Verb != models.ThemePromise || ahead.ActorKind != models.ActorSystem {
			return stood, steps, err
		}
		var news models.Activity // is recorded right after what it promised
		if err := tx.Limit(1).Find(&news, "theme_id = ? AND seq = ? AND undone_by <> ''", act.ThemeID, ahead.Seq+1).Error; err != nil || news.ID == "" {
			return stood, steps, err
		}
		said, err := news.Change()
		if err != nil {
			return stood, steps, fmt.Errorf("activity %s: %w", news.ID, err)
		}
		c, err := ahead.Change()
		if err != nil {
			return stood, steps, fmt.Errorf("activity %s: %w", ahead.ID, err)
		}
		if said.Promised != ahead.ID || c.Before == nil {
			return stood, steps, nil
		}
		stood, steps = c.Before, append(steps, ahead.Seq)
	}
}

// promisedSince: a status, a day, an update that still stands or the clock had a say in
// the theme's promise after an activity. What a word that was taken back did has none.
func promisedSince(tx *gorm.DB, act *models.Activity) (since bool, err error) {
	err = tx.Raw(`SELECT EXISTS (SELECT 1 FROM activities a WHERE a.theme_id = @theme AND a.seq > @seq AND a.undone_by = ''
		AND a.verb IN ('theme.status', 'theme.promise', 'theme.promise_came', 'theme.updated')
		AND NOT EXISTS (SELECT 1 FROM activities u WHERE u.theme_id = @theme AND u.undone_by = a.id)
		AND NOT (a.verb = 'theme.updated' AND a.seq = @seq + 1))`, map[string]any{"theme": act.ThemeID, "seq": act.Seq}).Scan(&since).Error
	return since, err
}
