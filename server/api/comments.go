package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// commentView is one comment below a theme. Official is staff's.
type commentView struct {
	ID       string              `json:"id" doc:"Empty for an emergency: there is no comment"`
	Theme    string              `json:"theme"`
	Text     string              `json:"text"`
	Name     string              `json:"name"`
	Official bool                `json:"official"`
	State    models.CommentState `json:"state" doc:"visible, waiting for moderation, or removed; confidential for an emergency"`
	HeldFor  string              `json:"held_for,omitempty" doc:"Why it waits: link, handle, address, secret or github (it was written on the issue)"`
	ReplyTo  string              `json:"reply_to,omitempty"`
	At       time.Time           `json:"at"`
}

func commentOf(c *models.Comment) commentView {
	held := c.HeldFor
	if c.State != models.CommentWaiting { // why it once waited is the team's
		held = ""
	}
	return commentView{ID: c.ID, Theme: c.ThemeID, Text: c.Text, Name: c.Name, Official: c.MemberID != "", State: c.State, HeldFor: held, ReplyTo: c.ReplyTo, At: c.CreatedAt}
}

// commentedView is the answer to a new comment.
type commentedView struct {
	commentView
	Redactions []redaction `json:"redactions"`
	Warnings   []redaction `json:"warnings" doc:"What was kept but looks like a recovery phrase with a slip: it waits for moderation. Ask the person to treat it as known to others"`
	Escalated  bool        `json:"escalated" doc:"An emergency: a secret was sent, assets were stolen or a weakness was reported. No comment was made; the team was alerted, and what was said is the confidential suggestion"`
	Suggestion string      `json:"suggestion,omitempty" doc:"Of an emergency: where it is kept"`
	Receipt    string      `json:"receipt,omitempty" doc:"Of an emergency: the code for its person"`
	Safety     *web.Safety `json:"safety" doc:"What the person should do now, in their language; null when it is no emergency. Tell them at once"`
}

func (a *API) commented(ctx context.Context, theme string, c intake.Commented) commentedView {
	v := commentedView{Redactions: redactions(c.Findings, models.FindingMasked), Warnings: redactions(c.Findings, models.FindingWarning), Escalated: c.Filed.Cause != "", Safety: a.Safety(ctx, c.Filed)}
	if c.Comment != nil {
		v.commentView = commentOf(c.Comment)
		return v
	}
	s := &c.Filed.Suggestion
	v.commentView = commentView{Theme: theme, Text: s.Text, State: "confidential", At: s.CreatedAt}
	v.Suggestion, v.Receipt = s.ID, s.Receipt
	return v
}

type commentList struct {
	Comments []commentView `json:"comments"`
}

type commentPage struct {
	Comments []commentView `json:"comments"`
	Next     string        `json:"next_cursor"`
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
		prepared *intake.PreparedComment
	}
	post(a, "/themes/{id}/comments", "Say something below a published theme", http.StatusCreated, func(in *say) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *say) (commentedView, int, error) {
			c, err := a.Intake.CommitComment(ctx, web.Actor(ctx), in.prepared)
			return a.commented(ctx, in.ID, c), 0, err
		},
		func(ctx context.Context, in *say) (err error) {
			in.prepared, err = a.Intake.PrepareComment(ctx, web.Actor(ctx), in.ID, intake.Comment{Text: in.Body.Text, Person: in.Body.Person.Input(), ReplyTo: in.Body.ReplyTo})
			return err
		})
	type below struct {
		ID     string `path:"id"`
		Cursor string `query:"cursor"`
		Limit  int    `query:"limit" minimum:"0" maximum:"100" doc:"Up to 100, 50 when missing"`
	}
	register(a, http.MethodGet, "/themes/{id}/comments", "What is said below a theme, and below those that went into it, newest first", func(ctx context.Context, in *below) (commentPage, error) {
		talk, err := a.Themes.Comments(ctx, web.Actor(ctx), in.ID, in.Cursor, in.Limit)
		return commentPage{commentsOf(talk.Comments).Comments, talk.Next}, err
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
