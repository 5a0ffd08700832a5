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
	before := th.Facts()
	th.PromiseDate, th.PromisesSent, th.DecideAt, th.WordAt = c.Before.PromiseDate, c.Before.PromisesSent, c.Before.DecideAt, c.Before.WordAt
	t.opts.Promises.again(th, t.db.Now())
	made, err := t.save(ctx, tx, auth.System(), models.ThemePromise, th, before, models.Change{})
	if err != nil || made == nil {
		return "", err
	}
	return made.ID, tx.Model(&models.Activity{}).Where("seq = ?", act.Seq).Update("undone_by", made.ID).Error
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
