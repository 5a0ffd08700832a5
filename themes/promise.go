package themes

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Promises says after how many days the people behind a theme with a status hear
// again, whatever happens. A status without days, or with 0, promises nothing.
type Promises map[models.Status]int

// promisesUnchanged is how many promise mails may say that nothing has changed; the
// next one waits for a person.
const promisesUnchanged = 2

// maxPromiseThemes is how many dates are set in one step.
const maxPromiseThemes = 500

// from gives the default of a status from a day on: its noon, UTC, as ParseDate
// reads days; nil for none.
func (p Promises) from(s models.Status, now time.Time) *time.Time {
	if p[s] <= 0 || !s.IsOpen() {
		return nil
	}
	return noon(now, p[s])
}

// noon is the noon, UTC, so many days after a moment's.
func noon(from time.Time, days int) *time.Time {
	return new(from.UTC().Truncate(24*time.Hour).AddDate(0, 0, days).Add(12 * time.Hour))
}

// renew brings a theme's promise in step with a status that was just given to it.
// asked: the date in th was named with it. changed: its people are told something new.
func (p Promises) renew(th *models.Theme, asked, changed bool, now time.Time) {
	if changed {
		th.PromisesSent, th.DecideAt, th.WordAt = 0, nil, &now
	}
	switch {
	case !th.Status.IsOpen():
		th.PromiseDate, th.PromisesSent, th.DecideAt = nil, 0, nil // nothing more is promised
	case asked && th.PromiseDate != nil:
	case changed || th.PromiseDate == nil:
		if d := p.from(th.Status, now); d != nil {
			th.PromiseDate = d
		}
	}
}

// NewsGiven starts a theme's promise anew inside of a Write that told its people
// something without a status, such as an update: what it promised is counted from now,
// and nobody has to decide any more. The new date is nobody's decision, and stands in
// the way of no undo. It returns the id of the activity that records it, "" for none,
// which the news takes along (models.Change.Promised) so that newsTakenBack finds it.
func (t *Themes) NewsGiven(ctx context.Context, tx *gorm.DB, th *models.Theme) (string, error) {
	before := th.Facts()
	t.opts.Promises.renew(th, false, true, t.db.Now())
	act, err := t.save(ctx, tx, auth.System(), models.ThemePromise, th, before, models.Change{})
	if err != nil || act == nil {
		return "", err
	}
	return act.ID, nil
}

// PromiseSet is new dates for the promises of themes: a day for all of them, or, with
// Days instead, so many days after each one's own date, or after today where that has
// passed. Both at once are refused.
type PromiseSet struct {
	Themes []string
	Date   Date
	Days   int
}

// SetPromises gives open themes the date when their people hear next. Nobody is told,
// and a theme that waits for a decision goes on waiting. The activity's id takes all
// of it back; it is "" when nothing changed.
func (t *Themes) SetPromises(ctx context.Context, a auth.Actor, s PromiseSet) (string, []models.Theme, error) {
	if err := auth.Can(a, auth.EditTheme); err != nil {
		return "", nil, err
	}
	today, err := t.today(t.db.Read(ctx))
	if err != nil {
		return "", nil, err
	}
	date, err := s.check(today)
	if err != nil {
		return "", nil, err
	}
	var ths []models.Theme
	var lead string
	err = t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		ths, lead = make([]models.Theme, 0, len(s.Themes)), ""
		var made []string
		ids := slices.Clone(s.Themes)
		slices.Sort(ids) // rows are held in one order
		ids = slices.Compact(ids)
		for n, id := range ids {
			field := "themes/" + strconv.Itoa(slices.Index(s.Themes, id))
			th, err := t.named(tx, field, id)
			if err != nil {
				return err
			}
			if !th.Status.IsOpen() {
				return models.BadField(field, "promise_closed", th.Title)
			}
			before := th.Facts()
			th.PromiseDate = date
			if s.Days > 0 {
				th.PromiseDate = later(before.PromiseDate, s.Days, t.db.Now())
			}
			c := models.Change{}
			if n == len(ids)-1 {
				c.With = made
			}
			act, err := t.save(ctx, tx, a, models.ThemePromise, th, before, c)
			if err != nil {
				return err
			}
			ths = append(ths, *th)
			if act != nil {
				made, lead = append(made, act.ID), act.ID
			}
		}
		return t.lead(tx, lead, made)
	})
	if err != nil {
		return "", nil, err
	}
	return lead, ths, nil
}

// lead lets the last activity of a step name the others, also where the last theme
// had the date already.
func (t *Themes) lead(tx *gorm.DB, id string, made []string) error {
	if len(made) < 2 {
		return nil
	}
	var act models.Activity
	if err := tx.First(&act, "id = ?", id).Error; err != nil {
		return err
	}
	c, err := act.Change()
	if err != nil {
		return err
	}
	c.With = made[:len(made)-1]
	return tx.Model(&models.Activity{}).Where("seq = ?", act.Seq).Update("snapshot", c.Encode()).Error
}

func (s PromiseSet) check(today time.Time) (*time.Time, error) {
	switch {
	case s.Days != 0 && (!s.Date.IsZero() || s.Date.unread != ""):
		return nil, models.BadFields([]*models.Error{models.BadField("date", "promise_date_or_days"), models.BadField("days", "promise_date_or_days")})
	case len(s.Themes) == 0:
		return nil, models.BadField("themes", "themes_required")
	case len(s.Themes) > maxPromiseThemes:
		return nil, models.BadField("themes", "too_many", maxPromiseThemes, len(s.Themes))
	case s.Days < 0 || s.Days > 730:
		return nil, models.BadField("days", "promise_days_range", 730)
	case s.Days > 0:
		return nil, nil
	}
	date, err := s.Date.future(today)
	if err == nil && date == nil {
		err = models.BadField("date", "promise_date_required")
	}
	return date, rename(err, "date")
}

// rename lets an error name the field as its caller calls it.
func rename(err error, field string) error {
	if e, ok := errors.AsType[*models.Error](err); ok && e.Field == "promise_date" {
		named := *e
		named.Field = field
		return &named
	}
	return err
}

func later(date *time.Time, days int, now time.Time) *time.Time {
	if date == nil || date.Before(now) {
		return noon(now, days)
	}
	return new(date.AddDate(0, 0, days))
}

// SendPromise lets a theme that waits for a decision tell its people once more where
// it stands, with the day when they hear next. It returns the activity's id and the
// theme. Conflict promise_not_waiting when nobody must decide.
func (t *Themes) SendPromise(ctx context.Context, a auth.Actor, id string, d Date) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return "", nil, err
	}
	today, err := t.today(t.db.Read(ctx))
	if err != nil {
		return "", nil, err
	}
	date, err := d.future(today)
	if err == nil && date == nil {
		err = models.BadField("promise_date", "promise_date_required")
	}
	if err != nil {
		return "", nil, rename(err, "date")
	}
	th, act, err := t.change(ctx, a, id, 0, models.ThemePromiseCame, func(th *models.Theme, _ *models.DB) error {
		if th.DecideAt == nil {
			return models.Fail(models.Conflict, "promise_not_waiting")
		}
		th.PromiseDate, th.DecideAt = date, nil
		th.PromisesSent++
		return nil
	})
	return act, th, err
}

// unpromise takes new promise dates back, or sets them again: all of one step.
func (t *Themes) unpromise(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	var made []string
	for _, id := range c.With {
		var other models.Activity
		if err := t.db.Hold(tx).First(&other, "id = ?", id).Error; err != nil {
			return nil, err
		}
		if other.UndoneBy != "" {
			continue // alone, before
		}
		o, err := other.Change()
		if err != nil {
			return nil, err
		}
		back, err := t.restore(ctx, tx, a, &other, o, models.ThemePromise)
		if err != nil {
			return nil, err
		}
		if err := tx.Model(&models.Activity{}).Where("seq = ?", other.Seq).Update("undone_by", back.ID).Error; err != nil {
			return nil, err
		}
		made = append(made, back.ID)
	}
	main, err := t.restore(ctx, tx, a, act, c, models.ThemePromise)
	if err != nil {
		return nil, err
	}
	return main, t.lead(tx, main.ID, append(made, main.ID))
}

// onlyPromised lets what the clock did to a theme's promise since an activity stand in
// the way of no undo: was is then as it stands now in this.
func (t *Themes) onlyPromised(tx *gorm.DB, act *models.Activity, now models.ThemeFacts, was *models.ThemeFacts) error {
	if now.Same(*was) {
		return nil
	}
	var since bool
	err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM activities WHERE theme_id = ? AND seq > ? AND actor_kind = 'system' AND verb IN ('theme.promise', 'theme.promise_came'))`,
		act.ThemeID, act.Seq).Scan(&since).Error
	if since {
		was.PromiseDate, was.PromisesSent, was.DecideAt = now.PromiseDate, now.PromisesSent, now.DecideAt
	}
	return err
}

// again lets a theme that was put back promise a day that is still to come.
func (p Promises) again(th *models.Theme, now time.Time) {
	passed := th.PromiseDate != nil && !th.PromiseDate.After(now) && th.DecideAt == nil
	if !th.Status.IsOpen() || th.PromiseDate != nil && !passed {
		return
	}
	if d := p.from(th.Status, now); d != nil {
		th.PromiseDate = d
	}
}
