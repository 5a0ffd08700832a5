package api

import (
	"context"
	"mime/multipart"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
)

// messageView is one thing said in a thread, or a step of the state.
type messageView struct {
	ID     string                 `json:"id"`
	Kind   string                 `json:"kind" enum:"reply,objection,state"`
	Author string                 `json:"author" enum:"staff,person,system"`
	Name   string                 `json:"name"`
	Text   string                 `json:"text"`
	Lang   string                 `json:"lang"`
	State  models.SuggestionState `json:"state,omitempty" doc:"Of kind state: the state it went to"`
	Team   string                 `json:"team,omitempty" doc:"Of kind state: the team it went to"`
	At     time.Time              `json:"at"`
}

type attachmentView struct {
	ID        string    `json:"id"`
	Message   string    `json:"message,omitempty" doc:"The message it came with; empty for the suggestion itself"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type" doc:"Told from the bytes: image/png, image/jpeg, application/pdf or text/plain"`
	Size      int       `json:"size" doc:"Bytes as stored"`
	Width     int       `json:"width,omitempty"`
	Height    int       `json:"height,omitempty"`
	Checked   bool      `json:"checked" doc:"It was searched for secrets, as only text can be"`
	Masked    int       `json:"masked" doc:"How many secrets were masked in it"`
	CreatedAt time.Time `json:"created_at"`
}

type threadView struct {
	Suggestion  string                 `json:"suggestion"`
	State       models.SuggestionState `json:"state"`
	Team        string                 `json:"team"`
	Locale      string                 `json:"locale" doc:"What the person reads: en, zh or empty"`
	Waits       bool                   `json:"waits" doc:"The last word is the person's"`
	Objects     bool                   `json:"objects" doc:"The person said: this is not what I meant"`
	Messages    []messageView          `json:"messages"`
	Attachments []attachmentView       `json:"attachments"`
}

func (a *API) thread() {
	type one struct {
		ID string `path:"id"`
	}
	register(a, http.MethodGet, "/suggestions/{id}/thread", "Read what staff and the person said", func(ctx context.Context, in *one) (threadView, error) {
		t, err := a.Intake.Thread(ctx, web.Actor(ctx), in.ID)
		return threadOf(t), err
	})
	type reply struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			Text string `json:"text" doc:"What the person is told, as it is; up to 10,000 characters"`
		}
	}
	type replied struct {
		ID         string                 `json:"id"`
		Activity   string                 `json:"activity"`
		State      models.SuggestionState `json:"state"`
		Redactions []redaction            `json:"redactions"`
	}
	post(a, "/suggestions/{id}/replies", "Write to a suggestion's person; the mail leaves at once", http.StatusCreated, func(in *reply) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *reply) (replied, int, error) {
			said, err := a.Intake.Reply(ctx, web.Actor(ctx), in.ID, in.Body.Text)
			return replied{ID: said.Message.ID, Activity: said.Message.ActivityID, State: said.State, Redactions: redactions(said.Findings)}, 0, err
		})
	type setState struct {
		Keyed
		ID   string `path:"id"`
		Body struct {
			State string `json:"state" doc:"new, answered, handed_over or closed"`
			Team  string `json:"team,omitempty" doc:"With handed_over: who answers it now"`
		}
	}
	type stepped struct {
		Activity string `json:"activity" doc:"Takes it back: POST /activities/{id}/undo. Empty when nothing changed"`
		State    string `json:"state"`
	}
	post(a, "/suggestions/{id}/state", "Take a suggestion to another state", http.StatusOK, func(in *setState) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *setState) (stepped, int, error) {
			act, err := a.Intake.SetState(ctx, web.Actor(ctx), in.ID, in.Body.State, in.Body.Team)
			return stepped{act, in.Body.State}, 0, err
		})
	a.attachments()
}

func (a *API) attachments() {
	type upload struct {
		Keyed
		ID      string `path:"id"`
		RawBody multipart.Form
		ready   intake.Ready
	}
	type uploaded struct {
		Attachments []attachmentView `json:"attachments"`
		Redactions  []redaction      `json:"redactions"`
	}
	post(a, "/suggestions/{id}/attachments", "Attach a file: PNG, JPEG, GIF, WebP, PDF or text, as the field file", http.StatusCreated, func(in *upload) *Keyed { return &in.Keyed },
		func(ctx context.Context, in *upload) (uploaded, int, error) {
			out := uploaded{Attachments: []attachmentView{}, Redactions: []redaction{}}
			attached, err := a.Intake.Attach(ctx, web.Actor(ctx), in.ID, "", in.ready)
			for _, at := range attached {
				out.Attachments = append(out.Attachments, attachmentOf(at.Attachment))
				out.Redactions = append(out.Redactions, redactions(at.Findings)...)
			}
			return out, 0, err
		},
		func(ctx context.Context, in *upload) (err error) {
			if err := auth.Can(web.Actor(ctx), auth.OnBehalf); err != nil { // before anything is decoded
				return err
			}
			uploads, err := web.Uploads(&in.RawBody)
			if err != nil {
				return err
			}
			if len(uploads) == 0 {
				return models.BadField(files.Field, "file_required")
			}
			in.ready, err = a.Intake.Ready(uploads)
			return err
		})
	type one struct {
		ID         string `path:"id"`
		Attachment string `path:"attachment"`
	}
	type file struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Policy      string `header:"Content-Security-Policy"`
		Cache       string `header:"Cache-Control"`
		Body        []byte
	}
	huma.Register(a.huma, operation(http.MethodGet, "/suggestions/{id}/attachments/{attachment}", "Read an attachment's bytes", http.StatusOK), func(ctx context.Context, in *one) (*file, error) {
		row, body, err := a.Intake.Attachment(ctx, web.Actor(ctx), in.Attachment)
		if err == nil && row.SuggestionID != in.ID {
			err = models.Fail(models.NotFound, "attachment_not_found")
		}
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &file{web.FileType(row), web.FileDisposition(row), web.FilePolicy, web.FileCache, body}, nil
	})
}

func threadOf(t intake.Thread) threadView {
	v := threadView{Suggestion: t.Suggestion.ID, State: t.Suggestion.State, Team: t.Suggestion.Team, Waits: t.Waits, Objects: t.Objects, Messages: []messageView{}, Attachments: []attachmentView{}}
	if t.Person != nil {
		v.Locale = t.Person.Locale
	}
	for _, m := range t.Messages {
		v.Messages = append(v.Messages, messageView{ID: m.ID, Kind: m.Kind, Author: m.Author, Name: m.ActorName, Text: m.Text, Lang: m.Lang, At: m.CreatedAt.UTC()})
	}
	for _, s := range t.Steps {
		v.Messages = append(v.Messages, messageView{ID: s.ID, Kind: "state", Author: models.AuthorSystem, Name: s.Activity.ActorName, State: s.To, Team: s.Team, At: s.CreatedAt.UTC()})
	}
	slices.SortStableFunc(v.Messages, func(a, b messageView) int { return a.At.Compare(b.At) })
	for _, at := range t.Attachments {
		v.Attachments = append(v.Attachments, attachmentOf(at))
	}
	return v
}

func attachmentOf(a models.Attachment) attachmentView {
	return attachmentView{ID: a.ID, Message: a.MessageID, Name: a.Name, MediaType: a.MediaType, Size: a.Size, Width: a.Width, Height: a.Height, Checked: a.Checked, Masked: a.Masked, CreatedAt: a.CreatedAt.UTC()}
}
