package server_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// formKey is the key that the form with this action carries on a page.
func formKey(t testing.TB, p *page, action string) string {
	t.Helper()
	_, form, there := strings.Cut(html.UnescapeString(p.body), `action="`+action+`"`)
	if !there {
		t.Fatalf("%s has no form to %s", p.what, action)
	}
	form, _, _ = strings.Cut(form, "</form>")
	found := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(form)
	if found == nil {
		t.Fatalf("%s: the form to %s carries no key", p.what, action)
	}
	return found[1]
}

// pressedTwice is a form that makes something: the page it stands on, where it goes, and
// what counts what it makes.
type pressedTwice struct {
	name, page, action string
	by                 *browser
	form               []string
	files              []upload
	count              func() int64
}

// Every form that makes something makes one thing when its button is pressed twice, also
// at the same moment, and says the same both times; what is written anew is another.
func TestAFormPressedTwiceMakesOneThing(t *testing.T) {
	s := newStreet(t)
	pm, owner, dora := s.member(models.RolePM), s.member(models.RoleOwner), s.signedIn("dora@example.com")
	said := s.file("The export is slow on Mondays", "mona@example.com").Suggestion
	alone := s.file("Please make the sidebar blue", "mona@example.com").Suggestion
	apart := s.file("Give me a CSV of my board", "mona@example.com").Suggestion
	s.assign(s.public.ID, apart.ID)
	rows := func(model any, where ...any) func() int64 {
		return func() (n int64) {
			q := s.db.Read(ctx).Model(model)
			if len(where) > 0 {
				q = q.Where(where[0], where[1:]...)
			}
			q.Count(&n)
			return n
		}
	}
	public, private := "/t/"+s.public.ID, "/themes/"+s.public.ID
	for _, f := range []pressedTwice{
		{"a person's comment", public, public + "/comments", dora, []string{"text", "We need it too"}, nil, rows(&models.Comment{})},
		{"an emergency said as a comment", public, public + "/comments", dora, []string{"text", "My coins were stolen an hour ago, help"}, nil, rows(&models.Suggestion{})},
		{"the team's comment", private, private + "/comments", pm, []string{"text", "It comes next month."}, nil, rows(&models.Comment{})},
		{"an update", private, private + "/updates#updates-title", pm, []string{"update_en", "Half of it is done.", "step", "confirm"}, nil, rows(&models.ThemeUpdate{})},
		{"a status", private, private + "/status", pm, []string{"status", "planned", "reason_en", "In spring.", "step", "confirm"}, nil, rows(&models.Activity{}, "verb = ?", models.ThemeStatus)},
		{"a suggestion of somebody unknown", "/suggest", "/suggest", s.visitor(), []string{"title", "Stickers in chats", "text", "Big ones", "confirmed", "1", "seen", "1"}, nil, rows(&models.Suggestion{})},
		{"a suggestion with a file", "/suggest", "/suggest", dora, []string{"title", "Rounder corners", "text", "As drawn"}, []upload{screenshot()}, rows(&models.Suggestion{})},
		{"files for a suggestion", "/suggestions/" + said.ID, "/suggestions/" + said.ID + "/attachments", pm, []string{"next", "/suggestions/" + said.ID}, []upload{screenshot()}, rows(&models.Attachment{}, "suggestion_id = ?", said.ID)},
		{"a theme out of the inbox", "/inbox/" + alone.ID, "/inbox/confirm", pm, []string{"suggestion", alone.ID, "public_title_en", "A blue sidebar"}, nil, rows(&models.Theme{}, "status <> ?", models.StatusCandidate)},
		{"a split", private, private + "/split", pm, []string{"suggestion", apart.ID, "split_title", "CSV"}, nil, rows(&models.Theme{})},
		{"a release", "/releases", "/releases", pm, []string{"version", "7.1", "theme", s.public.ID, "notes_en", "Faster.", "step", "confirm"}, nil, rows(&models.Release{})},
		{"a token", "/settings/tokens", "/settings/tokens", owner, []string{"name", "Bot", "kind", "agent", "scopes", string(auth.ScopeSuggestionsWrite)}, nil, rows(&models.APIToken{})},
		{"a webhook", "/settings/webhooks", "/settings/webhooks", owner, []string{"name", "Log", "url", "http://127.0.0.1:9/hook", "kind", models.WebhookStandard, "locale", "en", "events", "theme.created"}, nil, rows(&models.WebhookEndpoint{})},
		{"a rule", "/settings/routing/rules/new", "/settings/routing/rules", owner, []string{"name", "Urgent", "words", "help", "urgency", "high", "position", "1"}, nil, rows(&models.RoutingRule{})},
		{"an account", "/accounts", "/accounts", owner, []string{"name", "Acme", "weight", "1"}, nil, rows(&models.Account{})},
	} {
		t.Run(f.name, func(t *testing.T) {
			key := formKey(t, f.by.get(f.page).want(http.StatusOK), f.action)
			before := f.count()
			answers := f.pressed(2, append(f.form, "key", key))
			if made := f.count() - before; made != 1 {
				t.Fatalf("%d were made, want 1: %d %s", made, answers[0].code, short(answers[0].body))
			}
			third := f.pressed(1, append(f.form, "key", key))[0]
			for _, a := range append(answers, third) {
				if a.code >= 400 || a.code != third.code || a.header.Get("Location") != third.header.Get("Location") || secretOf(a) != secretOf(third) {
					t.Errorf("a press ended otherwise: %d %s %q\n%s", a.code, a.header.Get("Location"), secretOf(a), short(a.body))
				}
			}
			if made := f.count() - before; made != 1 {
				t.Errorf("the third press made another: %d", made)
			}
		})
	}
	var kept []string // no secret is stored with the answers, not even sealed with the installation's key
	s.db.Read(ctx).Model(&models.IdempotencyKey{}).Pluck("answer", &kept)
	if all := strings.Join(kept, "\n"); strings.Contains(all, "heed_agent") || strings.Contains(all, "whsec_") || strings.Contains(all, `"v1.`) || !strings.Contains(all, `"note":`) {
		t.Errorf("answers hold %s", all)
	}
	key := formKey(t, dora.get(public), public+"/comments")
	dora.post(public+"/comments", "text", "First words", "key", key).to(public)
	dora.post(public+"/comments", "text", "Other words, after going back", "key", key).to(public)
	s.visitor().get(public).says("First words", "Other words, after going back")
}

// pressed sends the form n times at the same moment, each as the browser of its own that
// has the same session.
func (f *pressedTwice) pressed(n int, form []string) []*page {
	out := make([]*page, n)
	var all sync.WaitGroup
	path, _, _ := strings.Cut(f.action, "#")
	for i := range out {
		b := &browser{r: f.by.r, cookies: map[string]string{}}
		for name, value := range f.by.cookies {
			b.cookies[name] = value
		}
		all.Go(func() {
			if f.files != nil {
				out[i] = b.send(path, form, f.files...)
				return
			}
			values := url.Values{}
			for j := 0; j < len(form); j += 2 {
				values.Add(form[j], form[j+1])
			}
			out[i] = b.do(http.MethodPost, path, values)
		})
	}
	all.Wait()
	return out
}

// secretOf is the secret that a page shows once.
func secretOf(p *page) string {
	return regexp.MustCompile(`(whsec_|heed_agent_)[A-Za-z0-9+/=_]{20,}`).FindString(p.body)
}

// A key is somebody's own: what another person sends under it is another's.
func TestAFormsKeyIsOfWhoSendsIt(t *testing.T) {
	s := newStreet(t)
	path := "/t/" + s.public.ID
	dora, finn := s.signedIn("dora@example.com"), s.signedIn("finn@example.com")
	key := formKey(t, dora.get(path), path+"/comments")
	dora.post(path+"/comments", "text", "Mine", "key", key).to(path)
	finn.post(path+"/comments", "text", "Mine", "key", key).to(path)
	var n int64
	if s.db.Read(ctx).Model(&models.Comment{}).Count(&n); n != 2 {
		t.Errorf("%d comments, want one of each", n)
	}
	dora.post(path+"/comments", "text", strings.Repeat("x", intake.MaxShort), "key", strings.Repeat("k", 5000)).to(path)
}
