package notifier

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// filers are two members, of whom Sam stands behind an agent's token, a token of
// nobody, and what they filed into a theme.
func (h *house) filers(theme string) {
	h.t.Helper()
	now := h.db.Now()
	h.write(func(_ context.Context, tx *gorm.DB) error {
		for _, m := range []models.Member{
			{ID: "mem_sam", Email: "sam@acme.example", Name: "Sam", Role: models.RoleSupport, Locale: "en", CreatedAt: now},
			{ID: "mem_li", Email: "li@acme.example", Name: "李雷", Role: models.RoleSupport, Locale: "zh", CreatedAt: now},
		} {
			if err := tx.Create(&m).Error; err != nil {
				return err
			}
		}
		for i, t := range []models.APIToken{{ID: "tok_bot", MemberID: "mem_sam"}, {ID: "tok_lone"}} {
			t.Kind, t.Name, t.Hash, t.CreatedAt = models.TokenAgent, "bot", string(rune('a'+i)), now
			if err := tx.Create(&t).Error; err != nil {
				return err
			}
		}
		for i, f := range [][2]string{{"member", "mem_sam"}, {"member", "mem_sam"}, {"agent", "tok_bot"}, {"agent", "tok_lone"}, {"member", "mem_li"}, {"", ""}} {
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: "The export is slow", Kind: models.KindProblem, Lang: "en", State: models.StateNew,
				Receipt: "R" + string(rune('0'+i)), FilerKind: f[0], FilerID: f[1], ThemesCount: 1, Rev: 1, CreatedAt: now, UpdatedAt: now}
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
			if err := tx.Create(&models.SuggestionTheme{SuggestionID: s.ID, ThemeID: theme, Action: models.ActionAssigned, CreatedAt: now}).Error; err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE themes SET suggestions_count = 6 WHERE id = ?", theme).Error
	})
}

// What stands in no theme is closed in two ways, which are one to who filed it; what
// is confidential is named by no mail.
func TestWhoFiledHearsOfAClosingWhicheverWay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.filers(h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived))
		n := h.start(nil)
		now := h.db.Now()
		close := func(id, text string, verb models.Verb, confidential bool) {
			h.write(func(ctx context.Context, tx *gorm.DB) error {
				s := models.Suggestion{ID: id, Text: text, Kind: models.KindProblem, Lang: "en", State: models.StateClosed, Receipt: id, FilerKind: "member", FilerID: "mem_sam",
					Confidential: confidential, Rev: 1, CreatedAt: now, UpdatedAt: now}
				act := models.Activity{ID: models.NewID(models.PrefixActivity), Verb: verb, SuggestionID: id, Snapshot: models.Change{Suggestions: 1}.Encode()}
				m := models.Move{ActivityID: act.ID, What: models.MoveState, RowID: id, FromTheme: "new", ToTheme: "closed"}
				for _, row := range []any{&s, &m} {
					if err := tx.Create(row).Error; err != nil {
						return err
					}
				}
				if confidential {
					if err := tx.Create(&models.Emergency{SuggestionID: id, Cause: models.CauseStolen, CreatedAt: now}).Error; err != nil {
						return err
					}
				}
				return h.db.Record(ctx, tx, models.By{Kind: models.ActorMember, ID: "mem_li"}, &act)
			})
		}
		close("sug_a", "Once more a coupon", models.SuggestionClosed, false)
		close("sug_b", "The second coupon", models.SuggestionStepped, false)
		close("sug_c", "All my coins were stolen", models.SuggestionStepped, true)
		h.until("news", func() bool { return h.count("outcome_news", "became = 'closed'") == 3 })
		h.clock.Add(settleTime)
		h.sent(1)
		m, err := n.compose(t.Context(), []models.Delivery{h.delivery("sam@acme.example")})
		if err != nil {
			t.Fatal(err)
		}
		r, err := n.o.Renderer.Render(m[0].message)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Once more a coupon", "The second coupon", "A confidential report"} {
			if !strings.Contains(r.Text, want) {
				t.Errorf("no %q in\n%s", want, r.Text)
			}
		}
		if strings.Contains(r.Text+r.HTML+r.Subject, "stolen") {
			t.Errorf("what is confidential is mailed:\n%s", r.Text)
		}
	})
}

// read makes one pass over the activities, and one over what is due.
func (h *house) newsPass(n *Notifier) {
	h.t.Helper()
	for _, step := range []func(context.Context) (bool, time.Duration, error){n.readNews, n.mailNews} {
		for busy := true; busy; {
			var err error
			if busy, _, err = step(context.Background()); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

func TestWhoFiledHearsOnceOfAChangeInTheirLanguage(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"}, models.StatusReceived)
		h.filers(th)
		n := h.start(nil)
		h.give(th, models.StatusPlanned, nil)
		h.give(th, models.StatusShipped, func(x *models.Theme, _ *models.Change) { x.Version = "4.2" })
		h.until("news", func() bool { return h.count("outcome_news", "became = 'shipped'") == 4 })
		if h.count("deliveries", "kind = 'outcome'") != 0 {
			t.Error("mail before the change has settled")
		}
		h.clock.Add(settleTime)
		h.sent(2)
		h.exactly(1, "sam@acme.example", "li@acme.example")
		if n := h.count("outcome_news", "filer_id = 'mem_sam' AND suggestions = 2 AND became = 'shipped' AND delivery_id <> ''"); n != 1 {
			t.Error("Sam's two suggestions are not one news")
		}
		if n := h.count("outcome_news", "filer_id = 'tok_lone' AND skip_reason = 'no_channel' AND delivery_id = ''"); n != 2 {
			t.Errorf("a token with nobody behind it: %d rows", n)
		}
		if n := h.count("outcome_news", "became = 'planned' AND skip_reason = 'superseded' AND delivery_id = ''"); n != 3 {
			t.Errorf("%d earlier changes were passed over", n)
		}
		d := h.delivery("sam@acme.example")
		m, err := n.compose(t.Context(), []models.Delivery{d})
		if err != nil || len(m) != 1 || m[0].end != nil {
			t.Fatal(m, err)
		}
		r, err := n.o.Renderer.Render(m[0].message)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Faster exports", "Shipped", "4.2", "2 suggestions of yours", "/outcomes", "/themes/" + th} {
			if !strings.Contains(r.Text, want) || want != "4.2" && !strings.Contains(r.HTML, want) {
				t.Errorf("no %q in\n%s", want, r.Text)
			}
		}
		for _, never := range []string{"/unsubscribe/", "List-Unsubscribe", "Planned", "our own words"} {
			if strings.Contains(r.Text, never) || strings.Contains(string(r.Body), never) {
				t.Errorf("%q in\n%s", never, r.Text)
			}
		}
		m, _ = n.compose(t.Context(), []models.Delivery{h.delivery("li@acme.example")})
		r, err = n.o.Renderer.Render(m[0].message)
		if err != nil || !strings.Contains(r.Text, "导出更快") || !strings.Contains(r.Subject, "您提交的反馈") {
			t.Errorf("%v %s\n%s", err, r.Subject, r.Text)
		}
	})
}

func (h *house) delivery(address string) models.Delivery {
	h.t.Helper()
	var d models.Delivery
	if err := h.db.Read(context.Background()).First(&d, "address = ?", address).Error; err != nil {
		h.t.Fatal(err)
	}
	return d
}

func TestWhatWasTakenBackIsNoNews(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)
		h.filers(th)
		n, _ := h.ledger(h.db, nil)
		h.give(th, models.StatusPlanned, nil)
		h.newsPass(n)
		var act models.Activity
		h.db.Read(t.Context()).First(&act)
		if got := h.count("outcome_news", "activity_id = ?", act.ID); got != 4 {
			t.Fatalf("%d rows of news", got)
		}
		h.give(th, models.StatusReceived, func(_ *models.Theme, c *models.Change) { c.Undoes, c.UndoneVerb = act.ID, models.ThemeStatus })
		h.clock.Add(2 * settleTime)
		h.newsPass(n)
		if got := h.count("outcome_news", "1 = 1"); got != 0 {
			t.Errorf("%d rows of news are left", got)
		}
		if got := h.count("deliveries", "1 = 1"); got != 0 {
			t.Errorf("%d mails", got)
		}
	})
}

func TestNoMailForWhoChoseTheirOwnActOrWhatIsQuiet(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		th := h.theme(models.Text{EN: "Faster exports"}, models.StatusReceived)
		h.filers(th)
		n, _ := h.ledger(h.db, nil)
		reasons := func(filer string) (out []string) {
			h.db.Read(t.Context()).Model(&models.OutcomeNews{}).Where("filer_id = ?", filer).Order("seq").Pluck("skip_reason", &out)
			return out
		}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.OutcomeReader{Kind: "member", ID: "mem_li", NoMail: true, UpdatedAt: h.db.Now()}).Error
		})
		h.give(th, models.StatusPlanned, func(_ *models.Theme, c *models.Change) { c.Notify = false })
		h.give(th, models.StatusInProgress, nil)
		h.write(func(ctx context.Context, tx *gorm.DB) error { // Sam confirms it: no news to Sam, and no mail for Sam's token
			return h.db.Record(ctx, tx, models.By{Kind: models.ActorMember, ID: "mem_sam"}, &models.Activity{Verb: models.ThemeConfirmed, ThemeID: th})
		})
		h.newsPass(n)
		for filer, want := range map[string][]string{
			"mem_sam": {SkipQuiet, ""}, "tok_bot": {SkipQuiet, "", SkipOwn}, "mem_li": {SkipQuiet, SkipPreference, SkipPreference}, "tok_lone": {SkipNoChannel, SkipNoChannel, SkipNoChannel},
		} {
			if got := reasons(filer); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", filer, got, want)
			}
		}
		// Who switches it off while a mail waits gets none.
		h.clock.Add(settleTime)
		h.newsPass(n)
		if d := h.delivery("sam@acme.example"); d.Kind != string(KindOutcome) || d.State != models.DeliveryReady {
			t.Errorf("%+v", d)
		}
		h.write(func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.OutcomeReader{Kind: "member", ID: "mem_sam", NoMail: true, UpdatedAt: h.db.Now()}).Error
		})
		h.start(nil)
		h.until("skipped", func() bool { return h.count("deliveries", "state = 'skipped' AND answer = 'preference'") == 1 })
		h.exactly(0)
	})
}
