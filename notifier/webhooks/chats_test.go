package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
)

// chatServer checks a request as the service documents it and answers in its way.
func chatServer(t *testing.T, kind, secret string, now func() time.Time) func(http.ResponseWriter, got) {
	return func(w http.ResponseWriter, g got) {
		var b struct {
			Timestamp, Sign string
			MsgType         string `json:"msg_type"`
			Msgtype         string `json:"msgtype"`
			Content         struct{ Text string }
			Markdown        struct{ Content, Title, Text string }
			Text            string
			Blocks          []struct {
				Type string
				Text struct{ Type, Text string }
			}
		}
		if err := json.Unmarshal(g.body, &b); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		mac := func(key, text string) string {
			m := hmac.New(sha256.New, []byte(key))
			m.Write([]byte(text))
			return base64.StdEncoding.EncodeToString(m.Sum(nil))
		}
		answer := func(ok bool, yes, no string) {
			if ok {
				_, _ = w.Write([]byte(yes))
				return
			}
			_, _ = w.Write([]byte(no))
		}
		switch kind {
		case models.WebhookSlack:
			ok := b.Text != "" && len(b.Blocks) == 1 && b.Blocks[0].Type == "section" && b.Blocks[0].Text.Type == "mrkdwn" && len(b.Blocks[0].Text.Text) <= 3000
			if !ok {
				w.WriteHeader(http.StatusBadRequest)
			}
			answer(ok, "ok", "invalid_payload")
		case models.WebhookFeishu:
			at, _ := strconv.ParseInt(b.Timestamp, 10, 64)
			ok := b.Sign == mac(b.Timestamp+"\n"+secret, "") && at == now().Unix() && b.MsgType == "text" && b.Content.Text != ""
			answer(ok, `{"code":0,"msg":"success","data":{}}`, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`)
		case models.WebhookWeCom:
			ok := b.Msgtype == "markdown" && b.Markdown.Content != "" && len(b.Markdown.Content) <= 4096
			answer(ok, `{"errcode":0,"errmsg":"ok"}`, `{"errcode":40008,"errmsg":"invalid message type"}`)
		case models.WebhookDingTalk:
			q, _ := url.ParseQuery(g.query)
			at, _ := strconv.ParseInt(q.Get("timestamp"), 10, 64)
			ok := q.Get("sign") == mac(secret, q.Get("timestamp")+"\n"+secret) && at == now().UnixMilli() && q.Get("access_token") == "abc" && b.Markdown.Title != "" && b.Markdown.Text != ""
			answer(ok, `{"errcode":0,"errmsg":"ok"}`, `{"errcode":310000,"errmsg":"sign not match"}`)
		}
	}
}

func TestEachChatIsSpokenToInItsOwnWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		servers := map[string]*receiver{}
		for i, kind := range []string{models.WebhookSlack, models.WebhookFeishu, models.WebhookWeCom, models.WebhookDingTalk} {
			secret := ""
			if kind == models.WebhookFeishu || kind == models.WebhookDingTalk {
				secret = "SEC" + kind
			}
			r := receive(t, chatServer(t, kind, secret, h.clock.Now))
			servers[kind] = r
			h.endpoint(r.URL+"/robot/send?access_token=abc", func(p *Patch) { p.Kind, p.Secret, p.Locale = new(kind), new(secret), new([]string{"en", "zh"}[i%2]) }, ThemeStatusChanged)
		}
		th := h.theme(models.Text{EN: "Exports <!channel> @all [x](http://evil.example) *bold*", ZH: "导出更快 <at user_id=\"all\">所有人</at>"})
		h.start()
		h.give(th, models.StatusDeclined, "Too costly")
		h.until("all took it", func() bool { return h.count("webhook_messages", "state = 'sent'") == 4 })
		for kind, r := range servers {
			body := string(r.got()[0].body)
			for _, not := range []string{"<!channel>", `<at `, "](http://evil", "our own words"} {
				if strings.Contains(body, not) && (kind != models.WebhookSlack || not != "](http://evil") { // no link to Slack
					t.Errorf("%s: %q in %s", kind, not, body)
				}
			}
			want := map[bool]string{true: "暂不采纳", false: "Declined"}[kind == models.WebhookFeishu || kind == models.WebhookDingTalk]
			if !strings.Contains(body, want) || !strings.Contains(body, "Too costly") || !strings.Contains(body, "/themes/"+th) {
				t.Errorf("%s lacks what happened (%s): %s", kind, want, body)
			}
		}
	})
}

// Chats answer 200 to what they refuse.
func TestAChatsRefusalIsNoSuccess(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{models.WebhookFeishu, `{"code":0}`, OutcomeTaken}, {models.WebhookFeishu, `{"StatusCode":0,"StatusMessage":"success"}`, OutcomeTaken},
		{models.WebhookFeishu, `{"code":19021,"msg":"sign match fail"}`, OutcomeFailed}, {models.WebhookFeishu, `{"code":19024,"msg":"Key Words Not Found"}`, OutcomeFailed},
		{models.WebhookFeishu, `{"code":11232,"msg":"frequency limited"}`, OutcomeLater}, {models.WebhookFeishu, `{"code":9499}`, OutcomeLater},
		{models.WebhookWeCom, `{"errcode":0}`, OutcomeTaken}, {models.WebhookWeCom, `{"errcode":93000}`, OutcomeFailed}, {models.WebhookWeCom, `{"errcode":45009}`, OutcomeLater},
		{models.WebhookDingTalk, `{"errcode":0}`, OutcomeTaken}, {models.WebhookDingTalk, `{"errcode":310000}`, OutcomeFailed}, {models.WebhookDingTalk, `{"errcode":130101}`, OutcomeLater},
		{models.WebhookFeishu, `<html>`, OutcomeFailed}, {models.WebhookWeCom, `{}`, OutcomeFailed}, {models.WebhookDingTalk, ``, OutcomeFailed},
		{models.WebhookSlack, `ok`, OutcomeTaken}, {models.WebhookStandard, ``, OutcomeTaken},
	} {
		r := verdict(c.kind, []byte(c.body), result{outcome: OutcomeTaken, status: 200})
		if r.outcome != c.want {
			t.Errorf("%s %s: %s, want %s", c.kind, c.body, r.outcome, c.want)
		}
		if r.outcome == OutcomeLater && r.after < restAfter {
			t.Errorf("%s %s: after %v", c.kind, c.body, r.after)
		}
	}
}

func FuzzVerdict(f *testing.F) {
	f.Add("feishu", []byte(`{"code":0}`))
	f.Add("dingtalk", []byte(`{"errcode":1e99}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r := verdict(kind, body, result{outcome: OutcomeTaken, status: 200})
		switch kind {
		case models.WebhookFeishu, models.WebhookWeCom, models.WebhookDingTalk:
			if r.outcome == OutcomeTaken && !strings.Contains(strings.ToLower(string(body)), "code") {
				t.Errorf("%s took %q for a success", kind, body)
			}
		}
	})
}

// Every type has its sentence in both languages, and speaks one of them.
func TestEveryTypeIsSaidInBothLanguages(t *testing.T) {
	h := newHooks(t, nil)
	for _, typ := range append(Types(), FollowUpMessage, Test) {
		for _, l := range []string{"en", "zh"} {
			w := h.words(l, Payload{Type: typ, Data: Data{Subject: "s", From: "received", To: "planned", Open: 2, DueAt: new(time.Unix(0, 0)), NextDate: new(time.Unix(0, 0)), Status: "planned", Version: "1",
				Reason: &models.Text{EN: "r", ZH: "r"}, Theme: &Theme{ID: "t"}, Suggestion: &Suggestion{ID: "s", Kind: "problem"}}})
			all := w.Title + strings.Join(w.Lines, "\n")
			if strings.Contains(all, "hook.") {
				t.Errorf("%s %s: %s", typ, l, all)
			}
		}
	}
}
