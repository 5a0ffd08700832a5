package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// UpdateWritten is an update that was written, or would be; its id is empty then.
type UpdateWritten struct {
	Update   models.ThemeUpdate
	Audience notifier.Preview
}

// Shipped is a release that was shipped, or would be; its id is empty then.
type Shipped struct {
	Release  models.Release
	Themes   []models.Theme
	Audience notifier.Preview
}

// SolvedPage is what a link of a mail is about that asks whether what shipped solves
// it. Over: it was opened again, or taken back. Answer is nil until they gave one;
// Danger is the emergency that they answered with, its Cause "" for none; Found is what
// was found in what they said just now. Again: they had answered before, and that answer
// stands; More: what they said besides is kept.
type SolvedPage struct {
	Person auth.Actor
	Theme  *models.Theme
	Over   bool
	Answer *models.SolvedAnswer
	Danger intake.Filed
	Found  []models.Finding
	Again  bool
	More   bool
}

type updateView struct {
	ID       string     `json:"id"`
	Theme    string     `json:"theme"`
	Text     text       `json:"text"`
	By       string     `json:"by"`
	Activity string     `json:"activity" doc:"Takes it back: POST /activities/{id}/undo"`
	At       *time.Time `json:"at,omitempty" doc:"Missing in a dry run"`
}

func updateOf(u *models.ThemeUpdate) updateView {
	return updateView{ID: u.ID, Theme: u.ThemeID, Text: text(u.Text), By: u.ActorName, Activity: u.ActivityID, At: given(u.CreatedAt)}
}

// given is a time that there is, nil for none.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// told: what people hear besides a status.
func (a *API) told() {
	a.updates()
	a.releases()
	a.releaseList()
	a.releaseDrafts()
	a.comments()
	a.solved()
}

func (a *API) updates() {
	type writeUpdate struct {
		Keyed
		ID     string `path:"id"`
		DryRun bool   `query:"dry_run" doc:"true only says what would happen"`
		Body   struct {
			Text   text  `json:"text" doc:"How it goes, for the public, up to 4,000 characters"`
			Notify *bool `json:"notify,omitempty" doc:"false tells nobody"`
		}
		would UpdateWritten
	}
	type written struct {
		updateView
		FollowUps audience `json:"follow_ups"`
	}
	update := func(in *writeUpdate) themes.Update {
		return themes.Update{Text: models.Text(in.Body.Text), Notify: in.Body.Notify == nil || *in.Body.Notify}
	}
	post(a, "/themes/{id}/updates", "Write how it goes with a theme and tell its people", http.StatusCreated, func(in *writeUpdate) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *writeUpdate) (written, int, error) {
			if in.DryRun {
				return written{updateOf(&in.would.Update), audienceOf(in.would.Audience)}, http.StatusOK, nil
			}
			u, err := a.Themes.WriteUpdate(ctx, web.Actor(ctx), in.ID, update(in))
			if err != nil {
				return written{}, 0, err
			}
			return written{updateOf(u), audienceOf(in.would.Audience)}, 0, nil
		},
		func(ctx context.Context, in *writeUpdate) (err error) {
			in.would, err = a.WriteUpdate(ctx, web.Actor(ctx), in.ID, update(in), true)
			return err
		})
	type one struct {
		ID string `path:"id"`
	}
	type list struct {
		Updates []updateView `json:"updates"`
	}
	register(a, http.MethodGet, "/themes/{id}/updates", "What was written about a theme, newest first", func(ctx context.Context, in *one) (list, error) {
		ups, err := a.Themes.Updates(ctx, web.Actor(ctx), in.ID)
		out := list{Updates: make([]updateView, 0, len(ups))}
		for i := range ups {
			out.Updates = append(out.Updates, updateOf(&ups[i]))
		}
		return out, err
	})
}

type releaseView struct {
	ID       string       `json:"id"`
	Version  string       `json:"version"`
	Product  string       `json:"product"`
	Notes    text         `json:"notes"`
	Themes   []themeBrief `json:"themes"`
	By       string       `json:"by"`
	Activity string       `json:"activity" doc:"Takes all of it back: POST /activities/{id}/undo"`
	At       *time.Time   `json:"at,omitempty" doc:"Missing in a dry run"`
}

func releaseOf(ctx context.Context, r *models.Release, ths []models.Theme) releaseView {
	v := releaseView{ID: r.ID, Version: r.Version, Product: r.Product, Notes: text(r.Notes), Themes: []themeBrief{}, By: r.ActorName, Activity: r.ActivityID, At: given(r.CreatedAt)}
	for i := range ths {
		v.Themes = append(v.Themes, *briefIfSeen(web.Actor(ctx), &ths[i]))
	}
	return v
}

func (a *API) releases() {
	type ship struct {
		Keyed
		DryRun bool `query:"dry_run" doc:"true only says what would happen"`
		Body   struct {
			Version string   `json:"version"`
			Product string   `json:"product,omitempty"`
			Themes  []string `json:"themes" doc:"What ships with it: all of them or none"`
			Notes   *text    `json:"notes,omitempty" doc:"Release notes for the public, up to 10,000 characters"`
			Notify  *bool    `json:"notify,omitempty" doc:"false tells nobody"`
			Draft   string   `json:"draft,omitempty" doc:"The release draft that it is made from: used up with it"`
			DryRun  bool     `json:"dry_run,omitempty" doc:"As the parameter"`
		}
		would Shipped
	}
	type shipped struct {
		releaseView
		FollowUps audience `json:"follow_ups"`
	}
	release := func(in *ship) themes.Release {
		r := themes.Release{Version: in.Body.Version, Product: in.Body.Product, Themes: in.Body.Themes, Notify: in.Body.Notify == nil || *in.Body.Notify, Draft: in.Body.Draft}
		if in.Body.Notes != nil {
			r.Notes = *in.Body.Notes.model()
		}
		return r
	}
	post(a, "/releases", "Ship themes with a version, and tell their people in one mail each", http.StatusCreated, func(in *ship) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *ship) (shipped, int, error) {
			w := in.would
			if in.DryRun || in.Body.DryRun {
				return shipped{releaseOf(ctx, &w.Release, w.Themes), audienceOf(w.Audience)}, http.StatusOK, nil
			}
			r, err := a.Themes.ShipRelease(ctx, web.Actor(ctx), release(in))
			if err != nil {
				return shipped{}, 0, err
			}
			for i := range w.Themes {
				w.Themes[i].Status = models.StatusShipped
			}
			return shipped{releaseOf(ctx, r, w.Themes), audienceOf(w.Audience)}, 0, nil
		},
		func(ctx context.Context, in *ship) (err error) {
			in.would, err = a.Ship(ctx, web.Actor(ctx), release(in), true)
			return err
		})
}

func (a *API) releaseList() {
	type list struct {
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type releases struct {
		Releases []releaseView `json:"releases"`
		Next     string        `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/releases", "What was shipped, newest first", func(ctx context.Context, in *list) (releases, error) {
		rows, next, err := a.Themes.Releases(ctx, web.Actor(ctx), in.Cursor, in.Limit)
		out := releases{Releases: make([]releaseView, 0, len(rows)), Next: next}
		for i := range rows {
			out.Releases = append(out.Releases, releaseOf(ctx, &rows[i].Release, rows[i].Themes))
		}
		return out, err
	})
}
