package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// statusBody is what POST /themes/{id}/status takes.
type statusBody struct {
	Status      models.Status `json:"status" doc:"under_review, planned, in_progress, shipped, declined or postponed"`
	Reason      text          `json:"reason,omitempty" doc:"Public; required to decline or postpone"`
	PromiseDate *date         `json:"promise_date,omitempty" doc:"When people will hear next"`
	Version     string        `json:"version,omitempty"`
	Notify      *bool         `json:"notify,omitempty" doc:"false keeps it quiet; true when missing"`
}

func (b statusBody) change() themes.StatusChange {
	c := themes.StatusChange{Status: b.Status, Reason: models.Text(b.Reason), Version: b.Version, Notify: b.Notify == nil || *b.Notify}
	if b.PromiseDate != nil {
		c.PromiseDate = (*themes.Date)(b.PromiseDate)
	}
	return c
}

// announced is the answer to a status.
type announced struct {
	Activity  string     `json:"activity" doc:"Takes it back; empty in a dry run"`
	Theme     themeBrief `json:"theme"`
	FollowUps audience   `json:"follow_ups"`
	Mails     []mailView `json:"mails,omitempty" doc:"Of a dry run: the very mail, in each language that somebody reads it in"`
}

// audience says who hears of a change.
type audience struct {
	People          int            `json:"people"`
	Mails           int            `json:"mails"`
	Skipped         []skipped      `json:"skipped"`
	ByLocale        map[string]int `json:"by_locale"`
	LackingLanguage int            `json:"lacking_language" doc:"Readers who get the text in another language than theirs"`
	Channels        map[string]int `json:"channels" doc:"Who has no address for mail and is told through the webhook of their channel, by its name; in skipped as channel"`
	ByHand          int            `json:"by_hand" doc:"Who has neither and stands on the list to tell by hand; in skipped as no_channel"`
	Receipts        int            `json:"receipts" doc:"Suggestions without a person, up to 10,000: who sent them looks the answer up by their receipt; not in people"`
	CountedAt       time.Time      `json:"counted_at" doc:"When they were counted: within the hour where more than 5,000 follow the theme, just now otherwise and for a dry run"`
}

type skipped struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

func audienceOf(p notifier.Preview) audience {
	v := audience{People: p.People, Mails: p.Mails, Skipped: []skipped{}, ByLocale: map[string]int{}, LackingLanguage: p.LackingLanguage, CountedAt: p.CountedAt,
		Channels: map[string]int{}, ByHand: p.ByHand, Receipts: p.Receipts}
	for channel, n := range p.Channels {
		v.Channels[channel] = n
	}
	for _, s := range p.Skipped {
		v.Skipped = append(v.Skipped, skipped{s.Reason, s.Count})
	}
	for l, n := range p.ByLocale {
		v.ByLocale[l] = n
	}
	return v
}

func (a *API) decisions() {
	type giveStatus struct {
		Keyed
		ID     string `path:"id"`
		DryRun bool   `query:"dry_run" doc:"true only says what would happen"`
		Body   statusBody
		would  Announced
	}
	post(a, "/themes/{id}/status", "Give a theme a status and tell its people", http.StatusOK, func(in *giveStatus) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *giveStatus) (announced, int, error) {
			actor, r := web.Actor(ctx), in.would
			if !in.DryRun {
				var err error
				if r.Activity, r.Theme, err = a.Themes.SetStatus(ctx, actor, in.would.Theme.ID, in.Body.change()); err != nil {
					return announced{}, 0, err
				}
			}
			out := announced{Activity: r.Activity, Theme: *briefIfSeen(actor, r.Theme), FollowUps: audienceOf(r.Audience)}
			var err error
			if in.DryRun {
				out.Mails, err = a.mailsOf(ctx, actor, r)
			}
			return out, 0, err
		},
		func(ctx context.Context, in *giveStatus) (err error) {
			in.would, err = a.Consider(ctx, web.Actor(ctx), in.ID, in.Body.change(), in.DryRun)
			return err
		})
	a.reshaping()
}

// reshaping: what a theme is, as opposed to what is said of it.
func (a *API) reshaping() {
	type confirmTheme struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			PublicTitle text  `json:"public_title"`
			Public      *bool `json:"public,omitempty" doc:"true publishes it"`
		}
	}
	post(a, "/themes/{id}/confirm", "Turn a candidate into a theme, with a title fit for the public", http.StatusOK, func(in *confirmTheme) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *confirmTheme) (changed, int, error) {
			th, act, err := a.Themes.Confirm(ctx, web.Actor(ctx), in.ID, models.Text(in.Body.PublicTitle), in.Body.Public)
			return a.changed(ctx, act, th, err)
		})
	type mergeTheme struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Into   string `json:"into" doc:"The theme that stays"`
			Notify bool   `json:"notify,omitempty" doc:"true tells who stood behind the theme that goes; nobody is told when missing"`
		}
	}
	post(a, "/themes/{id}/merge", "Move everything of a theme into another", http.StatusOK, func(in *mergeTheme) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *mergeTheme) (changed, int, error) {
			act, th, err := a.Themes.MergeTold(ctx, web.Actor(ctx), in.ID, in.Body.Into, in.Body.Notify)
			return a.changed(ctx, act, th, err)
		})
	type splitTheme struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Suggestions []string `json:"suggestions"`
			Title       string   `json:"title"`
		}
	}
	post(a, "/themes/{id}/split", "Move some suggestions of a theme into a new one", http.StatusOK, func(in *splitTheme) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *splitTheme) (changed, int, error) {
			act, th, err := a.Themes.Split(ctx, web.Actor(ctx), in.ID, in.Body.Suggestions, in.Body.Title)
			return a.changed(ctx, act, th, err)
		})
}

func (a *API) changed(ctx context.Context, act string, th *models.Theme, err error) (changed, int, error) {
	if err != nil {
		return changed{}, 0, err
	}
	return changed{Activity: act, Theme: *briefIfSeen(web.Actor(ctx), th)}, 0, nil
}
