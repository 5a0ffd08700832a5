package themes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// promiseBatch themes are looked for at a time; each is its own transaction.
const promiseBatch = 100

// KeepPromises is the cron job promises. Each theme whose date has come is recorded,
// once for the date, as theme.promise_came, and its people hear next after as many
// days as its status promises; after two without change it is recorded no more and
// stands on the list of what staff must decide. Themes that have no date get one.
func (t *Themes) KeepPromises(ctx context.Context) error {
	if err := t.storePromises(ctx); err != nil {
		return fmt.Errorf("promises: %w", err)
	}
	if err := t.fillPromises(ctx); err != nil {
		return fmt.Errorf("promises: %w", err)
	}
	for ctx.Err() == nil {
		var due []string
		err := t.db.Read(ctx).Raw(`SELECT id FROM themes WHERE promise_date IS NOT NULL AND promise_date <= ? AND gone_at IS NULL AND (merged_into <> '' OR status <> 'candidate')
			AND (promises_sent < ? OR decide_at IS NULL) ORDER BY promise_date, id LIMIT ?`, t.db.Now(), promisesUnchanged, promiseBatch).Scan(&due).Error
		if err != nil {
			return fmt.Errorf("promises: %w", err)
		}
		for _, id := range due {
			if err := t.keepPromise(ctx, id); err != nil {
				return fmt.Errorf("promise of %s: %w", id, err)
			}
		}
		if len(due) < promiseBatch {
			break
		}
	}
	if err := t.missPromises(ctx); err != nil {
		return fmt.Errorf("promises: %w", err)
	}
	return ctx.Err()
}

// missed are the themes whose day has passed and whose people wait for a member, which
// is not recorded of that day yet.
const missed = `promise_date <= @now AND promises_sent >= @unchanged AND decide_at IS NOT NULL AND merged_into = '' AND gone_at IS NULL AND status <> 'candidate'
	AND NOT EXISTS (SELECT 1 FROM activities a WHERE a.theme_id = themes.id AND a.verb = 'theme.promise_overdue' AND a.created_at >= themes.promise_date)`

// missPromises records, once for each day that has passed, that its theme is overdue.
func (t *Themes) missPromises(ctx context.Context) error {
	args := map[string]any{"now": t.db.Now(), "unchanged": promisesUnchanged}
	var late []string
	if err := t.db.Read(ctx).Model(&models.Theme{}).Where(missed, args).Order("promise_date, id").Pluck("id", &late).Error; err != nil {
		return err
	}
	for _, id := range late {
		err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
			// Held first and looked at after: what looks while it waits for another node does not see what that one recorded.
			var th models.Theme
			if err := t.db.Hold(tx).First(&th, "id = ?", id).Error; err != nil {
				return err
			}
			var still bool
			if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM themes WHERE id = @id AND "+missed+")", args, map[string]any{"id": id}).Scan(&still).Error; err != nil || !still {
				return err
			}
			after := th.Facts()
			return t.db.Record(ctx, tx, auth.System().By(), &models.Activity{Verb: models.ThemePromiseMissed, ThemeID: id, Snapshot: models.Change{After: &after}.Encode()})
		})
		if err != nil {
			return fmt.Errorf("promise of %s: %w", id, err)
		}
	}
	return nil
}

// keepPromise does what is due for one theme, if it still is.
func (t *Themes) keepPromise(ctx context.Context, id string) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var th models.Theme
		if err := t.db.Hold(tx).First(&th, "id = ?", id).Error; err != nil {
			return err
		}
		now := t.db.Now()
		if th.GoneAt != nil || th.PromiseDate == nil || th.PromiseDate.After(now) {
			return nil
		}
		if th.MergedInto != "" {
			return t.keepMerged(ctx, tx, &th)
		}
		return t.promiseCame(ctx, tx, &th)
	})
}

func (t *Themes) promiseCame(ctx context.Context, tx *gorm.DB, th *models.Theme) error {
	now, before := t.db.Now(), th.Facts()
	if !th.Status.IsOpen() || th.PromisesSent >= promisesUnchanged && th.DecideAt != nil {
		return nil
	}
	verb := models.ThemePromiseCame
	if th.PromisesSent >= promisesUnchanged { // it was sent again by a person, for this day
		verb, th.DecideAt = models.ThemePromise, &now
	} else {
		th.PromisesSent++
		th.PromiseDate = t.opts.Promises.from(th.Status, now)
		if th.PromisesSent == promisesUnchanged {
			th.DecideAt = &now
		}
	}
	_, err := t.save(ctx, tx, auth.System(), verb, th, before, models.Change{Notify: verb == models.ThemePromiseCame})
	return err
}

// keepMerged keeps what was promised to people who came with a merge: they hear of
// the theme they stand behind now, unless they have since.
func (t *Themes) keepMerged(ctx context.Context, tx *gorm.DB, from *models.Theme) error {
	if err := tx.Model(&models.Theme{}).Where("id = ?", from.ID).Update("promise_date", nil).Error; err != nil {
		return err
	}
	th, err := t.held(tx, from.ID)
	if models.KindOf(err) == models.NotFound {
		return nil
	} else if err != nil {
		return err
	}
	var heard bool
	err = tx.Raw(`SELECT EXISTS (SELECT 1 FROM activities WHERE theme_id = ? AND verb IN ('theme.status', 'theme.promise_came') AND created_at > ?)`, th.ID, from.UpdatedAt).Scan(&heard).Error
	if err != nil || heard || th.Status == models.StatusCandidate {
		return err
	}
	return t.promiseCame(ctx, tx, th)
}

// storePromises keeps the configured days beside the rows that follow them.
func (t *Themes) storePromises(ctx context.Context) error {
	var have []models.PromiseDefault
	if err := t.db.Read(ctx).Find(&have).Error; err != nil {
		return err
	}
	var want []models.PromiseDefault
	for _, s := range models.Settable() {
		if s.IsOpen() {
			want = append(want, models.PromiseDefault{Status: s, Days: t.opts.Promises[s]})
		}
	}
	order := func(a, b models.PromiseDefault) int {
		return slices.Index(models.Settable(), a.Status) - slices.Index(models.Settable(), b.Status)
	}
	slices.SortFunc(have, order)
	if slices.Equal(have, want) {
		return nil
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		for _, d := range want {
			if err := tx.Exec("INSERT INTO promise_defaults (status, days) VALUES (?, ?) ON CONFLICT (status) DO UPDATE SET days = excluded.days", d.Status, d.Days).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// fillPromises gives open themes without a date one: those from before an upgrade,
// those of a status that promised nothing, those that came back from a merge.
func (t *Themes) fillPromises(ctx context.Context) error {
	for ctx.Err() == nil {
		n := 0
		err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
			n, err = t.fillSome(ctx, tx)
			return err
		})
		if err != nil || n < promiseBatch {
			return err
		}
	}
	return ctx.Err()
}

func (t *Themes) fillSome(ctx context.Context, tx *gorm.DB) (int, error) {
	var promising []models.Status
	for s, days := range t.opts.Promises {
		if days > 0 && s.IsOpen() {
			promising = append(promising, s)
		}
	}
	if len(promising) == 0 {
		return 0, nil
	}
	var lack []models.Theme
	err := t.db.Hold(tx).Where("status IN ? AND promise_date IS NULL AND decide_at IS NULL AND merged_into = '' AND gone_at IS NULL", promising).
		Order("people_count DESC, id").Limit(promiseBatch).Find(&lack).Error
	if err != nil {
		return 0, err
	}
	for i := range lack {
		th := &lack[i]
		before := th.Facts()
		th.PromiseDate = spread(t.opts.Promises[th.Status], i, t.db.Now())
		if _, err := t.save(ctx, tx, auth.System(), models.ThemePromise, th, before, models.Change{}); err != nil {
			return 0, err
		}
	}
	return len(lack), nil
}

// spread gives the nth theme a day in the last three quarters of what its status
// promises, so that not all of them come on one.
func spread(days, n int, now time.Time) *time.Time {
	first := max(1, days/4)
	return noon(now, first+n%(days-first+1))
}
