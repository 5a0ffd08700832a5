package api

import (
	"context"
	"net/http"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// ThemeBody is what POST and PATCH take; missing parts stay as they are.
type ThemeBody struct {
	Title       *string `json:"title,omitempty" doc:"The team's own, up to 200 characters"`
	PublicTitle *text   `json:"public_title,omitempty"`
	PublicText  *text   `json:"public_text,omitempty"`
	Public      *bool   `json:"public,omitempty"`
	Product     *string `json:"product,omitempty"`
	Target      *string `json:"target,omitempty" doc:"What it is planned for, such as 2.4 or Q1 2027: public, one line, up to 100 characters; empty for nothing"`
	PromiseDate *date   `json:"promise_date,omitempty"`
}

func (b ThemeBody) draft() themes.Draft {
	d := themes.Draft{Title: b.Title, Public: b.Public, Product: b.Product, Target: b.Target}
	if b.PublicTitle != nil {
		d.PublicTitle = b.PublicTitle.model()
	}
	if b.PublicText != nil {
		d.PublicText = b.PublicText.model()
	}
	if b.PromiseDate != nil {
		d.PromiseDate = (*themes.Date)(b.PromiseDate)
	}
	return d
}

// changed is the answer to a change of one theme.
type changed struct {
	Activity string     `json:"activity" doc:"Takes it back: POST /activities/{id}/undo"`
	Theme    themeBrief `json:"theme"`
}

func (a *API) themes() {
	type listThemes struct {
		Status string `query:"status"`
		Query  string `query:"q"`
		Sort   string `query:"sort" doc:"people (default), new or updated"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" doc:"Up to 100, 50 when missing"`
	}
	type themesPage struct {
		Themes []themeView `json:"themes"`
		Next   string      `json:"next_cursor"`
	}
	register(a, http.MethodGet, "/themes", "List themes", func(ctx context.Context, in *listThemes) (themesPage, error) {
		actor := web.Actor(ctx)
		rows, next, err := a.Themes.List(ctx, actor, themes.Filter{Status: models.Status(in.Status), Query: in.Query, Sort: in.Sort, Cursor: in.Cursor, Limit: in.Limit})
		out := themesPage{Themes: make([]themeView, 0, len(rows)), Next: next}
		for i := range rows {
			out.Themes = append(out.Themes, themeOf(actor, &rows[i]))
		}
		return out, err
	})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/themes/{id}", "Read a theme; a merged one leads to where it went", func(ctx context.Context, in *one) (themeView, error) {
		th, err := a.Themes.Get(ctx, web.Actor(ctx), in.ID)
		if err != nil {
			return themeView{}, err
		}
		return themeOf(web.Actor(ctx), th), nil
	})
	a.themeWrites()
	a.votes()
}

func (a *API) themeWrites() {
	type createTheme struct {
		Keyed
		Body ThemeBody
	}
	post(a, "/themes", "Make a theme by hand; it is a candidate until confirmed", http.StatusCreated, func(in *createTheme) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *createTheme) (themeView, int, error) {
			th, err := a.Themes.Create(ctx, web.Actor(ctx), in.Body.draft())
			if err != nil {
				return themeView{}, 0, err
			}
			return themeOf(web.Actor(ctx), th), 0, nil
		})
	type editTheme struct {
		ID      string `path:"id"`
		IfMatch string `header:"If-Match" doc:"The revision that was seen"`
		Body    struct {
			ThemeBody
			Rev int64 `json:"rev,omitempty" doc:"The revision that was seen; or If-Match"`
		}
	}
	register(a, http.MethodPatch, "/themes/{id}", "Change what a theme is called and what is published", func(ctx context.Context, in *editTheme) (themeView, error) {
		rev, err := revision(in.IfMatch, in.Body.Rev)
		if err != nil {
			return themeView{}, err
		}
		th, _, err := a.Themes.Edit(ctx, web.Actor(ctx), in.ID, rev, in.Body.draft())
		if err != nil {
			return themeView{}, err
		}
		return themeOf(web.Actor(ctx), th), nil
	})
}

func (a *API) votes() {
	type vote struct {
		Keyed
		ID   string `path:"id"`
		Body *struct {
			Person *PersonBody `json:"person,omitempty" doc:"Missing: the caller"`
		}
	}
	type voted struct {
		Theme  string `json:"theme"`
		People int    `json:"people"`
	}
	person := func(ctx context.Context, actor auth.Actor, p *PersonBody) (string, error) {
		if p == nil {
			return actor.PersonID, nil
		}
		return a.Intake.Person(ctx, actor, *p.Input())
	}
	cast := func(ctx context.Context, in *vote, do func(context.Context, auth.Actor, string, string) (*models.Theme, error)) (voted, error) {
		actor := web.Actor(ctx)
		var p *PersonBody
		if in.Body != nil {
			p = in.Body.Person
		}
		id, err := person(ctx, actor, p)
		if err != nil {
			return voted{}, err
		}
		th, err := do(ctx, actor, in.ID, id)
		if err != nil {
			return voted{}, err
		}
		return voted{th.ID, th.PeopleCount}, nil
	}
	post(a, "/themes/{id}/votes", "Stand behind a theme", http.StatusOK, func(in *vote) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *vote) (voted, int, error) {
			v, err := cast(ctx, in, a.Themes.Vote)
			return v, 0, err
		})
	register(a, http.MethodDelete, "/themes/{id}/votes", "Take a vote back", func(ctx context.Context, in *vote) (voted, error) {
		return cast(ctx, in, a.Themes.Unvote)
	})
}
