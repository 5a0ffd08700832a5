package server_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

func (r *rig) newest() models.Suggestion {
	r.t.Helper()
	var s models.Suggestion
	if err := r.db.Read(ctx).Order("id DESC").First(&s).Error; err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) addressOf(person string) (out []string) {
	r.t.Helper()
	if err := r.db.Read(ctx).Model(&models.Address{}).Where("person_id = ?", person).Order("channel").Pluck("channel || ':' || value", &out).Error; err != nil {
		r.t.Fatal(err)
	}
	return out
}

func TestCaptureKnowsThePersonByAnythingThatNamesThem(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	for _, c := range []struct {
		fields []string
		at     string // "" for nobody
		wrong  string // the field that is refused
	}{
		{[]string{"who", "Mei@Example.com"}, "email:mei@example.com", ""},
		{[]string{"who", "telegram:@mei"}, "telegram:@mei", ""},
		{[]string{"who", "x: @mei "}, "x:@mei", ""},
		{[]string{"who", "Mei Lin", "email", "mei@example.com"}, "email:mei@example.com", ""},
		{[]string{"channel", "weibo", "handle", "美美", "locale", "zh", "time_zone", "Asia/Shanghai"}, "weibo:美美", ""},
		{[]string{"email", "ben@example.com", "channel", "discord", "handle", "ben#1"}, "discord:ben#1 email:ben@example.com", ""},
		{nil, "", ""},
		{[]string{"who", "Mei Lin"}, "", "who"},
		{[]string{"who", "mei@"}, "", "who"},
		{[]string{"channel", "weibo"}, "", "handle"},
		{[]string{"handle", "mei"}, "", "channel"},
		{[]string{"email", "a@b.example", "time_zone", "Mars/Base"}, "", "time_zone"},
		{[]string{"who", "a@b.example", "reply", "Please send us your recovery phrase."}, "", "reply"},
		{[]string{"reply", "Thank you"}, "", "reply"},
	} {
		before := r.count()
		answer := b.post("/capture", append([]string{"text", "The map is " + strings.Join(c.fields, " ")}, c.fields...)...)
		if c.wrong != "" {
			answer.want(http.StatusUnprocessableEntity).says(`id="` + c.wrong + `-error"`)
			if r.count() != before {
				t.Errorf("%v was filed", c.fields)
			}
			continue
		}
		answer.to("/capture")
		if got := strings.Join(r.addressOf(r.newest().PersonID), " "); got != c.at {
			t.Errorf("%v is %q, want %q", c.fields, got, c.at)
		}
	}
}

func (r *rig) count() (n int64) {
	r.db.Read(ctx).Model(&models.Suggestion{}).Count(&n)
	return n
}

func TestAConversationIsFiledOnceAndTwiceOnlyWhenAsked(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	link := "https://acme.zendesk.com/agent/tickets/8812?token=s3cret"
	b.post("/capture", "text", "The export is slow", "source_url", link).to("/capture")
	first := r.newest()
	if first.Source != "zendesk" || first.ExternalID != "zendesk:8812" || first.SourceURL != "https://acme.zendesk.com/agent/tickets/8812" {
		t.Errorf("%+v", first)
	}
	b.post("/capture", "text", "The export is slow", "source_url", link).to("/capture")
	b.get("/capture").says("Filed before, receipt " + first.Receipt).hides("s3cret")
	b.post("/capture", "text", "And a dark mode", "source_url", link).want(http.StatusConflict).says("This conversation was filed before", first.Receipt, "The export is slow", "And a dark mode</textarea>", `name="another"`)
	if r.count() != 1 {
		t.Errorf("%d were filed", r.count())
	}
	b.post("/capture", "text", "And a dark mode", "source_url", link, "another", "1").to("/capture")
	b.post("/capture", "text", "And a  dark mode", "source_url", link, "another", "1").want(http.StatusConflict) // other blanks are the same ask in other words
	if s := r.newest(); r.count() != 2 || !strings.HasPrefix(s.ExternalID, "zendesk:8812#") {
		t.Errorf("%d filed, the last as %s", r.count(), s.ExternalID)
	}
	for url, want := range map[string]string{link: `"name":"Zendesk #8812"`, "https://desk.example.com/1?api_key=k": `"url":"https://desk.example.com/1"`, "no address": `"address":false`} {
		b.get("/capture/source?url=" + strings.NewReplacer("?", "%3F", "&", "%26", " ", "+").Replace(url)).want(http.StatusOK).says(want)
	}
}

func TestTheSameFormSentTwiceFilesOnce(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	for range 3 {
		b.post("/capture", "text", "The export is slow", "key", "K1").to("/capture")
	}
	if r.count() != 1 {
		t.Errorf("%d were filed", r.count())
	}
}

func TestCaptureFilesWhereTheAgentSaysAndTakesItBack(t *testing.T) {
	r := newRig(t)
	th := r.theme("Faster exports", "更快的导出", "Exports in seconds")
	b := r.member(models.RoleSupport)
	b.post("/capture", "text", "Nothing alike at all in these words", "who", "mei@example.com", "same", th.ID).to("/capture")
	s := r.newest()
	if ths, err := r.themes.Of(ctx, s.ID); err != nil || len(ths) != 1 || ths[0].ID != th.ID || s.Waiting {
		t.Errorf("it stands in %v (%v), waiting %v", ths, err, s.Waiting)
	}
	r.member(models.RolePM).post("/capture/" + s.ID + "/withdraw").want(http.StatusForbidden)
	b.post("/capture/" + s.ID + "/withdraw").to("/capture")
	b.get("/capture").says("Taken back: " + s.Receipt).hides("/capture/" + s.ID + "/withdraw")
	if now := r.newest(); now.State != models.StateClosed || now.ThemesCount != 0 {
		t.Errorf("%+v", now)
	}
	if now := r.themeNow(th.ID); now.PeopleCount != 0 {
		t.Errorf("%d people stand behind it still", now.PeopleCount)
	}
	b.post("/capture", "text", "The export is slow", "source_url", "https://acme.zendesk.com/agent/tickets/5").to("/capture")
	b.post("/capture/" + r.newest().ID + "/withdraw").to("/capture")
	b.post("/capture", "text", "The export is slow indeed", "source_url", "https://acme.zendesk.com/agent/tickets/5").to("/capture")
	if got := r.newest(); got.ExternalID != "zendesk:5" || got.State == models.StateClosed {
		t.Errorf("what was taken back is in the way: %+v", got)
	}
	b.post("/capture", "text", "The balance is wrong", "who", "mei@example.com", "reply", "Thank you, we look at it.").to("/capture")
	answered := r.newest()
	b.get("/capture").says("Filed and answered, receipt " + answered.Receipt).hides(answered.ID + "/withdraw")
	if answered.State != models.StateAnswered || answered.FirstRepliedAt == nil {
		t.Errorf("%+v", answered)
	}
	b.post("/capture/" + answered.ID + "/withdraw").to("/capture")
	b.get("/capture").says("It was answered by mail already")
	for _, i := range must(r.db.Check(ctx))(t) {
		if i.Broken != 0 {
			t.Errorf("broken: %s (%d)", i.Name, i.Broken)
		}
	}
}

func TestWhatMayBeSaidIsInThePersonsLanguageAndNeverPrivate(t *testing.T) {
	r := newRig(t)
	th := r.theme("Faster exports", "更快的导出", "Exports in seconds")
	r.into(th.ID, "Export to CSV is slow", "CSV export is slow")
	date := must(themes.ParseDate(time.Now().AddDate(0, 1, 0).Format(time.DateOnly)))(t)
	if _, _, err := r.themes.SetStatus(ctx, ana, th.ID, themes.StatusChange{Status: models.StatusPlanned, Reason: models.Text{EN: "In beta.", ZH: "正在内测。"}, PromiseDate: &date}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	b := r.member(models.RoleSupport).in("en")
	b.get("/capture/similar?text=csv+export+slow&locale=zh").says(`lang="zh-CN"`, "更快的导出", "已排期", "正在内测。", "Planned").hides("In beta.", "Export to CSV is slow")
	b.get("/capture/similar?text=csv+export+slow&locale=fr").says("In beta.").hides("正在内测")
	b.in("zh").get("/capture/similar?text=csv+export+slow&locale=en").says("In beta.", `lang="en"`, "已排期")
	phrase := "legal winner thank year wave sausage worth useful legal winner thank yellow"
	b.in("en").get("/capture/similar?text="+strings.ReplaceAll("csv export slow "+phrase, " ", "+")).says("data-secret", "move their funds").hides("sausage")
	b.get("/capture/similar?text=csv+export+slow").hides("data-secret")
}

func TestOutcomesPageMarksWhatIsNewUntilItWasSeen(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	b.get("/outcomes").says("Nothing here yet")
	b.post("/capture", "text", "Please add a dark mode").to("/capture")
	s := r.newest()
	b.get("/outcomes").says("Please add a dark mode", "Waiting", s.Receipt).hides("unread-mark", "Mark ")
	if err := r.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Create(&models.OutcomeNews{ActivityID: "act_1", FilerKind: s.FilerKind, FilerID: s.FilerID, Seq: 7, MemberID: s.FilerID, Verb: models.ThemeConfirmed,
			Became: "accepted", ThemeID: must(r.themes.Of(ctx, s.ID))(t)[0].ID, DueAt: r.db.Now(), CreatedAt: r.db.Now()}).Error
	}); err != nil {
		t.Fatal(err)
	}
	b.get("/outcomes").says("unread-mark", "Mark 1 change as seen", `value="7"`)
	b.get("/inbox").says(`<span class="count">1</span>`)
	b.post("/outcomes/seen", "newest", "7").to("/outcomes")
	b.get("/outcomes").hides("unread-mark", "Mark 1")
	b.post("/outcomes/seen", "newest", "3").to("/outcomes") // an older page does not bring it back
	b.get("/outcomes").hides("unread-mark")
	b.post("/outcomes/mail", "on", "0").to("/outcomes#mail")
	b.get("/outcomes").says("You get no mail about this", "Send me mail")
	b.in("zh").get("/outcomes?outcome=waiting").says("我提交的", "待处理")
	b.get("/outcomes?outcome=won").want(http.StatusUnprocessableEntity)
	r.visitor().get("/outcomes").want(http.StatusSeeOther)
	o := must(r.intake.Outcomes(ctx, ana, intake.OutcomeFilter{}))(t)
	if o.Total != 0 {
		t.Errorf("another member sees %d", o.Total)
	}
}

func TestTheCustomerFieldFindsPeopleAndOffersTheLastOnes(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RoleSupport)
	b.get("/capture/people?q=").want(http.StatusOK).hides(`role="option"`)
	for _, p := range [][]string{
		{"email", "mei@acme.example", "name", "Mei Lin", "locale", "zh"}, {"who", "telegram:@kai_7"}, {"email", "zoe@orbit.example", "name", "王小明"},
	} {
		b.post("/capture", append([]string{"text", "The map is slow for " + p[1]}, p...)...).to("/capture")
	}
	for {
		if n := must(r.people.Index(ctx))(t); n == 0 {
			break
		}
	}
	for q, want := range map[string]string{"mei": "mei@acme.example", "lin": "mei@acme.example", "acme": "mei@acme.example", "MEI@a": "mei@acme.example",
		"telegram:@kai": "telegram:@kai_7", "kai": "telegram:@kai_7", "王小": "zoe@orbit.example"} {
		b.get("/capture/people?q="+url.QueryEscape(q)).want(http.StatusOK).says(`role="option"`, want)
	}
	b.get("/capture/people?q=nobody").want(http.StatusOK).hides(`role="option"`)
	last := b.get("/capture/people?q=").want(http.StatusOK).says("mei@acme.example", "telegram:@kai_7", "zoe@orbit.example", `data-locale="zh"`).body
	if strings.Index(last, "zoe@") > strings.Index(last, "mei@") {
		t.Error("who was written for last does not stand first")
	}
	r.member(models.RolePM).get("/capture/people?q=").want(http.StatusOK).hides(`role="option"`)
	who := r.newest().PersonID
	b.get("/capture/people/"+who).says("王小明", "Said before", "The map is slow", "Waiting").hides("<html")
	b.get("/capture/people/per_none").want(http.StatusNotFound)
	r.signedIn("somebody@example.com").get("/capture/people?q=mei").want(http.StatusForbidden).hides("acme.example")
}
