package themes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// maxDrafts is how many open drafts are listed.
const maxDrafts = 50

// afterwards is how long after a release an issue may be closed, or be seen closed, that it
// has brought.
const afterwards = time.Hour

// Published is a release that came out on GitHub, its texts masked and cut. Notes are in one
// language, whichever that is. Since is when the one before it came out, zero for none.
type Published struct {
	RepositoryID, GithubID         int64
	Repository, Version, Name, URL string
	Notes                          string
	Named                          []models.IssueRef
	Since, At                      time.Time
}

// DraftRelease keeps a published release as a draft, or brings an open one up to date; one
// that was shipped or dismissed stays as it is. Nobody is told. Needs auth.Announce.
func (t *Themes) DraftRelease(ctx context.Context, a auth.Actor, p Published) error {
	if err := auth.Can(a, auth.Announce); err != nil {
		return err
	}
	var known models.ReleaseDraft
	if err := t.db.Read(ctx).Limit(1).Find(&known, "repository_id = ? AND github_id = ?", p.RepositoryID, p.GithubID).Error; err != nil {
		return fmt.Errorf("draft release: %w", err)
	}
	row := p.row(known)
	if known.ID != "" && (known.State != models.DraftOpen || sameDraft(known, row)) {
		return nil
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		d := row
		d.UpdatedAt = t.db.Now()
		if known.ID == "" {
			d.ID, d.State, d.CreatedAt = models.NewID(models.PrefixDraft), models.DraftOpen, d.UpdatedAt
			return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&d).Error // another node was first
		}
		return tx.Model(&d).Where("state = ?", models.DraftOpen).
			Select("repository", "version", "name", "notes", "url", "named", "since", "published_at", "updated_at").Updates(&d).Error
	})
	if err != nil {
		return fmt.Errorf("draft release: %w", err)
	}
	return nil
}

// row is d as GitHub shows it now.
func (p Published) row(d models.ReleaseDraft) models.ReleaseDraft {
	d.RepositoryID, d.GithubID, d.Repository, d.Version, d.Name, d.URL = p.RepositoryID, p.GithubID, p.Repository, p.Version, p.Name, p.URL
	d.Named, d.PublishedAt, d.Since, d.Notes = models.AsJSON(p.Named), p.At.UTC(), nil, models.Text{}
	if !p.Since.IsZero() {
		d.Since = new(p.Since.UTC())
	}
	switch dedup.Language(p.Notes) {
	case "zh":
		d.Notes.ZH = p.Notes
	case "en":
		d.Notes.EN = p.Notes
	default:
		d.Notes.Any = p.Notes
	}
	return d
}

func sameDraft(a, b models.ReleaseDraft) bool {
	since := a.Since == b.Since || a.Since != nil && b.Since != nil && a.Since.Equal(*b.Since)
	return since && a.PublishedAt.Equal(b.PublishedAt) && slices.Equal(a.Named.V, b.Named.V) && a.Notes == b.Notes &&
		a.Repository == b.Repository && a.Version == b.Version && a.Name == b.Name && a.URL == b.URL
}

// WithdrawRelease takes an open draft away whose release is no longer published.
func (t *Themes) WithdrawRelease(ctx context.Context, a auth.Actor, id string) error {
	if err := auth.Can(a, auth.Announce); err != nil {
		return err
	}
	return t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Delete(&models.ReleaseDraft{}, "id = ? AND state = ?", id, models.DraftOpen).Error
	})
}

// ReleaseDraft is an open draft with the themes that it proposes.
type ReleaseDraft struct {
	models.ReleaseDraft
	Themes []DraftTheme
}

// DraftTheme is a theme that may be in a release. Named: its notes name an issue of it; else
// it has become ready since the release before, by an issue of the repository.
type DraftTheme struct {
	models.Theme
	Named bool
}

// ReleaseDrafts lists the open drafts, the latest release first. Needs auth.ReadAll.
func (t *Themes) ReleaseDrafts(ctx context.Context, a auth.Actor) ([]ReleaseDraft, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var rows []models.ReleaseDraft
	if err := t.db.Read(ctx).Order("published_at DESC, id DESC").Limit(maxDrafts).Find(&rows, "state = ?", models.DraftOpen).Error; err != nil {
		return nil, fmt.Errorf("read release drafts: %w", err)
	}
	out := make([]ReleaseDraft, 0, len(rows))
	for _, row := range rows {
		ths, err := t.proposed(ctx, a, row)
		if err != nil {
			return nil, fmt.Errorf("read release drafts: %w", err)
		}
		out = append(out, ReleaseDraft{row, ths})
	}
	return out, nil
}

// proposed are the themes that a draft's notes name, then those that are ready since the
// release before it; as both stand now, and only what may ship.
func (t *Themes) proposed(ctx context.Context, a auth.Actor, d models.ReleaseDraft) (out []DraftTheme, err error) {
	named, err := t.namedIn(ctx, d)
	if err != nil {
		return nil, err
	}
	ready, err := t.readyFor(ctx, d)
	if err != nil {
		return nil, err
	}
	live, err := t.Live(ctx, a, slices.Concat(named, ready))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, id := range slices.Concat(named, ready) {
		th, ok := live[id]
		if !ok || seen[th.ID] || whyNotShip(&th, th.ID, "") != "" {
			continue
		}
		seen[th.ID] = true
		out = append(out, DraftTheme{th, i < len(named)})
	}
	return out[:min(len(out), MaxReleaseThemes)], nil
}

// namedIn lists the themes of the linked issues that the notes name.
func (t *Themes) namedIn(ctx context.Context, d models.ReleaseDraft) (ids []string, err error) {
	numbers := map[string][]int{}
	for _, ref := range d.Named.V {
		numbers[ref.Repository] = append(numbers[ref.Repository], ref.Number)
	}
	for name, some := range numbers {
		q := t.db.Read(ctx).Model(&models.IssueLink{}).Where("issue_id <> 0 AND number IN ?", some)
		if name == "" {
			q = q.Where("repository_id = ?", d.RepositoryID)
		} else {
			q = q.Where("LOWER(repository) = ?", name)
		}
		var of []string
		if err := q.Distinct().Pluck("theme_id", &of).Error; err != nil {
			return nil, err
		}
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	return ids, nil
}

// readyFor lists the themes that became ready between the release before and this one, and
// have an issue of its repository that was completed.
func (t *Themes) readyFor(ctx context.Context, d models.ReleaseDraft) (ids []string, err error) {
	since := time.Unix(0, 0).UTC()
	if d.Since != nil {
		since = *d.Since
	}
	err = t.db.Read(ctx).Raw(`WITH RECURSIVE family (id, live) AS (
			SELECT id, id FROM themes WHERE ready_at > ? AND ready_at <= ? AND merged_into = '' AND gone_at IS NULL
			UNION SELECT h.id, f.live FROM themes h JOIN family f ON h.merged_into = f.id AND h.merged_into <> '')
		SELECT DISTINCT f.live FROM family f JOIN issue_links l ON l.theme_id = f.id
			WHERE l.repository_id = ? AND l.issue_state = 'closed' AND l.state_reason IN ('', 'completed') ORDER BY 1`,
		since, d.PublishedAt.Add(afterwards), d.RepositoryID).Scan(&ids).Error
	return ids, err
}

// DismissDraft puts an open draft aside for good. Needs auth.Announce; errors: NotFound, and
// Conflict release_draft_over for one that was shipped or dismissed before.
func (t *Themes) DismissDraft(ctx context.Context, a auth.Actor, id string) (*models.ReleaseDraft, error) {
	if err := auth.Can(a, auth.Announce); err != nil {
		return nil, err
	}
	var d models.ReleaseDraft
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		d = models.ReleaseDraft{}
		if err := t.db.Hold(tx).First(&d, "id = ?", id).Error; models.IsNotFound(err) {
			return models.Fail(models.NotFound, "release_draft_not_found")
		} else if err != nil {
			return fmt.Errorf("dismiss release draft: %w", err)
		}
		if d.State != models.DraftOpen {
			return models.Fail(models.Conflict, "release_draft_over")
		}
		return t.decideDraft(tx, a, &d, models.DraftDismissed, "")
	})
	return &d, err
}

func (t *Themes) decideDraft(tx *gorm.DB, a auth.Actor, d *models.ReleaseDraft, state models.ReleaseDraftState, release string) error {
	now := t.db.Now()
	d.State, d.ReleaseID, d.DecidedBy, d.DecidedAt, d.UpdatedAt = state, release, a.By().Name, &now, now
	return tx.Model(d).Select("state", "release_id", "decided_by", "decided_at", "updated_at").Updates(d).Error
}

// draftOver reports whether a release cannot be made from the draft any more.
func draftOver(tx *gorm.DB, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	var open int64
	err := tx.Model(&models.ReleaseDraft{}).Where("id = ? AND state = ?", id, models.DraftOpen).Count(&open).Error
	return open == 0, err
}

// useDraft notes that a release was made from the draft, in the Write that ships it.
func (t *Themes) useDraft(tx *gorm.DB, a auth.Actor, id, release string) error {
	if id == "" {
		return nil
	}
	var d models.ReleaseDraft
	err := t.db.Hold(tx).First(&d, "id = ? AND state = ?", id, models.DraftOpen).Error
	if models.IsNotFound(err) { // somebody was faster
		return models.BadField("draft", "release_draft_over")
	}
	if err != nil {
		return fmt.Errorf("ship release: %w", err)
	}
	return t.decideDraft(tx, a, &d, models.DraftUsed, release)
}

// draftAgain opens the draft of a release that was taken back, so that its texts are not
// lost; again closes it with the release that ships once more.
func (t *Themes) draftAgain(tx *gorm.DB, a auth.Actor, release string, again bool) error {
	var d models.ReleaseDraft
	res := t.db.Hold(tx).Limit(1).Find(&d, "release_id = ?", release)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	now := t.db.Now()
	if again {
		return t.decideDraft(tx, a, &d, models.DraftUsed, release)
	}
	return tx.Model(&d).Updates(map[string]any{"state": models.DraftOpen, "decided_by": "", "decided_at": nil, "updated_at": now}).Error
}
