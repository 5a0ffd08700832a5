package themes_test

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// drafted keeps a release of repository 7 as a draft and returns it.
func (h *house) drafted(version string) themes.ReleaseDraft {
	h.t.Helper()
	p := themes.Published{RepositoryID: 7, GithubID: int64(len(h.drafts()) + 1), Repository: "acme/web", Version: version, Notes: "It exports fast now.", At: h.db.Now()}
	if err := h.th.DraftRelease(ctx, auth.GitHub(), p); err != nil {
		h.t.Fatal(err)
	}
	for _, d := range h.drafts() {
		if d.Version == version {
			return d
		}
	}
	h.t.Fatalf("no draft of %s", version)
	return themes.ReleaseDraft{}
}

func (h *house) drafts() []themes.ReleaseDraft {
	h.t.Helper()
	all, err := h.th.ReleaseDrafts(ctx, pm)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func (h *house) write(do func(tx *gorm.DB) error) {
	h.t.Helper()
	if err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return do(tx) }); err != nil {
		h.t.Fatal(err)
	}
}

// A draft is used up by the release that ships from it, in the same moment or not at all; one
// that is over ships nothing, and a release that is taken back gives its draft back.
func TestADraftShipsOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.planned("a"), h.planned("b")
		d := h.drafted("2.4.0")
		_, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: d.Version, Themes: []string{a, "thm_none"}, Draft: d.ID})
		wantCode(t, err, "theme_unknown", "themes/1")
		if len(h.drafts()) != 1 {
			t.Fatal("a release that did not ship used the draft")
		}
		rel, err := h.th.ShipRelease(ctx, pm, themes.Release{Version: d.Version, Themes: []string{a}, Notes: d.Notes, Draft: d.ID})
		if err != nil || len(h.drafts()) != 0 {
			t.Fatal(err, h.drafts())
		}
		again := themes.Release{Version: "2.4.1", Themes: []string{b}, Draft: d.ID}
		_, err = h.th.ShipRelease(ctx, pm, again)
		wantCode(t, err, "release_draft_over", "draft")
		_, err = h.th.TryRelease(ctx, pm, &again)
		wantCode(t, err, "release_draft_over", "draft")
		if th, err := h.th.Get(ctx, pm, b); err != nil || th.Status != models.StatusPlanned {
			t.Error(th, err)
		}
		back, err := h.th.Undo(ctx, pm, rel.ActivityID)
		if now := h.drafts(); err != nil || len(now) != 1 || now[0].ID != d.ID || now[0].DecidedBy != "" {
			t.Fatal(err, now)
		}
		h.sound()
		if _, err = h.th.Undo(ctx, pm, back); err != nil || len(h.drafts()) != 0 {
			t.Error(err, h.drafts())
		}
		h.sound()
	})
}

func TestWhoDecidesADraft(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drafted("3")
		support := auth.Actor{Kind: models.ActorMember, ID: "mem_9", Name: "Sue", Role: models.RoleSupport}
		_, err := h.th.DismissDraft(ctx, support, d.ID)
		wantCode(t, err, "not_allowed", "")
		_, err = h.th.ReleaseDrafts(ctx, auth.Actor{})
		wantCode(t, err, "sign_in_first", "")
		_, err = h.th.DismissDraft(ctx, pm, "rdr_none")
		wantCode(t, err, "release_draft_not_found", "")
		if _, err := h.th.DismissDraft(ctx, pm, d.ID); err != nil || len(h.drafts()) != 0 {
			t.Fatal(err)
		}
		_, err = h.th.DismissDraft(ctx, pm, d.ID)
		wantCode(t, err, "release_draft_over", "")
		_, err = h.th.ShipRelease(ctx, pm, themes.Release{Version: "3", Themes: []string{h.planned("x")}, Draft: d.ID})
		wantCode(t, err, "release_draft_over", "draft")
	})
}

// What became ready long after a release, or before the one before it, was not brought by it;
// what was merged away is proposed as what it went into.
func TestWhatADraftProposes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		now := h.db.Now()
		tie := func(theme string, repository int64, name string, number int, reason string) {
			h.write(func(tx *gorm.DB) error {
				return tx.Create(&models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: theme, Repository: name, RepositoryID: repository, IssueID: repository*1000 + int64(number),
					Number: number, State: models.LinkLinked, IssueState: "closed", StateReason: reason, CreatedAt: now, UpdatedAt: now}).Error
			})
		}
		ready := func(title string, at time.Time, repository int64, number int, reason string) string {
			id := h.planned(title)
			h.write(func(tx *gorm.DB) error { return tx.Exec("UPDATE themes SET ready_at = ? WHERE id = ?", at, id).Error })
			tie(id, repository, "acme/web", number, reason)
			return id
		}
		inTime := ready("in time", now.Add(-time.Hour), 7, 1, "completed")
		ready("for the one before", now.Add(-72*time.Hour), 7, 2, "")
		ready("after it", now.Add(2*time.Hour), 7, 3, "")
		ready("elsewhere", now.Add(-time.Hour), 8, 4, "")
		ready("not done", now.Add(-time.Hour), 7, 5, "not_planned")
		gone, into, out := h.planned("gone"), h.planned("into"), h.planned("out")
		tie(gone, 9, "Acme/API", 6, "completed")
		tie(out, 7, "acme/web", 7, "completed")
		if _, _, err := h.th.Merge(ctx, pm, gone, into); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.th.SetStatus(ctx, pm, out, themes.StatusChange{Status: models.StatusShipped}); err != nil {
			t.Fatal(err)
		}
		err := h.th.DraftRelease(ctx, auth.GitHub(), themes.Published{RepositoryID: 7, GithubID: 1, Repository: "acme/web", Version: "5", At: now, Since: now.Add(-24 * time.Hour),
			Named: []models.IssueRef{{Repository: "acme/api", Number: 6}, {Number: 7}, {Number: 99}}})
		if err != nil {
			t.Fatal(err)
		}
		d := h.drafts()[0]
		if len(d.Themes) != 2 || d.Themes[0].ID != into || !d.Themes[0].Named || d.Themes[1].ID != inTime || d.Themes[1].Named {
			t.Errorf("it proposes %+v", d.Themes)
		}
	})
}
