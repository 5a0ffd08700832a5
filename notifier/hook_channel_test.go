package notifier

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/outbound"
	"github.com/heedhq/heed/notifier/webhooks"
)

// bridge is a channel's endpoint: it writes down whom it was to tell what.
type bridge struct {
	*httptest.Server
	mu   sync.Mutex
	fail bool
	got  []webhooks.Data
}

func (b *bridge) told() []webhooks.Data {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]webhooks.Data{}, b.got...)
}

// bridged starts a ledger with a channel's endpoint for Telegram.
func (h *house) bridged(fail bool) (*node, *webhooks.Hooks, *bridge) {
	h.t.Helper()
	b := &bridge{fail: fail}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var p webhooks.Payload
		if err := json.Unmarshal(body, &p); err != nil || p.Type != webhooks.FollowUpMessage {
			h.t.Errorf("%v: %s", err, body)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.fail {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		b.got = append(b.got, p.Data)
	}))
	h.t.Cleanup(b.Close)
	catalog, err := i18n.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	w := webhooks.New(h.db, h.auth, webhooks.Options{Client: outbound.New(true), Catalog: catalog, PublicURL: "https://heed.acme.example", Settle: settleTime, Owner: "node", Poll: 5 * time.Millisecond})
	admin := auth.Actor{Kind: models.ActorMember, ID: "mem_9", Role: models.RoleAdmin}
	_, _, err = w.Save(context.Background(), admin, "", webhooks.Patch{Name: new("Bot"), URL: new(b.URL), Channel: new("telegram"), Events: new([]string{})})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { w.Run(ctx) })
	h.t.Cleanup(func() { cancel(); done.Wait() })
	return h.start(func(o *LedgerOptions) { o.Webhooks = w }), w, b
}

func (h *house) onTelegram(theme string, handles ...string) []string {
	ids := h.people(len(handles), theme)
	h.write(func(_ context.Context, tx *gorm.DB) error {
		for i, handle := range handles {
			if err := tx.Exec("UPDATE addresses SET channel = 'telegram', value = ? WHERE person_id = ?", handle, ids[i]).Error; err != nil {
				return err
			}
			if err := tx.Exec("UPDATE people SET locale = 'zh' WHERE id = ?", ids[i]).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// Who is known by a handle alone is told through the channel's endpoint, once the
// change has settled, and stands on no list; who is known elsewhere does.
func TestAHandleIsToldThroughItsChannel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _, b := h.bridged(false)
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
		h.people(1, th) // by mail
		wei := h.onTelegram(th, "@wei", "@lin")
		elsewhere := h.onTelegram(th, "@old")
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE addresses SET channel = 'discord' WHERE person_id = ?", elsewhere[0]).Error
		})
		h.give(th, models.StatusPlanned, nil)
		h.until("three have no mail", func() bool { c, _ := n.ToTellCount(context.Background(), staff); return c == 3 })
		time.Sleep(20 * time.Millisecond)
		if len(b.told()) != 0 {
			t.Error("told before it settled")
		}
		h.clock.Add(settleTime)
		h.until("two were told", func() bool { return len(b.told()) == 2 })
		for _, d := range b.told() {
			if d.Channel != "telegram" || d.Handle != "@wei" && d.Handle != "@lin" || d.Locale != "zh" || d.Subject == "" || !strings.Contains(d.Text, "导出更快") || !strings.Contains(d.Text, "已排期") || d.Status != "planned" {
				t.Errorf("%+v", d)
			}
		}
		h.until("one is left to tell by hand", func() bool { c, _ := n.ToTellCount(context.Background(), staff); return c == 1 })
		if c := h.count("follow_up_items", "skip_reason = 'channel' AND person_id IN ?", wei); c != 2 {
			t.Errorf("%d rows say how", c)
		}

		// Back to what they do not know yet, and away again: nothing was changed for them.
		h.give(th, models.StatusInProgress, nil)
		h.give(th, models.StatusPlanned, nil)
		h.until("both are written down", func() bool { return h.count("fanouts", "done_at IS NOT NULL") == 3 })
		h.clock.Add(settleTime)
		h.until("no news", func() bool {
			return h.count("follow_up_items", "skip_reason = 'unchanged' AND person_id IN ?", wei) == 2
		})
		if len(b.told()) != 2 {
			t.Errorf("told %d times", len(b.told()))
		}
	})
}

// A channel that cannot be reached puts its people back on the list.
func TestWhoAChannelDoesNotReachIsToldByHand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, w, b := h.bridged(true)
		th := h.theme(exports, models.StatusReceived)
		ids := h.onTelegram(th, "@wei")
		h.give(th, models.StatusPlanned, nil)
		h.until("written down", func() bool { return h.count("follow_up_items", "person_id = ?", ids[0]) == 1 })
		h.clock.Add(settleTime)
		h.until("tried", func() bool { return h.count("webhook_attempts", "1 = 1") == 1 })
		if c, _ := n.ToTellCount(context.Background(), staff); c != 0 {
			t.Errorf("%d on the list while it is tried", c)
		}
		for i := 0; i < 20 && h.count("webhook_messages", "state = 'failed'") == 0; i++ {
			h.clock.Add(11 * time.Hour)
			time.Sleep(30 * time.Millisecond)
		}
		h.until("back on the list", func() bool { c, _ := n.ToTellCount(context.Background(), staff); return c == 1 })
		time.Sleep(20 * time.Millisecond)
		if c := h.count("webhook_messages", "1 = 1"); c != 1 {
			t.Errorf("%d messages: it was handed over again", c)
		}
		b.mu.Lock()
		b.fail = false
		b.mu.Unlock()
		h.clock.Add(time.Hour)
		admin := auth.Actor{Kind: models.ActorMember, ID: "mem_9", Role: models.RoleAdmin}
		ms, _, err := w.Messages(context.Background(), admin, webhooks.Filter{})
		if err != nil || len(ms) != 1 {
			t.Fatal(ms, err)
		}
		if _, err := w.Replay(context.Background(), admin, ms[0].ID); err != nil {
			t.Fatal(err)
		}
		h.until("told after all", func() bool { return len(b.told()) == 1 })
		if c, _ := n.ToTellCount(context.Background(), staff); c != 0 {
			t.Errorf("%d on the list", c)
		}
	})
}

// Owners and administrators hear that a webhook was switched off, each in their own
// language; others do not.
func TestWhoRunsHeedHearsOfASwitchedOffWebhook(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.write(func(_ context.Context, tx *gorm.DB) error {
			for i, role := range []models.Role{models.RoleOwner, models.RoleAdmin, models.RolePM} {
				m := models.Member{ID: models.NewID(models.PrefixMember), Email: string(role) + "@acme.example", Role: role, Locale: []string{"en", "zh", "en"}[i], CreatedAt: h.db.Now()}
				if err := tx.Create(&m).Error; err != nil {
					return err
				}
			}
			return nil
		})
		h.start(nil)
		h.write(func(ctx context.Context, tx *gorm.DB) error {
			return h.db.Record(ctx, tx, auth.System().By(), &models.Activity{Verb: models.WebhookOff,
				Snapshot: models.Change{Title: "Helpdesk <b>", Into: models.NewID(models.PrefixWebhook), Action: models.WebhookOffFailing}.Encode()})
		})
		h.until("two mails", func() bool { return len(h.sink.Mails()) == 2 })
		for _, m := range h.sink.Mails() {
			if strings.HasPrefix(m.To, "pm@") {
				t.Errorf("told %s", m.To)
			}
		}
	})
}

// A mail whose words stand in its row alone cannot be sent again once they are gone.
func TestAMailWithoutItsWordsIsNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n, _ := h.ledger(h.db, nil)
		for _, k := range []Kind{KindWebhook, KindStaffDigest, KindSafety, KindEscalation, KindSignInCode} {
			d := n.newDelivery(k, models.LaneNow, "ana@acme.example", "en", h.db.Now(), mailLife)
			d.DedupKey, d.State = d.ID, models.DeliveryFailed
			h.insert(&d)
			if err := n.Retry(t.Context(), staff, d.ID); models.KindOf(err) != models.Conflict {
				t.Errorf("%s: %v", k, err)
			}
		}
	})
}

// The mail says in one language what happened and where to look; a name is no link and
// no markup.
func TestTheMailOfASwitchedOffWebhook(t *testing.T) {
	r := newTestRenderer(t)
	for _, l := range i18n.Locales() {
		for _, why := range []string{models.WebhookOffFailing, models.WebhookOffGone} {
			out, err := r.Render(noticeMessage(l, KindWebhook, Notice{Webhook: &WebhookOff{ID: "whk_1", Name: "Desk <b>x</b> evil.example", Why: why}}))
			if err != nil {
				t.Fatal(err)
			}
			p := r.catalog.For(l)
			for _, want := range []string{p.T("mail.webhook.text"), p.T("mail.webhook." + why), "/settings/webhooks/whk_1"} {
				if !strings.Contains(out.Text, want) {
					t.Errorf("%s %s lacks %q:\n%s", l, why, want, out.Text)
				}
			}
			if strings.Contains(out.HTML, "<b>x</b>") || strings.Contains(string(out.Body), "List-Unsubscribe") {
				t.Errorf("%s %s: %s", l, why, out.HTML)
			}
		}
	}
	if _, err := r.Render(noticeMessage(i18n.EN, KindWebhook, Notice{})); err == nil {
		t.Error("rendered without a webhook")
	}
}

// Of a confidential suggestion's answer a channel is told that there is one, and where its
// person reads it. The answer, the suggestion's words and its receipt stay here.
func TestAConfidentialAnswerStaysBehindTheReceipt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, b := h.bridged(false)
		th := h.theme(exports, models.StatusReceived)
		ids := h.onTelegram(th, "@wei", "@lin")
		secret, plain := h.suggestion(ids[0], "api", "我的助记词被盗了，快帮我", staff.By()), h.suggestion(ids[1], "api", "导出太慢", staff.By())
		h.write(func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Create(&models.Emergency{SuggestionID: secret, Cause: models.CauseVulnerability, CreatedAt: h.db.Now()}).Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE suggestions SET confidential = TRUE WHERE id = ?", secret).Error
		})
		h.reply(secret, "请立即把资产转到新钱包，并回复工单")
		h.reply(plain, "已经在改进导出了")
		h.until("two were told", func() bool { return len(b.told()) == 2 })
		for _, d := range b.told() {
			raw, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if d.Handle == "@lin" {
				if !strings.Contains(d.Text, "已经在改进导出了") || d.URL != "" {
					t.Errorf("an answer that is no secret: %s", raw)
				}
				continue
			}
			if d.Suggestion == nil || d.Suggestion.ID != secret || d.URL != "https://heed.acme.example/receipt?next=/s/"+secret || !strings.Contains(d.Text, d.URL) {
				t.Errorf("it lacks the id or the way: %s", raw)
			}
			for _, never := range []string{"资产", "钱包", "工单", "助记词", "被盗", "AAAAA-", `"problem"`, `"new"`, `"answered"`} {
				if strings.Contains(string(raw), never) {
					t.Errorf("%q left: %s", never, raw)
				}
			}
		}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			var stored int64
			if err := tx.Raw("SELECT COUNT(*) FROM webhook_messages WHERE content LIKE '%钱包%'").Scan(&stored).Error; err != nil || stored != 0 {
				t.Errorf("%d rows hold it; %v", stored, err)
			}
			return nil
		})
	})
}
