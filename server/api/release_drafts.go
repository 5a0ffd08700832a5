package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

type releaseDraftView struct {
	ID          string           `json:"id"`
	Version     string           `json:"version" doc:"The tag without a v before its number"`
	Name        string           `json:"name" doc:"What the release is called on GitHub"`
	Notes       text             `json:"notes" doc:"Its notes, in the one language that they are written in"`
	Repository  string           `json:"repository"`
	URL         string           `json:"url"`
	PublishedAt time.Time        `json:"published_at"`
	Themes      []draftThemeView `json:"themes" doc:"What it proposes: as themes stand now, and only what may ship"`
}

type draftThemeView struct {
	themeBrief
	Why string `json:"why" enum:"named,ready" doc:"named: the notes name an issue of it; ready: GitHub has completed it since the release before"`
}

func releaseDraftOf(ctx context.Context, d *themes.ReleaseDraft) releaseDraftView {
	v := releaseDraftView{ID: d.ID, Version: d.Version, Name: d.Name, Notes: text(d.Notes), Repository: d.Repository, URL: d.URL, PublishedAt: d.PublishedAt.UTC(), Themes: []draftThemeView{}}
	for i := range d.Themes {
		why := "ready"
		if d.Themes[i].Named {
			why = "named"
		}
		v.Themes = append(v.Themes, draftThemeView{*briefIfSeen(web.Actor(ctx), &d.Themes[i].Theme), why})
	}
	return v
}

func (a *API) releaseDrafts() {
	type releaseDraftList struct {
		Drafts []releaseDraftView `json:"drafts"`
	}
	register(a, http.MethodGet, "/releases/drafts", "What came out on GitHub and waits for a person, the latest first", func(ctx context.Context, _ *struct{}) (releaseDraftList, error) {
		rows, err := a.Themes.ReleaseDrafts(ctx, web.Actor(ctx))
		out := releaseDraftList{Drafts: make([]releaseDraftView, 0, len(rows))}
		for i := range rows {
			out.Drafts = append(out.Drafts, releaseDraftOf(ctx, &rows[i]))
		}
		return out, err
	})
	type dismissDraft struct {
		Keyed
		ID string `path:"id"`
	}
	type dismissedDraft struct {
		Draft string `json:"draft"`
	}
	post(a, "/releases/drafts/{id}/dismiss", "Put a release draft aside for good", http.StatusOK, func(in *dismissDraft) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *dismissDraft) (dismissedDraft, int, error) {
			d, err := a.Themes.DismissDraft(ctx, web.Actor(ctx), in.ID)
			if err != nil {
				return dismissedDraft{}, 0, err
			}
			return dismissedDraft{d.ID}, 0, nil
		})
}
