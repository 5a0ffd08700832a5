package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/themes"
)

// commentView is one comment below a theme. Official is staff's.
type commentView struct {
	ID       string              `json:"id"`
	Theme    string              `json:"theme"`
	Text     string              `json:"text"`
	Name     string              `json:"name"`
	Official bool                `json:"official"`
	State    models.CommentState `json:"state" doc:"visible, waiting for moderation, or removed"`
	HeldFor  string              `json:"held_for,omitempty" doc:"Why it waits: link, handle or address"`
	ReplyTo  string              `json:"reply_to,omitempty"`
	At       time.Time           `json:"at"`
}

func commentOf(c *models.Comment) commentView {
	return commentView{ID: c.ID, Theme: c.ThemeID, Text: c.Text, Name: c.Name, Official: c.MemberID != "", State: c.State, HeldFor: c.HeldFor, ReplyTo: c.ReplyTo, At: c.CreatedAt}
}

type commentList struct {
	Comments []commentView `json:"comments"`
}

func commentsOf(cs []models.Comment) commentList {
	out := commentList{Comments: make([]commentView, 0, len(cs))}
	for i := range cs {
		out.Comments = append(out.Comments, commentOf(&cs[i]))
	}
	return out
}

func (a *API) comments() {
	type say struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Text    string      `json:"text"`
			Person  *PersonBody `json:"person,omitempty" doc:"Who says it; missing: the team, or the token's own person"`
			ReplyTo string      `json:"reply_to,omitempty" doc:"The comment that it answers"`
		}
	}
	post(a, "/themes/{id}/comments", "Say something below a published theme", http.StatusCreated, func(in *say) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *say) (commentView, int, error) {
			actor, n := web.Actor(ctx), themes.NewComment{Text: in.Body.Text, ReplyTo: in.Body.ReplyTo}
			if in.Body.Person != nil {
				var err error
				if n.Person, err = a.Intake.Person(ctx, actor, *in.Body.Person.Input()); err != nil {
					return commentView{}, 0, err
				}
			}
			c, err := a.Themes.Comment(ctx, actor, in.ID, n)
			if err != nil {
				return commentView{}, 0, err
			}
			return commentOf(c), 0, nil
		})
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/themes/{id}/comments", "What is said below a theme, the oldest first", func(ctx context.Context, in *one) (commentList, error) {
		cs, err := a.Themes.Comments(ctx, web.Actor(ctx), in.ID)
		return commentsOf(cs), err
	})
	register(a, http.MethodGet, "/comments/waiting", "What waits for moderation", func(ctx context.Context, _ *struct{}) (commentList, error) {
		cs, _, err := a.Themes.WaitingComments(ctx, web.Actor(ctx))
		return commentsOf(cs), err
	})
	type settle struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Show bool `json:"show" doc:"true shows it, false removes it"`
		}
	}
	type settled struct {
		Activity string `json:"activity" doc:"Takes it back: POST /activities/{id}/undo"`
	}
	post(a, "/comments/{id}/moderation", "Show a comment or remove it", http.StatusOK, func(in *settle) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *settle) (settled, int, error) {
			act, err := a.Themes.SettleComment(ctx, web.Actor(ctx), in.ID, in.Body.Show)
			return settled{act}, 0, err
		})
}
