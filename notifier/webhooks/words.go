package webhooks

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// words are what a chat is told: a title, lines, and a page of the console.
type words struct {
	Title string
	Lines []string
	URL   string
	Open  string // what the link says
}

// words says a payload in the endpoint's language.
func (h *Hooks) words(locale string, p Payload) words {
	l, ok := i18n.Parse(locale)
	if !ok {
		l = i18n.EN
	}
	t := h.o.Catalog.For(l)
	d := p.Data
	w := words{Title: t.T("hook.say." + string(p.Type)), URL: d.URL, Open: t.T("hook.open")}
	if p.Type == FollowUpMessage {
		w.Title, w.Lines = d.Subject, []string{d.Channel + " · " + d.Handle, d.Text}
		return w
	}
	if th := d.Theme; th != nil {
		name := t.T("hook.theme", th.ID)
		if th.Title != nil {
			name, _ = th.Title.In(string(l))
		}
		w.Lines = append(w.Lines, name)
	}
	switch {
	case p.Type == SuggestionOutcome:
		w.Lines = append(w.Lines, t.T("hook.status", t.T("status."+d.Status)))
		w.add(strings.TrimSpace(d.Source + " " + d.ExternalID))
		w.add(d.SourceURL)
	case strings.HasPrefix(string(p.Type), "theme.") && d.To != "":
		if d.From != "" && d.From != d.To {
			w.Lines = append(w.Lines, t.T("hook.from_to", t.T("status."+d.From), t.T("status."+d.To)))
		} else {
			w.Lines = append(w.Lines, t.T("hook.status", t.T("status."+d.To)))
		}
	case p.Type == SuggestionStateChanged && d.To != "":
		w.Lines = append(w.Lines, t.T("hook.status", t.T("state."+d.To)))
	}
	if s := d.Suggestion; s != nil && s.Kind != "" {
		w.Lines = append(w.Lines, t.T("kind."+s.Kind)+" · "+s.Source)
	} else if s != nil && p.Type != SuggestionOutcome {
		w.Lines = append(w.Lines, s.ID)
	}
	if d.Reason != nil {
		reason, _ := d.Reason.In(string(l))
		w.Lines = append(w.Lines, t.T("hook.reason", reason))
	}
	if d.Version != "" {
		w.Lines = append(w.Lines, t.T("hook.version", d.Version))
	}
	if d.NextDate != nil {
		w.Lines = append(w.Lines, t.T("hook.next", t.Date(d.NextDate.UTC())))
	}
	if d.Open > 0 {
		w.Lines = append(w.Lines, t.T("hook.emergencies", d.Open))
	}
	w.add(due(t, p))
	if h.o.Product != "" {
		w.Title = h.o.Product + " · " + w.Title
	}
	return w
}

// due says when something was to be done, "" for never.
func due(t *i18n.Printer, p Payload) string {
	switch {
	case p.Data.DueAt == nil:
		return ""
	case p.Type == PromiseOverdue:
		return t.T("hook.promised", t.Date(p.Data.DueAt.UTC()))
	}
	return t.T("hook.due", t.DateTime(p.Data.DueAt.UTC())+" UTC")
}

func (w *words) add(line string) {
	if line != "" {
		w.Lines = append(w.Lines, line)
	}
}

// most is how much text the chats take in one message, in bytes: the least of their
// limits with room for the rest.
const most = 3500

// plain is the text without any markup; clean takes out what the chat would read as
// markup.
func (w words) plain(clean func(string) string) string {
	return clip(clean(strings.Join(append([]string{w.Title}, w.Lines...), "\n")), most)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// slackSafe is what Slack's rules ask for: no mention, no link but ours.
var slackSafe = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// wide takes the markup of the others out; they have no escape. A sign keeps its look.
var wide = strings.NewReplacer("<", "＜", ">", "＞", "[", "［", "]", "］", "`", "'", "*", "＊", "#", "＃", "@", "＠", "_", "＿", "~", "～", "!", "！")

// chatBody is a message in a chat's own form.
func chatBody(kind string, w words, secret string, now time.Time) ([]byte, error) {
	type m = map[string]any
	switch kind {
	case models.WebhookSlack:
		text := w.plain(slackSafe.Replace)
		title, rest, _ := strings.Cut(text, "\n")
		mark := "*" + strings.ReplaceAll(title, "*", "＊") + "*\n" + rest
		if w.URL != "" {
			mark += "\n<" + w.URL + "|" + slackSafe.Replace(w.Open) + ">"
		}
		return json.Marshal(m{"text": text, "unfurl_links": false, "blocks": []m{{"type": "section", "text": m{"type": "mrkdwn", "text": clip(mark, 2900), "verbatim": true}}}})
	case models.WebhookFeishu:
		text := w.plain(strings.NewReplacer("<", "＜", ">", "＞").Replace)
		if w.URL != "" {
			text += "\n" + w.URL
		}
		body := m{"msg_type": "text", "content": m{"text": text}}
		if secret != "" {
			at := strconv.FormatInt(now.Unix(), 10)
			body["timestamp"], body["sign"] = at, feishuSign(secret, at)
		}
		return json.Marshal(body)
	case models.WebhookWeCom:
		return json.Marshal(m{"msgtype": "markdown", "markdown": m{"content": w.markdown("\n")}})
	case models.WebhookDingTalk:
		return json.Marshal(m{"msgtype": "markdown", "markdown": m{"title": clip(wide.Replace(w.Title), 100), "text": w.markdown("\n\n")}})
	}
	return nil, errUnknownKind
}

func (w words) markdown(newline string) string {
	lines := strings.Split(w.plain(wide.Replace), "\n")
	lines[0] = "**" + lines[0] + "**"
	if w.URL != "" {
		lines = append(lines, "["+wide.Replace(w.Open)+"]("+w.URL+")")
	}
	return strings.Join(lines, newline)
}
