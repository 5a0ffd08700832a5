//go:build unix

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models/modelstest"
)

// The loop, from outside: what people say becomes themes, a theme becomes an issue,
// the closed issue ships the theme, and everyone behind it hears of it once, in
// their language.
func TestTheLoop(t *testing.T) {
	h := open(t, modelstest.SQLiteURL(t), nil)
	s := newStory(t)
	if err := s.tell(h.once); err != nil {
		t.Fatal(err)
	}
	h.holds(t, s)
	if m := h.sink.Mails(); len(m) > 0 {
		t.Fatalf("mailed before anything was decided: %v", m)
	}
	ships, declines := s.topics[0], s.topics[5]
	t.Run("an issue completed on GitHub ships the theme and tells its people", func(t *testing.T) { h.on(t).shipsByGitHub(t, s, ships) })
	t.Run("a declined theme tells its people why", func(t *testing.T) {
		h.sink.Reset()
		reason := bilingual{"A wrong fee can lose your coins, and we cannot bring them back.", "手续费填错可能导致币丢失，而我们无法找回。"}
		if err := declines.give(h.once, "declined", reason); err != nil {
			t.Fatal(err)
		}
		news{declines.title, sentence(t, "mail.says.declined"), reason, declines.people()}.reaches(t, h.sink)
	})
	t.Run("the browser", func(t *testing.T) { h.on(t).inTheBrowser(t, ships) })
	h.sound()
	h.Stop()
}

// holds checks that the store has what the story said, each text in its theme.
func (h *house) holds(t *testing.T, s *story) {
	t.Helper()
	byMark := map[string]filed{}
	all := h.everySuggestion("")
	for _, f := range all {
		byMark[f.mark()] = f
	}
	if len(all) != topicCount*saidPerTopic || len(byMark) != len(all) {
		t.Errorf("%d suggestions with %d marks, want %d", len(all), len(byMark), topicCount*saidPerTopic)
	}
	for _, x := range s.said() {
		f := byMark[x.mark()]
		if f.ID != x.id || f.Text != x.text || len(f.Themes) != 1 || f.Themes[0].ID != x.of.theme {
			t.Errorf("%s is stored as %+v, want %q in theme %s", x.mark(), f, x.text, x.of.theme)
		}
	}
	for _, tp := range s.topics {
		var th struct {
			Status              string
			Public              bool
			PublicTitle         bilingual `json:"public_title"`
			Suggestions, People int
		}
		h.get("/themes/"+tp.theme, &th)
		if !th.Public || th.PublicTitle != tp.title || th.Suggestions != saidPerTopic || th.People != len(tp.people()) {
			t.Errorf("theme %s is %+v, want it published with %d suggestions and %d people", tp.title.EN, th, saidPerTopic, len(tp.people()))
		}
	}
}

func (h *house) shipsByGitHub(t *testing.T, s *story, tp *topic) {
	if err := tp.link(h.once); err != nil {
		t.Fatal(err)
	}
	is := h.linked(tp, false)
	if is.Repository != repository || is.Number == 0 || is.URL == "" {
		t.Errorf("the link says %+v", is)
	}
	h.saysNothingPrivate(t, s, tp, is.Number)
	closed := time.Now()
	if _, err := h.stand.CloseIssue(t.Context(), repository, is.Number, "completed"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the theme is shipped", 15*time.Second, func() bool { return h.status(tp.theme) == "shipped" })
	t.Logf("closed on GitHub, shipped here after %s", time.Since(closed).Round(time.Millisecond))
	if news := (news{title: tp.title, sentence: sentence(t, "mail.says.shipped"), people: tp.people()}); !news.reaches(t, h.sink) {
		return
	}
	t.Logf("%d people told", len(tp.people()))
	h.toldByLedger(t, tp)
	page := webAddress.FindString(h.sink.For(tp.follower.Email)[0].Read(t).Text)
	h.leadsSomewhere(t, page, tp.title.EN)
	if all, err := h.stand.ListIssues(t.Context(), repository); err != nil || len(all) != 1 {
		t.Errorf("issues on GitHub: %d (%v), want exactly one", len(all), err)
	}
	for _, w := range h.stand.Writes() {
		if w.Method != "POST" || !strings.HasSuffix(w.Path, "/issues") {
			t.Errorf("an unexpected write on GitHub: %s %s %s", w.Method, w.Path, w.Body)
		}
	}
}

// saysNothingPrivate reads the issue as the public does.
func (h *house) saysNothingPrivate(t *testing.T, s *story, tp *topic, number int) {
	t.Helper()
	got, err := h.stand.GetIssue(t.Context(), repository, number)
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != tp.title.EN || !strings.Contains(got.Body, tp.title.ZH) || got.User.Login != h.stand.BotLogin {
		t.Errorf("the issue is %q by %s:\n%s", got.Title, got.User.Login, got.Body)
	}
	if page := webAddress.FindString(got.Body); page != "" {
		h.leadsSomewhere(t, page, tp.title.EN)
	} else {
		t.Errorf("the issue does not say where the theme stands:\n%s", got.Body)
	}
	public := got.Title + "\n" + got.Body
	if strings.Contains(public, "@") || strings.Contains(public, "Team:") {
		t.Errorf("the issue holds an address or the team's own title:\n%s", public)
	}
	for _, x := range s.said() {
		for _, private := range []string{x.by.Email, x.by.Name, x.text} {
			if strings.Contains(public, private) {
				t.Errorf("the issue holds %q, which is private:\n%s", private, public)
			}
		}
	}
}

// leadsSomewhere follows a link that was given out, without being signed in.
func (h *house) leadsSomewhere(t *testing.T, link, says string) {
	t.Helper()
	path, ours := strings.CutPrefix(link, h.URL)
	if !ours {
		t.Errorf("the link %s does not lead to %s", link, h.URL)
		return
	}
	a, err := h.Try("GET", path, nil, map[string]string{"Authorization": "", "Accept": "text/html", "Accept-Language": "en"})
	if err != nil || a.Status != 200 || !strings.Contains(string(a.Body), says) {
		t.Errorf("%s answers %d (%v), want a page that says %q", link, a.Status, err, says)
	}
}

// toldByLedger checks that the ledger says the same as the mail server.
func (h *house) toldByLedger(t *testing.T, tp *topic) {
	t.Helper()
	var list struct {
		Deliveries []struct{ Address, State, Theme, Locale string }
	}
	h.get("/deliveries?theme="+tp.theme, &list)
	if len(list.Deliveries) != len(tp.people()) {
		t.Errorf("the ledger has %d deliveries, want %d", len(list.Deliveries), len(tp.people()))
	}
	for _, d := range list.Deliveries {
		if p := tp.people()[d.Address]; d.State != "sent" || d.Locale != p.Locale {
			t.Errorf("the ledger says %+v of %+v", d, p)
		}
	}
}
