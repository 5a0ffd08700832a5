package server_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

func (r *rig) person(email string) string {
	r.t.Helper()
	return must(r.intake.Person(ctx, ana, intake.PersonInput{Email: email}))(r.t)
}

func (r *rig) indexed() {
	r.t.Helper()
	must(r.people.Index(ctx))(r.t)
}

func TestPeopleAreFoundReadAndMergedOnPages(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	first := r.file("Please let me export a board as a picture", "mei@acme.com").Suggestion
	other := r.person("mei@home.test")
	th := r.theme("Faster exports", "更快的导出", "Exports")
	must(r.themes.Vote(ctx, ana, th.ID, other))(t)
	must(r.themes.Vote(ctx, ana, th.ID, first.PersonID))(t)
	r.indexed()
	b.get("/people").want(http.StatusOK).says("mei@acme.com", "mei@home.test")
	b.get("/people?q=home").says("mei@home.test").hides("mei@acme.com")
	b.in("zh").get("/people?q=nobody").says("没有找到这样的用户")
	b.in("en")
	b.get("/people/"+first.PersonID).want(http.StatusOK).says("export a board as a picture", "Faster exports", "mei@acme.com", "No phrase")
	b.get("/people/" + other + "?merge_q=acme").says("/people/" + other + "?merge_into=" + first.PersonID)
	b.get("/people/"+other+"?merge_into="+first.PersonID).says("Moves 0 suggestions and 1 vote; nobody is mailed.", "Both voted for 1 theme", "30 days")
	b.post("/people/"+other+"/merge", "into", first.PersonID).to("/people/" + first.PersonID)
	b.get("/people/" + first.PersonID).says("Merged into mei")
	p := b.get("/people/"+first.PersonID).says("Also this person", "mei@home.test", "/activities/act_")
	b.get("/people/" + other).to("/people/" + first.PersonID)
	act := p.body[strings.Index(p.body, "/activities/"):]
	b.post(act[:strings.Index(act, "\"")], "next", "/people/"+other).to("/people/" + other)
	b.get("/people/" + other).want(http.StatusOK).says("mei@home.test").hides("mei@acme.com")
	b.post("/people/"+other+"/merge", "into", other).to("/people/" + other)
	b.get("/people/"+other).says("toast-failed", "the same person already")
	b.get("/people/per_nobody").want(http.StatusNotFound)
}

func TestWhatIsKnownOfAPersonIsChangedOnTheirPage(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	id := r.person("mei@acme.com")
	at := "/people/" + id
	b.post(at, "name", "Mei Lin", "locale", "zh", "time_zone", "Asia/Shanghai", "segment", "Pro", "account", "", "revision", "1").to(at)
	b.get(at).says("Mei Lin", "Asia/Shanghai", "Saved")
	b.post(at, "name", "Late", "revision", "1").want(http.StatusUnprocessableEntity).says("Somebody changed this person meanwhile", "Late")
	b.post(at, "time_zone", "Mars", "revision", "2").want(http.StatusUnprocessableEntity).says("time_zone-error")
	b.post(at+"/addresses", "channel", "telegram", "value", "@mei").to(at)
	b.post(at+"/addresses", "channel", "email", "value", "nonsense").want(http.StatusUnprocessableEntity).says("value-error")
	b.post(at+"/addresses/remove", "channel", "email", "value", "mei@acme.com").to(at)
	b.get(at).says("@mei").hides("mei@acme.com")
}

func TestAccountsAndSegmentsArePages(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RolePM)
	b.post("/accounts", "id", "", "name", "Acme", "domains", "acme.com, acme.cn", "weight", "2,5", "revenue", "120,000", "plan", "Pro").to("/accounts")
	b.get("/accounts").says("Acme", "@acme.cn", "Weight 2.5", "120,000 a year")
	b.post("/accounts", "id", "", "name", "Bad", "domains", "qq.com", "weight", "1").want(http.StatusUnprocessableEntity).says("new-domains-error", "Anybody can have an address at qq.com")
	b.post("/accounts", "id", "", "name", "Bad", "weight", "many").want(http.StatusUnprocessableEntity).says("new-weight-error")
	b.post("/segments", "name", "高净值", "weight", "3", "add", "1").to("/accounts")
	b.post("/segments", "name", "高净值", "weight", "300").want(http.StatusUnprocessableEntity).says("高净值: Give a number from 0 to 100")
	b.in("zh").get("/accounts").says("企业客户与分群", "高净值")
	b.post("/segments/delete", "name", "高净值").to("/accounts")

	support := r.member(models.RoleSupport)
	support.get("/accounts").want(http.StatusOK).says("Acme").hides(`action="/accounts"`, `action="/segments"`)
	support.post("/accounts", "name", "Mine", "weight", "1").want(http.StatusForbidden)
	support.post("/segments", "name", "Mine", "weight", "1").want(http.StatusForbidden)
}

func TestTheListOfThoseToTellByHand(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	th := r.theme("Faster exports", "更快的导出", "Exports")
	who := must(r.intake.Person(ctx, ana, intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: "@wei"}, Name: "Wei", Locale: "zh"}))(t)
	nobody := r.file("Exports take too long on large boards", "")
	r.assign(th.ID, nobody.Suggestion.ID)
	must(r.themes.Vote(ctx, ana, th.ID, who))(t)
	now := r.db.Now()
	e := models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: "act_x", Kind: "status", ThemeID: th.ID, Rev: 9, Notify: true,
		Snapshot: `{"from":"received","to":"planned","public_title":{"en":"Faster exports","zh":"更快的导出"}}`, CreatedAt: now}
	err := r.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		return tx.Create(&models.FollowUpItem{EventID: e.ID, PersonID: who, ThemeID: th.ID, SkipReason: "no_channel", DueAt: now, CreatedAt: now}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/tell-by-hand").want(http.StatusOK).says("Wei", "@wei", "telegram", "关于“更快的导出”：已排期", "I have told them", "1 receipt")
	b.post("/tell-by-hand", "event", e.ID, "person", who).to("/tell-by-hand")
	p := b.get("/tell-by-hand").says("Marked as told", "Everybody has been told", "/activities/act_")
	b.get("/people/" + who).says("Told by hand")
	act := p.body[strings.Index(p.body, "/activities/"):]
	b.post(act[:strings.Index(act, "\"")], "next", "/tell-by-hand").to("/tell-by-hand")
	b.get("/tell-by-hand").says("Wei").hides("Everybody has been told")
	b.get("/tell-by-hand?theme=" + e.ThemeID).says(`name="next" value="/tell-by-hand?theme=` + e.ThemeID)
	b.post("/tell-by-hand", "event", e.ID, "person", "per_nobody", "next", "/tell-by-hand?theme="+e.ThemeID).to("/tell-by-hand?theme=" + e.ThemeID)
	b.get("/tell-by-hand").says("toast-failed")
}

func TestAPersonSetsTheirPhrase(t *testing.T) {
	r := newRig(t)
	r.visitor().get("/me/settings").to("/sign-in?next=" + url.QueryEscape("/me/settings"))
	b := r.signedIn("mei@acme.com")
	b.get("/me/settings").want(http.StatusOK).says("Your phrase")
	b.post("/me/settings", "phrase", "7 blue otters", "locale", "zh", "name", "Mei", "time_zone", "").to("/me/settings")
	b.get("/me/settings").says("7 blue otters", "Saved")
	secret := "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	b.post("/me/settings", "phrase", secret, "locale", "zh").want(http.StatusUnprocessableEntity).says("phrase-error").hides("abandon")
	pm := r.member(models.RolePM)
	pm.get("/people/" + r.person("mei@acme.com")).says("Has set a phrase").hides("otters")
	pm.get("/me/settings").want(http.StatusOK).hides("otters")
}

// Nobody but staff sees who people are, and no public page says an address.
func TestPeopleAreForStaff(t *testing.T) {
	r := newRig(t)
	id := r.file("Please let me export a board as a picture", "mei@acme.com").Suggestion.PersonID
	person := r.signedIn("bo@x.test")
	for _, path := range []string{"/people", "/people/" + id, "/accounts", "/tell-by-hand"} {
		person.get(path).want(http.StatusForbidden).hides("mei@acme.com")
		r.visitor().get(path).want(http.StatusSeeOther)
	}
	for _, path := range []string{"/people/" + id, "/people/" + id + "/merge", "/people/" + id + "/addresses", "/accounts", "/segments", "/tell-by-hand"} {
		person.post(path, "into", id, "name", "x", "weight", "1").want(http.StatusForbidden)
	}
}

// A reply for somebody whom no mail reaches stands in the list as the reply that it is,
// with the way to what it answers and without a theme's status.
func TestARepliedToPersonWithoutMailStandsInTheList(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	who := must(r.intake.Person(ctx, ana, intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: "@wei"}, Name: "Wei", Locale: "zh"}))(t)
	f := must(r.intake.File(ctx, ana, intake.Submission{Text: "Round icons please", Source: "capture", Person: &intake.PersonInput{Handle: &intake.Handle{Channel: "telegram", ID: "@wei"}}}))(t)
	said := must(r.intake.Reply(ctx, ana, f.Suggestion.ID, "五月上线。"))(t)
	now := r.db.Now()
	err := r.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		e := models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: said.Message.ActivityID, Kind: "reply", Rev: 9, Notify: true,
			Snapshot: `{"suggestion":"` + f.Suggestion.ID + `","message":"` + said.Message.ID + `"}`, CreatedAt: now}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		return tx.Create(&models.FollowUpItem{EventID: e.ID, PersonID: who, SkipReason: "no_channel", DueAt: now, CreatedAt: now}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	b.get("/tell-by-hand").want(http.StatusOK).says("Wei", "Reply", "五月上线。", "/suggestions/"+f.Suggestion.ID, "Round icons please").hides("mail.status", "status.<", "/themes/\"")
	b.get("/people/"+who).want(http.StatusOK).says("Reply").hides("status.<", "/themes/\"")
}
