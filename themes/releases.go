package themes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// MaxReleaseThemes is how many themes one release ships.
const MaxReleaseThemes = 200

// Release is a version to be shipped with its themes. Notes are for the public.
type Release struct {
	Version string
	Product string
	Themes  []string
	Notes   models.Text
	Notify  bool
	Draft   string // the release draft that it is made from, "" for none
}

// ShipRelease ships all themes of a release or none, in one transaction: each of them
// has its activity with the version, and the release one that undo takes, in its
// ActivityID. Needs auth.Announce. Errors: Invalid, naming every field that is wrong:
// version_required, release_known, release_without_themes, theme_unknown, theme_twice,
// theme_merged, theme_unconfirmed, theme_refused, theme_shipped, release_draft_over.
func (t *Themes) ShipRelease(ctx context.Context, a auth.Actor, r Release) (*models.Release, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	var rel *models.Release
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := t.db.Lock(tx, "release:"+strings.TrimSpace(r.Product)); err != nil {
			return err
		}
		ths, err := t.shippable(tx, &r, t.held)
		if err != nil {
			return err
		}
		rel = &models.Release{ID: models.NewID(models.PrefixRelease), Product: r.Product, Version: r.Version, Notes: r.Notes, Notify: r.Notify,
			ActorName: a.By().Name, ActivityID: models.NewID(models.PrefixActivity), CreatedAt: t.db.Now()}
		if err := tx.Create(rel).Error; err != nil {
			return fmt.Errorf("ship release: %w", err)
		}
		if err := t.useDraft(tx, a, r.Draft, rel.ID); err != nil {
			return err
		}
		step := &models.ReleaseStep{ID: rel.ID, Product: rel.Product, Version: rel.Version, Themes: len(ths)}
		for i, th := range ths {
			before := th.Facts()
			if err := (StatusChange{Status: models.StatusShipped, Version: rel.Version}).apply(th, t.opts.Promises, t.db.Now()); err != nil {
				return err
			}
			act, err := t.save(ctx, tx, a, models.ThemeStatus, th, before, models.Change{Notify: r.Notify, Bulk: rel.ActivityID, Release: step})
			if err != nil {
				return err
			}
			if act == nil {
				return models.BadField("themes/"+strconv.Itoa(i), "theme_shipped")
			}
			if err := t.statusAnswered(tx, a, act.ID, th); err != nil {
				return err
			}
			if err := tx.Create(&models.ReleaseTheme{ReleaseID: rel.ID, ThemeID: th.ID, ActivityID: act.ID}).Error; err != nil {
				return fmt.Errorf("ship release: %w", err)
			}
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{ID: rel.ActivityID, Verb: models.ReleaseShipped,
			Snapshot: models.Change{Notify: r.Notify, Release: step, Text: &rel.Notes}.Encode()})
	})
	return rel, err
}

// TryRelease answers what ShipRelease would say, and the themes that it would ship,
// without storing anything.
func (t *Themes) TryRelease(ctx context.Context, a auth.Actor, r *Release) ([]models.Theme, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	ths, err := t.shippable(t.db.Read(ctx), r, t.live)
	out := make([]models.Theme, 0, len(ths))
	for _, th := range ths {
		out = append(out, *th)
	}
	return out, err
}

// shippable checks a release and reads its themes in the order of their ids, so that
// two releases wait for each other in one order. Everything that is wrong is named.
func (t *Themes) shippable(tx *gorm.DB, r *Release, read func(*gorm.DB, string) (*models.Theme, error)) ([]*models.Theme, error) {
	wrong, err := t.checkRelease(tx, r)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(r.Themes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(r.Themes[a], r.Themes[b]) })
	var ths []*models.Theme
	seen := map[string]bool{}
	for _, i := range order {
		field, id := "themes/"+strconv.Itoa(i), r.Themes[i]
		if seen[id] {
			wrong = append(wrong, models.BadField(field, "theme_twice", id))
			continue
		}
		seen[id] = true
		th, err := read(tx, id)
		if models.KindOf(err) == models.NotFound {
			wrong = append(wrong, models.BadField(field, "theme_unknown", id))
			continue
		}
		if err != nil {
			return nil, err
		}
		if bad := whyNotShip(th, id, r.Version); bad != "" {
			wrong = append(wrong, models.BadField(field, bad, th.Title))
			continue
		}
		ths = append(ths, th)
	}
	return ths, models.BadFields(wrong)
}

// whyNotShip names why a theme cannot be in a release, "" when it can.
func whyNotShip(th *models.Theme, id, version string) string {
	switch {
	case th.ID != id:
		return "theme_merged_away"
	case th.Status == models.StatusCandidate:
		return "theme_unconfirmed"
	case th.Status == models.StatusDeclined || th.WantsReasonAt != nil:
		return "theme_refused"
	case th.Status == models.StatusShipped:
		return "theme_shipped"
	}
	return ""
}

// checkRelease cleans what a release says of itself.
func (t *Themes) checkRelease(tx *gorm.DB, r *Release) (wrong []*models.Error, err error) {
	r.Version, r.Product = strings.TrimSpace(r.Version), strings.TrimSpace(r.Product)
	fail := func(err error) {
		if e, ok := errors.AsType[*models.Error](err); ok {
			wrong = append(wrong, e)
		}
	}
	if r.Version == "" {
		fail(models.BadField("version", "version_required"))
	}
	fail(short("version", r.Version, 100))
	fail(short("product", r.Product, MaxTitle))
	if t.opts.Unfit != nil {
		for field, s := range map[string]string{"version": r.Version, "product": r.Product} {
			if code := t.opts.Unfit(s); code != "" {
				fail(models.BadField(field, code))
			}
		}
	}
	notes, bad := t.written("notes", r.Notes, MaxText)
	fail(bad)
	r.Notes = notes
	if len(r.Themes) == 0 {
		fail(models.BadField("themes", "release_without_themes"))
	}
	if len(r.Themes) > MaxReleaseThemes {
		return nil, models.BadField("themes", "too_many", MaxReleaseThemes, len(r.Themes))
	}
	var known int64
	err = tx.Model(&models.Release{}).Where("product = ? AND version = ? AND undone_at IS NULL", r.Product, r.Version).Count(&known).Error
	if err != nil {
		return nil, fmt.Errorf("read releases: %w", err)
	}
	if known > 0 && r.Version != "" {
		fail(models.BadField("version", "release_known", r.Version))
	}
	over, err := draftOver(tx, r.Draft)
	if over {
		fail(models.BadField("draft", "release_draft_over"))
	}
	return wrong, err
}

// ReleaseRow is a release with its themes, the oldest first.
type ReleaseRow struct {
	models.Release
	Themes []models.Theme
}

// Releases lists what was shipped, newest first, without what was taken back, and the
// cursor of the next page, "" at the end. limit is 50, at most 100. Needs auth.ReadAll.
func (t *Themes) Releases(ctx context.Context, a auth.Actor, cursor string, limit int) (rows []ReleaseRow, next string, err error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	q := t.db.Read(ctx).Where("undone_at IS NULL").Order("id DESC").Limit(page(limit) + 1)
	if cursor != "" {
		if !models.IsID(models.PrefixRelease, cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", cursor)
	}
	var rels []models.Release
	if err := q.Find(&rels).Error; err != nil {
		return nil, "", fmt.Errorf("read releases: %w", err)
	}
	if len(rels) > page(limit) {
		rels = rels[:page(limit)]
		next = rels[len(rels)-1].ID
	}
	for _, r := range rels {
		row := ReleaseRow{Release: r}
		err := t.db.Read(ctx).Where("id IN (SELECT theme_id FROM release_themes WHERE release_id = ?)", r.ID).Order("id").Find(&row.Themes).Error
		if err != nil {
			return nil, "", fmt.Errorf("read releases: %w", err)
		}
		rows = append(rows, row)
	}
	return rows, next, nil
}

// Shippable lists what a release may be made of: what GitHub says is ready, then what
// is in progress, then what is planned. Needs auth.ReadAll.
func (t *Themes) Shippable(ctx context.Context, a auth.Actor) ([]models.Theme, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	ths := []models.Theme{}
	err := t.db.Read(ctx).Where("merged_into = '' AND gone_at IS NULL AND wants_reason_at IS NULL").
		Where("ready_at IS NOT NULL AND status NOT IN ('candidate', 'shipped', 'declined') OR status IN ('in_progress', 'planned')").
		Order("CASE WHEN ready_at IS NOT NULL THEN 0 WHEN status = 'in_progress' THEN 1 ELSE 2 END, people_count DESC, id").Limit(MaxReleaseThemes).Find(&ths).Error
	if err != nil {
		return nil, fmt.Errorf("read what may ship: %w", err)
	}
	return ths, nil
}

// unship takes a release back, or ships it again: every theme that the release moved
// last goes back, and none if one of them has moved on since.
func (t *Themes) unship(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	if c.Release == nil {
		return nil, models.Fail(models.Conflict, "cannot_undo", string(act.Verb))
	}
	if err := t.db.Lock(tx, "release:"+c.Release.Product); err != nil {
		return nil, err
	}
	var parts []models.ReleaseTheme
	if err := tx.Order("theme_id").Find(&parts, "release_id = ?", c.Release.ID).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone,
		Snapshot: models.Change{Undoes: act.ID, UndoneVerb: models.ReleaseShipped, Again: c.TakesBack(), Notify: c.Notify, Release: c.Release, Text: c.Text}.Encode()}
	for _, p := range parts {
		if err := t.unshipOne(ctx, tx, a, p, made.ID); err != nil {
			return nil, err
		}
	}
	undone := map[string]any{"undone_at": nil}
	if !c.TakesBack() {
		undone["undone_at"] = t.db.Now()
	} else {
		var other int64
		err := tx.Model(&models.Release{}).Where("product = ? AND version = ? AND undone_at IS NULL", c.Release.Product, c.Release.Version).Count(&other).Error
		if err != nil {
			return nil, fmt.Errorf("undo: %w", err)
		}
		if other > 0 {
			return nil, models.Fail(models.Conflict, "changed_since")
		}
	}
	if err := tx.Model(&models.Release{}).Where("id = ?", c.Release.ID).Updates(undone).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	if err := t.draftAgain(tx, a, c.Release.ID, c.TakesBack()); err != nil {
		return nil, err
	}
	return made, t.db.Record(ctx, tx, a.By(), made)
}

func (t *Themes) unshipOne(ctx context.Context, tx *gorm.DB, a auth.Actor, p models.ReleaseTheme, bulk string) error {
	var act models.Activity
	if err := t.db.Hold(tx).First(&act, "id = ?", p.ActivityID).Error; err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	if act.UndoneBy != "" {
		return nil // this theme was taken back by itself
	}
	c, err := act.Change()
	if err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	c.Bulk = bulk
	back, err := t.restore(ctx, tx, a, &act, c, models.ThemeStatus)
	if err != nil {
		return err
	}
	if err := tx.Model(&models.Activity{}).Where("seq = ?", act.Seq).Update("undone_by", back.ID).Error; err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	return tx.Model(&p).Update("activity_id", back.ID).Error
}
