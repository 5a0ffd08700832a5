package themes

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Date is a day or a moment that a person gives: "2026-12-24" or RFC 3339. The
// zero Date takes a date away.
type Date struct {
	time.Time
	day    bool   // it was given as a day
	unread string // what could not be read: told when the date is used, with its field
}

// ParseDate reads a day (its noon, UTC, so that it is the same day nearly
// everywhere) or an RFC 3339 time; "" is the zero Date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return Date{Time: d.Add(12 * time.Hour), day: true}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Date{}, models.BadField("promise_date", "date_unreadable", s)
	}
	return Date{Time: models.Milli(t)}, nil
}

// UnmarshalJSON reads what ParseDate does. A decoder does not know the field's
// name, so text that is no date is kept, and refused where the date is used.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	var err error
	if *d, err = ParseDate(s); err != nil {
		d.unread = s
	}
	return nil
}

// StatusChange is a status to be given. Reason is public; PromiseDate is when
// people will hear next. Notify false keeps it quiet.
type StatusChange struct {
	Status      models.Status
	Reason      models.Text
	PromiseDate *Date
	Version     string
	Notify      bool
	Rev         int64 // not 0: the theme's revision that was seen
}

// SetStatus gives a theme a status; a candidate is thereby confirmed. It
// returns the activity's id, which undo takes, and the theme as it stands. A
// status that changes nothing returns the activity that gave it.
func (t *Themes) SetStatus(ctx context.Context, a auth.Actor, id string, c StatusChange) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return "", nil, err
	}
	var th *models.Theme
	var act *models.Activity
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if th, err = t.held(tx, id); err != nil {
			return err
		}
		if th.ID != id && a.Kind != models.ActorGitHub {
			return models.Fail(models.Conflict, "theme_merged", th.ID) // people behind another theme would hear
		}
		before := th.Facts()
		today, err := t.today(tx)
		if err != nil {
			return err
		}
		if err := c.apply(th, t.opts.Promises, today); err != nil {
			return err
		}
		act, err = t.save(ctx, tx, a, models.ThemeStatus, th, before, models.Change{Notify: c.Notify})
		if err != nil {
			return err
		}
		if act == nil {
			act = &models.Activity{}
			if err := tx.Where("theme_id = ? AND verb = ?", th.ID, models.ThemeStatus).Order("seq DESC").Limit(1).Find(act).Error; err != nil {
				return err
			}
		}
		return t.statusAnswered(tx, a, act.ID, th)
	})
	if err != nil {
		return "", nil, err
	}
	return act.ID, th, nil
}

// TryStatus answers what SetStatus would say, and how the theme would stand,
// without storing anything.
func (t *Themes) TryStatus(ctx context.Context, a auth.Actor, id string, c StatusChange) (*models.Theme, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	th, err := t.live(t.db.Read(ctx), id)
	if err != nil {
		return nil, err
	}
	if th.ID != id {
		return nil, models.Fail(models.Conflict, "theme_merged", th.ID)
	}
	today, err := t.today(t.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	return th, c.apply(th, t.opts.Promises, today)
}

// unturned leaves out, for strings.Map, what nobody sees and can turn around the sentence that a
// text stands in. What joins or parts two letters stays.
func unturned(r rune) rune {
	if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
		return -1
	}
	return r
}

// readable is a text without the space around it, "" where nobody would see anything of it.
func readable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) }) {
		return ""
	}
	return strings.TrimSpace(s)
}

func (c StatusChange) apply(th *models.Theme, promises Promises, today time.Time) error {
	if c.Rev != 0 && c.Rev != th.Rev {
		return models.Fail(models.Conflict, "theme_changed")
	}
	if !c.Status.IsSettable() {
		return models.BadField("status", "status_unknown", string(c.Status))
	}
	reason := c.Reason.Map(readable)
	if c.Status.WantsReason() && reason.IsEmpty() {
		return models.BadField("reason", "reason_required")
	}
	if err := shortText("reason", reason, MaxReason); err != nil {
		return err
	}
	version := strings.TrimSpace(c.Version)
	if err := short("version", version, 100); err != nil {
		return err
	}
	if c.PromiseDate != nil {
		date, err := c.PromiseDate.future(today)
		if err != nil {
			return err
		}
		th.PromiseDate = date
	}
	changed := th.Status != c.Status || th.Reason != reason || version != "" && version != th.Version
	if th.Status != c.Status {
		th.PreviousStatus = th.Status
	}
	if version != "" || c.Status != models.StatusShipped {
		th.Version = version
	}
	th.Status, th.Reason = c.Status, reason
	promises.renew(th, c.PromiseDate != nil, changed, today.UTC())
	th.ReadyAt, th.WantsReasonAt = nil, nil
	return nil
}

// Confirm turns a candidate into a theme, with a title fit for the public and,
// when asked, published.
func (t *Themes) Confirm(ctx context.Context, a auth.Actor, id string, title models.Text, public *bool) (*models.Theme, string, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return nil, "", err
	}
	if public != nil && *public {
		if err := auth.Can(a, auth.EditTheme); err != nil {
			return nil, "", err
		}
	}
	return t.change(ctx, a, id, 0, models.ThemeConfirmed, func(th *models.Theme, db *models.DB) error {
		if th.Status != models.StatusCandidate {
			return models.Fail(models.Conflict, "already_confirmed")
		}
		if title.Map(strings.TrimSpace).IsEmpty() {
			return models.BadField("public_title", "public_title_required")
		}
		th.PreviousStatus, th.Status = th.Status, models.StatusReceived
		return Draft{PublicTitle: &title, Public: public}.apply(th, db.Now())
	})
}

// MarkReady notes that GitHub has completed a theme which a person or a release
// must ship; MarkWantsReason that GitHub will not do it and staff must say why
// before anyone is told. Both are quiet, and nothing when already noted.
func (t *Themes) MarkReady(ctx context.Context, a auth.Actor, id string) error {
	return t.mark(ctx, a, id, models.ThemeReady, func(th *models.Theme, now time.Time) {
		if th.Status != models.StatusShipped && th.ReadyAt == nil {
			th.ReadyAt, th.WantsReasonAt = &now, nil
		}
	})
}

// MarkWantsReason: see MarkReady.
func (t *Themes) MarkWantsReason(ctx context.Context, a auth.Actor, id string) error {
	return t.mark(ctx, a, id, models.ThemeWantsReason, func(th *models.Theme, now time.Time) {
		if th.Status != models.StatusDeclined && th.WantsReasonAt == nil {
			th.WantsReasonAt, th.ReadyAt = &now, nil
		}
	})
}

// Unmark takes both marks away: the issue was opened again.
func (t *Themes) Unmark(ctx context.Context, a auth.Actor, id string) error {
	return t.mark(ctx, a, id, models.ThemeEdited, func(th *models.Theme, _ time.Time) { th.ReadyAt, th.WantsReasonAt = nil, nil })
}

func (t *Themes) mark(ctx context.Context, a auth.Actor, id string, verb models.Verb, f func(*models.Theme, time.Time)) error {
	if err := auth.Can(a, auth.LinkIssue); err != nil {
		return err
	}
	_, _, err := t.change(ctx, a, id, 0, verb, func(th *models.Theme, db *models.DB) error { f(th, db.Now()); return nil })
	return err
}
