package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// moved is the answer to a change of where suggestions stand.
type moved struct {
	Activity string       `json:"activity" doc:"Takes it back: POST /activities/{id}/undo. Empty when nothing moved"`
	Themes   []themeBrief `json:"themes"`
}

func movedTo(activity string, ths []models.Theme, actor auth.Actor) moved {
	m := moved{Activity: activity, Themes: []themeBrief{}}
	for i := range ths {
		m.Themes = append(m.Themes, *briefIfSeen(actor, &ths[i]))
	}
	return m
}

func (a *API) triage() {
	type decideSuggestion struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Same      string `json:"same,omitempty" doc:"The theme it belongs to"`
			Different string `json:"different,omitempty" doc:"A theme it does not belong to"`
		}
	}
	post(a, "/suggestions/{id}/decision", "Say whether a suggestion belongs to a theme; an agent's word is a proposal", http.StatusOK,
		func(in *decideSuggestion) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *decideSuggestion) (moved, int, error) {
			if (in.Body.Same == "") == (in.Body.Different == "") {
				return moved{}, 0, models.BadField("same", "decide_one_way")
			}
			actor := web.Actor(ctx)
			act, ths, err := a.Themes.Decide(ctx, actor, in.ID, in.Body.Same+in.Body.Different, in.Body.Same != "")
			return movedTo(act, ths, actor), 0, err
		})
	a.assigning()
	type undoActivity struct {
		Keyed
		ID   string `path:"id"`
		Body *struct{}
	}
	type undone struct {
		Activity string   `json:"activity"`
		StayOut  []string `json:"stay_out,omitempty" doc:"Suggestions that their people took out meanwhile, which stay out"`
	}
	post(a, "/activities/{id}/undo", "Take an activity back", http.StatusOK, func(in *undoActivity) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *undoActivity) (undone, int, error) {
			act, err := a.Themes.Undo(ctx, web.Actor(ctx), in.ID)
			if err != nil {
				return undone{}, 0, err
			}
			out, err := a.Themes.StayedOut(ctx, web.Actor(ctx), act)
			return undone{act, out}, 0, err
		})
	a.feed()
}

// assigning: where a suggestion stands.
func (a *API) assigning() {
	type assignSuggestion struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Theme string `json:"theme,omitempty"`
			New   *struct {
				Title string `json:"title"`
			} `json:"new,omitempty"`
			Add    []string `json:"add,omitempty"`
			Remove []string `json:"remove,omitempty"`
			Asks   []int    `json:"asks,omitempty" doc:"Where it asks for several things: into the theme of each of these, by their place from 0; [] for all of them"`
		}
	}
	post(a, "/suggestions/{id}/assign", "Put a suggestion into a theme, a new one, or several", http.StatusOK,
		func(in *assignSuggestion) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *assignSuggestion) (moved, int, error) {
			actor := web.Actor(ctx)
			if in.Body.Asks != nil {
				if in.Body.Theme != "" || in.Body.New != nil || len(in.Body.Add)+len(in.Body.Remove) > 0 {
					return moved{}, 0, models.BadField("theme", "assign_one_way")
				}
				act, ths, err := a.Themes.AssignAsks(ctx, actor, in.ID, in.Body.Asks)
				return movedTo(act, ths, actor), 0, err
			}
			as := themes.Assignment{Theme: in.Body.Theme, Add: in.Body.Add, Remove: in.Body.Remove}
			if in.Body.New != nil {
				if as.NewTitle = in.Body.New.Title; strings.TrimSpace(as.NewTitle) == "" {
					return moved{}, 0, models.BadField("new/title", "title_required")
				}
			}
			act, ths, err := a.Themes.Assign(ctx, actor, []string{in.ID}, as)
			return movedTo(act, ths, actor), 0, err
		})
}

// activityView is one entry of the change feed.
type activityView struct {
	Seq        int64         `json:"seq"`
	ID         string        `json:"id"`
	Verb       models.Verb   `json:"verb"`
	Actor      actorView     `json:"actor"`
	Theme      string        `json:"theme,omitempty"`
	Suggestion string        `json:"suggestion,omitempty"`
	UndoneBy   string        `json:"undone_by,omitempty"`
	Change     models.Change `json:"change"`
	Setting    any           `json:"setting,omitempty" doc:"Of a rule, a team or the clocks: before and after. Of a first-reply clock: team, urgency and due_at"`
	At         string        `json:"at" format:"date-time"`
}

type actorView struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

func (a *API) feed() {
	type feed struct {
		After string `query:"after" doc:"The next_cursor of the page before; empty from the beginning"`
		Theme string `query:"theme"`
		Limit int    `query:"limit"`
	}
	type activities struct {
		Activities []activityView `json:"activities"`
		Next       string         `json:"next_cursor" doc:"Where to go on, also when there is nothing new"`
	}
	register(a, http.MethodGet, "/activities", "The change feed, oldest first", func(ctx context.Context, in *feed) (activities, error) {
		var after int64
		if in.After != "" {
			n, err := strconv.ParseInt(in.After, 10, 64)
			if err != nil || n < 0 {
				return activities{}, models.BadField("after", "cursor_unreadable")
			}
			after = n
		}
		rows, err := a.Themes.Activities(ctx, web.Actor(ctx), after, in.Theme, in.Limit)
		if err != nil {
			return activities{}, err
		}
		out := activities{Activities: make([]activityView, 0, len(rows)), Next: strconv.FormatInt(after, 10)}
		for _, r := range rows {
			c, err := r.Change()
			if err != nil {
				return activities{}, err
			}
			var setting any
			if r.Verb.IsSetting() {
				setting = json.RawMessage(r.Snapshot)
			}
			out.Activities = append(out.Activities, activityView{Setting: setting, Seq: r.Seq, ID: r.ID, Verb: r.Verb, Actor: actorView{r.ActorKind, r.ActorName},
				Theme: r.ThemeID, Suggestion: r.SuggestionID, UndoneBy: r.UndoneBy, Change: c, At: r.CreatedAt.UTC().Format("2006-01-02T15:04:05.000Z")})
			out.Next = strconv.FormatInt(r.Seq, 10)
		}
		return out, nil
	})
}

// revision reads If-Match ("5" or W/"5") or the body's rev; 0 is none.
func revision(ifMatch string, rev int64) (int64, error) {
	if ifMatch == "" || ifMatch == "*" {
		return rev, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(ifMatch, "W/"), `"`), 10, 64)
	if err != nil || n <= 0 {
		return 0, models.BadField("If-Match", "revision_unreadable")
	}
	return n, nil
}
