package themes

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Limits of what a theme holds, in characters.
const (
	MaxTitle  = 200
	MaxText   = 10_000
	MaxReason = 4_000
	MaxTarget = 100
)

// Themes is the service. Its methods are safe for concurrent use.
type Themes struct {
	db     *models.DB
	index  *follower
	taught *lesson
	opts   Options
	undoes map[models.Verb]TakeBack // of other rooms

	measured measured
}

// Options of New.
type Options struct {
	// Attach is the probability from which a suggestion joins a theme without
	// a person, where two of the theme's texts are near and nothing differs; 0
	// never. Exact duplicates always join.
	Attach float64
	// Auto lets it join from the probability that the team's own decisions bear
	// out, once there are enough; Attach, when not 0, is instead of it.
	Auto bool
	// Refit asks for Calibrate to be called soon, by one node; nil leaves that to
	// whoever calls it by the clock.
	Refit func(context.Context) error
	// Meaning is the built-in model of what texts mean; nil compares words alone.
	Meaning Meaning
	// Endpoint is a model to prefer to Meaning while it answers; nil for none.
	Endpoint Meaning
	// StandIn is how long Endpoint may fail before Meaning stands in; 0 is a
	// minute.
	StandIn time.Duration
	// Shelve is how long a text over which a model fails is set aside at first,
	// twice as long each time after; 0 is a minute.
	Shelve time.Duration
	// Wait is how long whoever files waits for a place at the model, and for the index to
	// know what was just written, before words alone decide; 0 is 50 ms.
	Wait time.Duration
	// Remeasure is how old what Quality and Replay count from may be; 0 is a
	// minute.
	Remeasure time.Duration
	// Promises are the days after which people hear again, by status; nil promises
	// nothing that nobody names.
	Promises Promises
	// Mask masks secrets in titles that only the team reads; nil leaves them.
	Mask func(string) string
	// IsSecret tells that a text holds a secret or reads like one, so that nobody may call
	// a theme so; nil: none does.
	IsSecret func(string) bool
	// Product is a name that no person may go by, "" for none.
	Product string
	// Unfit names the error for a text that may not be published, "" for none: a
	// secret, somebody's address or transaction. nil lets everything through.
	Unfit func(string) string
}

// New returns the service; Run keeps its index and the vectors of its texts.
func New(db *models.DB, o Options) *Themes {
	t := &Themes{db: db, index: newFollower(db, o), taught: newLesson(), opts: o}
	t.index.read = t.placeAgain
	return t
}

// Get returns a live theme that the actor may see. A merged theme leads to the
// one it went into.
func (t *Themes) Get(ctx context.Context, a auth.Actor, id string) (*models.Theme, error) {
	th, err := t.live(t.db.Read(ctx), id)
	if err != nil {
		return nil, err
	}
	if !th.Public && auth.Can(a, auth.ReadAll) != nil {
		return nil, models.Fail(models.NotFound, "theme_not_found")
	}
	return th, nil
}

// held is live for a theme that is to change: its row stays locked until the
// transaction ends, so that no merge takes it away meanwhile.
func (t *Themes) held(tx *gorm.DB, id string) (*models.Theme, error) {
	return t.live(t.db.Hold(tx).Session(&gorm.Session{}), id)
}

// live follows merges to the theme that stands for id now.
func (t *Themes) live(tx *gorm.DB, id string) (*models.Theme, error) {
	for range 32 { // chains are short: merging re-points nothing, so a bound is enough
		if !models.IsID(models.PrefixTheme, id) {
			return nil, models.Fail(models.NotFound, "theme_not_found")
		}
		var th models.Theme
		if err := tx.First(&th, "id = ?", id).Error; models.IsNotFound(err) {
			return nil, models.Fail(models.NotFound, "theme_not_found")
		} else if err != nil {
			return nil, fmt.Errorf("read theme: %w", err)
		}
		if th.MergedInto == "" {
			if th.GoneAt != nil {
				return nil, models.Fail(models.NotFound, "theme_gone")
			}
			return &th, nil
		}
		id = th.MergedInto
	}
	return nil, fmt.Errorf("theme %s: merges do not end", id)
}

// named is held for an id that came in a field: a miss is that field's fault.
func (t *Themes) named(tx *gorm.DB, field, id string) (*models.Theme, error) {
	th, err := t.held(tx, id)
	if models.KindOf(err) == models.NotFound {
		return nil, models.BadField(field, "theme_unknown", id)
	}
	return th, err
}

// Draft is a theme to be made, or what is to change of one: nil parts stay.
type Draft struct {
	Title       *string
	PublicTitle *models.Text
	PublicText  *models.Text
	Public      *bool
	PromiseDate *Date
	Product     *string
	Target      *string // what it is planned for, one line; "" for nothing
}

// Create makes a theme by hand. It is a candidate until confirmed.
func (t *Themes) Create(ctx context.Context, a auth.Actor, d Draft) (*models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return nil, err
	}
	if d.Title == nil || strings.TrimSpace(*d.Title) == "" {
		return nil, models.BadField("title", "title_required")
	}
	if err := t.titled("title", *d.Title); err != nil {
		return nil, err
	}
	if d.Target != nil {
		if err := t.titled("target", *d.Target); err != nil {
			return nil, err
		}
	}
	today, err := t.today(t.db.Read(ctx))
	if err != nil {
		return nil, fmt.Errorf("create theme: %w", err)
	}
	var th *models.Theme
	err = t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th = t.fresh("")
		if err := d.apply(th, today); err != nil {
			return err
		}
		return t.insert(ctx, tx, a, th)
	})
	return th, err
}

// fresh returns a candidate that is not stored yet.
func (t *Themes) fresh(title string) *models.Theme {
	now := t.db.Now()
	return &models.Theme{ID: models.NewID(models.PrefixTheme), Title: title, Status: models.StatusCandidate, Rev: 1, StatusAt: now, CreatedAt: now, UpdatedAt: now}
}

// open stores a candidate that an activity is about to fill; until then it is gone.
func (t *Themes) open(ctx context.Context, tx *gorm.DB, a auth.Actor, th *models.Theme) error {
	th.GoneAt = new(t.db.Now())
	err := t.insert(ctx, tx, a, th)
	th.GoneAt = nil
	return err
}

func (t *Themes) insert(ctx context.Context, tx *gorm.DB, a auth.Actor, th *models.Theme) error {
	if err := t.presentable(th, models.ThemeFacts{}); err != nil {
		return err
	}
	if err := tx.Create(th).Error; err != nil {
		return fmt.Errorf("create theme: %w", err)
	}
	facts := th.Facts()
	return t.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.ThemeCreated, ThemeID: th.ID, Snapshot: models.Change{After: &facts}.Encode()})
}

// Edit changes what a theme is called, what is published of it, and whether.
// rev, when not 0, must be the revision the editor saw.
func (t *Themes) Edit(ctx context.Context, a auth.Actor, id string, rev int64, d Draft) (*models.Theme, string, error) {
	if err := auth.Can(a, auth.EditTheme); err != nil {
		return nil, "", err
	}
	today, err := t.today(t.db.Read(ctx))
	if err != nil {
		return nil, "", fmt.Errorf("edit theme: %w", err)
	}
	return t.change(ctx, a, id, rev, models.ThemeEdited, func(th *models.Theme, db *models.DB) error {
		before, planned := th.Title, th.Target
		err := d.apply(th, today)
		if err == nil && th.Title != before {
			err = t.titled("title", th.Title)
		}
		if err == nil && th.Target != planned && a.Kind != models.ActorGitHub { // what comes from there is masked
			err = t.titled("target", th.Target)
		}
		if err == nil && d.PromiseDate != nil && d.PromiseDate.IsZero() {
			t.opts.Promises.again(th, db.Now()) // an open theme promises some day
		}
		return err
	})
}

// change applies f to a live theme and records it under verb. It is the one
// way in which the facts of a theme change. The activity's id is "" when
// nothing did.
func (t *Themes) change(ctx context.Context, a auth.Actor, id string, rev int64, verb models.Verb, f func(*models.Theme, *models.DB) error) (*models.Theme, string, error) {
	var th *models.Theme
	var act *models.Activity
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if th, err = t.held(tx, id); err != nil {
			return err
		}
		if verb == models.ThemeEdited && th.ID != id && a.Kind != models.ActorGitHub {
			return models.Fail(models.Conflict, "theme_merged", th.ID) // the editor saw another theme
		}
		if rev != 0 && rev != th.Rev {
			return models.Fail(models.Conflict, "theme_changed")
		}
		before := th.Facts()
		if err := f(th, t.db); err != nil {
			return err
		}
		act, err = t.save(ctx, tx, a, verb, th, before, models.Change{})
		return err
	})
	if err != nil || act == nil {
		return th, "", err
	}
	return th, act.ID, nil
}

// save stores changed facts with their activity; nil when nothing changed.
func (t *Themes) save(ctx context.Context, tx *gorm.DB, a auth.Actor, verb models.Verb, th *models.Theme, before models.ThemeFacts, c models.Change) (*models.Activity, error) {
	if c.Undoes == "" { // what stood there before was looked at then
		if err := t.presentable(th, before); err != nil {
			return nil, err
		}
	}
	after := th.Facts()
	if after.Same(before) {
		return nil, nil
	}
	th.Rev, th.UpdatedAt = th.Rev+1, t.db.Now()
	if after.Status != before.Status && th.StatusAt.Equal(*before.StatusAt) { // else an undo put back when it was given
		th.StatusAt = th.UpdatedAt
	}
	after.StatusAt = &th.StatusAt
	after.Rev = th.Rev
	res := tx.Model(th).Where("rev = ?", before.Rev).Select("*").Omit("SuggestionsCount", "PeopleCount", "MergedInto", "GoneAt", "CreatedAt").Updates(th)
	if res.Error != nil {
		return nil, fmt.Errorf("save theme: %w", res.Error)
	}
	if res.RowsAffected == 0 { // another node was faster
		return nil, models.Fail(models.Conflict, "theme_changed")
	}
	c.Before, c.After = &before, &after
	if (before.Status == models.StatusCandidate) != (after.Status == models.StatusCandidate) {
		if err := refreshWaiting(tx, th.ID); err != nil {
			return nil, err
		}
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: verb, ThemeID: th.ID, Snapshot: c.Encode()}
	if before.Status == models.StatusCandidate && after.Status != models.StatusCandidate {
		if err := t.judgeConfirmed(ctx, tx, a, act.ID, th.ID); err != nil {
			return nil, err
		}
	}
	return act, t.db.Record(ctx, tx, a.By(), act)
}

// apply puts the draft's parts into th, checked.
func (d Draft) apply(th *models.Theme, today time.Time) error {
	if d.Title != nil {
		th.Title = strings.TrimSpace(*d.Title)
		if th.Title == "" {
			return models.BadField("title", "title_required")
		}
		if err := short("title", th.Title, MaxTitle); err != nil {
			return err
		}
	}
	if d.PublicTitle != nil {
		th.PublicTitle = d.PublicTitle.Map(strings.TrimSpace)
		if err := shortText("public_title", th.PublicTitle, MaxTitle); err != nil {
			return err
		}
	}
	if d.PublicText != nil {
		th.PublicText = d.PublicText.Map(strings.TrimSpace)
		if err := shortText("public_text", th.PublicText, MaxText); err != nil {
			return err
		}
	}
	if d.Product != nil {
		th.Product = strings.TrimSpace(*d.Product)
		if err := short("product", th.Product, MaxTitle); err != nil {
			return err
		}
	}
	if d.Target != nil {
		th.Target = strings.Join(strings.Fields(strings.Map(unturned, *d.Target)), " ")
		if err := short("target", th.Target, MaxTarget); err != nil {
			return err
		}
	}
	if d.PromiseDate != nil && (th.PromiseDate == nil || !th.PromiseDate.Equal(d.PromiseDate.Time)) {
		date, err := d.PromiseDate.future(today)
		if err != nil {
			return err
		}
		if date != nil && th.Status != models.StatusCandidate && !th.Status.IsOpen() {
			return models.BadField("promise_date", "promise_closed", th.Title)
		}
		th.PromiseDate = date
	}
	if d.Public != nil {
		th.Public = *d.Public
	}
	if th.Public && th.PublicTitle.IsEmpty() {
		return models.BadField("public_title", "public_title_required")
	}
	if th.Public && th.Status == models.StatusCandidate {
		return models.BadField("public", "confirm_first")
	}
	return nil
}

func short(field, s string, most int) error {
	if n := utf8.RuneCountInString(s); n > most {
		return models.BadField(field, "too_long", most)
	}
	return nil
}

func shortText(field string, x models.Text, most int) error {
	for lang, s := range map[string]string{"/en": x.EN, "/zh": x.ZH, "": x.Any} {
		if err := short(field+lang, s, most); err != nil {
			return err
		}
	}
	return nil
}
