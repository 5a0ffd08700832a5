package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/server/web"
	"github.com/heedhq/heed/ui"
)

const (
	// sourceCapture is the source of what staff write down for a person.
	sourceCapture = "capture"
	// mostCompared is how much of a text is compared while it is written.
	mostCompared = 2000
	// recentFilings are shown with a way to take them back.
	recentFilings = 3
)

// captureChannels are where people are without an e-mail address.
var captureChannels = []string{"telegram", "wechat", "weibo", "x", "discord", "line", "whatsapp", "app_store", "google_play"}

// capture is the empty form for what a person said elsewhere.
func (c *Console) capture(ec echo.Context) error {
	q := ec.QueryParam
	return c.showCapture(ec, http.StatusOK, ui.Capture{Text: q("text"), Who: q("who"), Email: q("email"), SourceURL: q("source_url"), Errors: map[string]string{}})
}

func (c *Console) showCapture(ec echo.Context, status int, d ui.Capture) error {
	v := c.view(ec, c.Printer(ec).T("nav.capture"))
	v.Path = "/capture"
	d.Limit = files.Megabytes(c.s.Intake.FileLimits().Size)
	if d.Key == "" || status == http.StatusConflict {
		d.Key = rand.Text()
	}
	if t, ok := intake.ReadConversation(d.SourceURL); ok {
		d.Conversation = conversationName(t)
	}
	d.CanReply = auth.Can(actorOf(ec), auth.Reply) == nil
	d.Channels = []ui.Option{{Label: c.Printer(ec).T("capture.channel.none")}}
	for _, ch := range captureChannels {
		d.Channels = append(d.Channels, ui.Option{Value: ch, Label: c.Printer(ec).T("capture.channel." + ch), Selected: ch == d.Channel})
	}
	var err error
	if d.Recent, err = c.recent(ec); err != nil {
		return err
	}
	return c.Show(ec, status, v, ui.PageCapture, d)
}

func captureForm(ec echo.Context) ui.Capture {
	field := func(name string) string { return strings.TrimSpace(ec.FormValue(name)) }
	d := ui.Capture{Text: field("text"), Kind: field("kind"), SourceURL: field("source_url"), Version: field("version"), Who: field("who"),
		Email: field("email"), Name: field("name"), Channel: field("channel"), Handle: field("handle"), Locale: field("locale"), TimeZone: field("time_zone"),
		Reply: field("reply"), Same: field("same"), Key: field("key"), Errors: map[string]string{}}
	if pick := field("pick"); pick != "" {
		d.Who = pick
	}
	return d
}

// personOf is the person that a form names; nil for nobody. Who is an e-mail
// address, a handle as "telegram:@mei", or else a name.
func personOf(d *ui.Capture) *intake.PersonInput {
	p := &intake.PersonInput{Email: d.Email, Name: d.Name, Locale: d.Locale, TimeZone: d.TimeZone}
	if d.Handle != "" || d.Channel != "" {
		p.Handle = &intake.Handle{Channel: d.Channel, ID: d.Handle}
	}
	channel, id, isHandle := strings.Cut(d.Who, ":")
	switch {
	case d.Who == "" || p.Email != "" || p.Handle != nil:
	case isHandle && !strings.ContainsAny(channel, " @"):
		p.Handle = &intake.Handle{Channel: channel, ID: strings.TrimSpace(id)}
	case isEmail(d.Who):
		p.Email = d.Who
	case p.Name == "":
		p.Name = d.Who
	}
	if p.Email == "" && p.Handle == nil && p.Name == "" && p.Locale == "" && p.TimeZone == "" {
		return nil
	}
	return p
}

func isEmail(s string) bool {
	_, err := auth.NormalEmail(s)
	return err == nil
}

func submissionOf(d *ui.Capture, another bool) intake.Submission {
	s := intake.Submission{Text: d.Text, Kind: d.Kind, Source: sourceCapture, SourceURL: d.SourceURL, Version: d.Version, Person: personOf(d)}
	if t, ok := intake.ReadConversation(d.SourceURL); ok {
		s.SourceURL = t.URL
		if t.ExternalID != "" {
			s.Source, s.ExternalID = t.Source, t.ExternalID
			if another { // several asks of one conversation: each once, by its own words
				sum := sha256.Sum256([]byte(strings.Join(strings.Fields(d.Text), " ")))
				s.ExternalID += "#" + hex.EncodeToString(sum[:4])
			}
		}
	}
	return s
}

func conversationName(t intake.Conversation) string {
	if t.Name == "" || t.Number == "" {
		return t.Name
	}
	return t.Name + " #" + t.Number
}

// captured is the answer to a script that filed.
type captured struct {
	ID      string `json:"id"`
	Receipt string `json:"receipt"`
	Again   bool   `json:"again"`
	Replied bool   `json:"replied"`
	Message string `json:"message"`
	Undo    string `json:"undo,omitempty"`
	Key     string `json:"key"`
	Go      string `json:"go,omitempty"` // an emergency: the page that says what to read out now
}

// file takes the form in, or looks for what is similar without filing.
func (c *Console) file(ec echo.Context) error {
	d := captureForm(ec)
	if ec.FormValue("look") != "" {
		return c.look(ec, d)
	}
	f, err := c.fileOnce(ec, d)
	if err != nil {
		return c.refuseCapture(ec, d, err)
	}
	p := c.Printer(ec)
	f.Message, f.Key = p.T("toast.captured", f.Receipt), rand.Text()
	if f.Go != "" && !web.WantsJSON(ec.Request()) {
		return c.Back(ec, f.Go, &ui.Toast{Message: f.Message})
	}
	switch {
	case f.Replied:
		f.Message = p.T("toast.captured_answered", f.Receipt)
	case f.Again:
		f.Message = p.T("toast.captured_before", f.Receipt)
	default:
		f.Undo = "/capture/" + f.ID + "/withdraw"
	}
	if web.WantsJSON(ec.Request()) {
		return ec.JSON(http.StatusOK, f)
	}
	return c.Back(ec, "/capture", &ui.Toast{Message: f.Message})
}

// fileOnce files, with the agent's word on the theme, unless the same form was
// sent before.
func (c *Console) fileOnce(ec echo.Context, d ui.Capture) (captured, error) {
	ctx, actor := contextOf(ec), actorOf(ec)
	another := ec.FormValue("another") != ""
	key, same := d.Key, d
	if key == "" {
		key = rand.Text() // all of it or nothing, whoever sends it
	}
	key, same.Key = "capture/"+key, ""
	uploads, err := web.FormUploads(ec)
	if err != nil {
		return captured{}, err
	}
	request, err := json.Marshal([]any{same, another, uploads})
	if err != nil {
		return captured{}, err
	}
	var prepared *intake.Prepared
	var out captured
	ans, replayed, err := c.s.Intake.Once(ctx, actor, key, request, intake.Work{
		Before: func(ctx context.Context) (err error) {
			if d.Reply != "" && personOf(&d) == nil {
				return models.BadField("reply", "reply_to_nobody")
			}
			s := submissionOf(&d, another)
			s.Files = uploads
			prepared, err = c.s.Intake.Prepare(ctx, actor, s)
			return err
		},
		Do: func(ctx context.Context) (intake.Answer, error) {
			f, err := c.s.Intake.Commit(ctx, actor, prepared)
			if err != nil {
				return intake.Answer{}, err
			}
			if f.Again && strings.TrimSpace(f.Suggestion.Text) != d.Text {
				return intake.Answer{}, models.Fail(models.Conflict, "conversation_filed", f.Suggestion.ID)
			}
			if d.Same != "" && !f.Again && f.Cause == "" {
				if _, _, err := c.s.Themes.Decide(ctx, actor, f.Suggestion.ID, d.Same, true); err != nil {
					return intake.Answer{}, err
				}
			}
			if d.Reply != "" && !f.Again {
				if _, err := c.s.Intake.Reply(ctx, actor, f.Suggestion.ID, d.Reply); err != nil {
					return intake.Answer{}, inReply(err)
				}
			}
			out = captured{ID: f.Suggestion.ID, Receipt: f.Suggestion.Receipt, Again: f.Again, Replied: d.Reply != "" && !f.Again}
			if f.Cause != "" { // whoever takes the call reads out what to do now
				out.Go = "/emergencies#" + f.Suggestion.ID
			}
			b, err := json.Marshal(out)
			return intake.Answer{Status: http.StatusOK, Body: string(b)}, err
		},
	})
	if err == nil && replayed {
		err = json.Unmarshal([]byte(ans.Body), &out)
	}
	return out, err
}

// inReply says of a refused reply that it is not the suggestion's text.
func inReply(err error) error {
	if e, ok := errors.AsType[*models.Error](err); ok && e.Field == "text" {
		e.Field = "reply"
	}
	return err
}

// captureNames: the form's fields by the paths of the door.
var captureNames = map[string]string{"person/email": "email", "person/name": "name", "person": "who", "kind": "text", "same": "text",
	"person/handle/channel": "channel", "person/handle/id": "handle", "person/locale": "locale", "person/time_zone": "time_zone"}

// refuseCapture shows the form again with what is wrong; nothing of it is lost.
func (c *Console) refuseCapture(ec echo.Context, d ui.Capture, err error) error {
	ctx, p := contextOf(ec), c.Printer(ec)
	if e, ok := errors.AsType[*models.Error](err); ok && e.Code == "conversation_filed" && len(e.Args) == 1 {
		return c.filedBefore(ec, d, e.Args[0].(string))
	}
	messages, ok := c.Fields(ctx, err, captureNames)
	if models.KindOf(err) == models.TooLarge {
		messages, ok = map[string]string{files.Field: c.Message(ctx, err)}, true
	}
	if !ok && web.WantsJSON(ec.Request()) {
		return c.RefuseJSON(ec, err, nil)
	}
	if !ok {
		return err
	}
	if d.Text == "" {
		messages["text"] = p.T("capture.field.text.empty")
	}
	if m := messages["email"]; m != "" && d.Email == "" { // it was typed where anything may be
		delete(messages, "email")
		messages["who"] = m
	}
	if d.Who != "" && messages["who"] != "" && !strings.Contains(d.Who, "@") {
		messages["who"] = p.T("capture.field.who.unknown", d.Who)
	}
	if web.WantsJSON(ec.Request()) {
		return ec.JSON(http.StatusUnprocessableEntity, map[string]any{"message": p.T("form.has_errors"), "errors": messages})
	}
	d.Errors = messages
	return c.showCapture(ec, http.StatusUnprocessableEntity, d)
}

// filedBefore asks whether other words of a conversation are another ask.
func (c *Console) filedBefore(ec echo.Context, d ui.Capture, id string) error {
	f, err := c.s.Intake.Get(contextOf(ec), actorOf(ec), id)
	if err != nil {
		return err
	}
	x := filingOf(&f.Suggestion)
	if web.WantsJSON(ec.Request()) {
		return ec.JSON(http.StatusConflict, map[string]any{"another": true, "message": c.Printer(ec).T("capture.filed_before", x.Receipt, x.Title), "url": x.URL})
	}
	d.Filed = &x
	return c.showCapture(ec, http.StatusConflict, d)
}

// look shows what is similar and who is meant, for a form without a script.
func (c *Console) look(ec echo.Context, d ui.Capture) error {
	var err error
	if d.Similar, err = c.sayable(ec, d.Text, d.Locale); err != nil {
		return err
	}
	d.Similar.Same = d.Same
	if d.Who != "" {
		if d.Customers, err = c.customersLike(ec, d.Who); err != nil {
			return err
		}
	}
	return c.showCapture(ec, http.StatusOK, d)
}

// withdraw takes a filing back.
func (c *Console) withdraw(ec echo.Context) error {
	s, err := c.s.Intake.Withdraw(contextOf(ec), actorOf(ec), ec.Param("id"))
	if err != nil {
		if web.WantsJSON(ec.Request()) {
			return c.RefuseJSON(ec, err, nil)
		}
		return c.sorry(ec, "/capture", err)
	}
	return c.finish(ec, "/capture", done{Message: c.Printer(ec).T("toast.capture_withdrawn", s.Receipt)})
}
