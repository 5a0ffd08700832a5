package webhooks

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/models"
)

// documented are the types that the integrators' page names in its table.
func documented(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../docs/integrators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(b), "| type | data |\n|---|---|\n")
	if !ok {
		t.Fatal("the page has no table of types")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var out []string
	name := regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`")
	for row := range strings.Lines(table) {
		first := strings.SplitN(row, "|", 3)[1]
		for _, m := range name.FindAllStringSubmatch(first, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// Every type is documented, and every documented type exists.
func TestThePageNamesTheTypesThatThereAre(t *testing.T) {
	var have []string
	for _, x := range append(Types(), FollowUpMessage, Test) {
		have = append(have, string(x))
	}
	told := documented(t)
	slices.Sort(have)
	slices.Sort(told)
	if !slices.Equal(have, told) {
		t.Errorf("there are\n%v\nthe page names\n%v", have, told)
	}
}

// Each type comes of something; nothing comes as a type that cannot be asked for.
func TestEachTypeComesOfSomething(t *testing.T) {
	ships := models.Change{Before: &models.ThemeFacts{Status: models.StatusPlanned}, After: &models.ThemeFacts{Status: models.StatusShipped}}
	made := map[Type]bool{SuggestionOutcome: true} // by a fan-out of its own
	for _, v := range []models.Verb{models.SuggestionFiled, models.SuggestionStepped, models.SuggestionReplied, models.PersonReplied, models.ThemeCreated, models.ThemeConfirmed,
		models.ThemeStatus, models.ThemeMerged, models.ThemeReady, models.ThemePromiseMissed, models.EmergencyOpened, models.EmergencyAlerted, models.EmergencyAnswered, models.ClockWarned, models.ClockBreached} {
		for _, x := range typesOf(&models.Activity{Verb: v}, ships) {
			made[x] = true
		}
	}
	for _, x := range Types() {
		if !made[x] {
			t.Errorf("nothing comes as %s", x)
		}
		delete(made, x)
	}
	if len(made) != 0 {
		t.Errorf("nobody can ask for %v", made)
	}
}

// A promise that nobody keeps is told of once, with the day that passed, to systems and
// in each chat's own form, in its language. The team's own title stays here.
func TestAnOverduePromiseIsSaidEverywhere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		said := map[string]string{models.WebhookStandard: `"due_at":"2026-03-02T12:00:00Z"`, models.WebhookSlack: "A promise is overdue", models.WebhookFeishu: "过了下次反馈时间",
			models.WebhookWeCom: "过了下次反馈时间", models.WebhookDingTalk: "过了下次反馈时间"}
		at := map[string]*receiver{}
		for kind := range said {
			secret := map[string]string{models.WebhookFeishu: "SECfeishu", models.WebhookDingTalk: "SECdingtalk"}[kind]
			r := receive(t, nil)
			if kind != models.WebhookStandard {
				r = receive(t, chatServer(t, kind, secret, h.clock.Now))
			}
			at[kind] = r
			h.endpoint(r.URL+"/x?access_token=abc", func(p *Patch) {
				p.Kind = new(kind)
				if secret != "" {
					p.Secret = new(secret)
				}
				if kind != models.WebhookStandard && kind != models.WebhookSlack {
					p.Locale = new("zh")
				}
			}, PromiseOverdue)
		}
		h.start()
		th := h.theme(models.Text{EN: "Faster exports", ZH: "导出更快"})
		day := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		h.record(&models.Activity{Verb: models.ThemePromiseMissed, ThemeID: th, Snapshot: models.Change{After: &models.ThemeFacts{Title: "the team's own words",
			PublicTitle: models.Text{EN: "Faster exports", ZH: "导出更快"}, Status: models.StatusUnderReview, PromiseDate: &day}}.Encode()})
		for kind, want := range said {
			h.until(kind+" was told", func() bool { return len(at[kind].got()) == 1 })
			body := string(at[kind].got()[0].body)
			if !strings.Contains(body, want) || !strings.Contains(body, th) || !strings.Contains(body, "导出更快") && !strings.Contains(body, "Faster exports") {
				t.Errorf("%s was told %s", kind, body)
			}
			if strings.Contains(body, "the team's own words") || kind != models.WebhookStandard && strings.Contains(body, "hook.") {
				t.Errorf("%s was told %s", kind, body)
			}
		}
		h.until("all is sent", func() bool { return h.count("webhook_messages", "state = 'sent'") == len(said) })
	})
}
