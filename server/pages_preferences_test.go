package server_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

func TestWhatOneHearsIsChosenBehindTheLinkInAMail(t *testing.T) {
	s := newStreet(t)
	person := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	token := person + "." + s.auth.Digest("unsubscribe", person)
	path := "/preferences/" + token
	rows := func() (n int64) {
		for _, m := range []any{&models.Preference{}, &models.Rhythm{}, &models.ThemeMute{}} {
			var k int64
			s.db.Read(ctx).Model(m).Count(&k)
			n += k
		}
		return n
	}
	b := s.visitor()
	b.get(path).want(http.StatusOK).says("What you hear from us, and when", "m…@example.com", "We always begin our mails with them").hides("mei@example.com")
	if rows() != 0 {
		t.Fatal("opening the page changed something")
	}
	b.post(path, "mode_status", "daily", "mode_update", "off", "digest_hour", "15", "digest_weekday", "5", "quiet", "own", "quiet_from", "22:30", "quiet_to", "07:00",
		"time_zone", "Asia/Shanghai", "locale", "en", "phrase", "blue otters").to(path)
	b.get(path).says("Saved", "Your next daily digest", "15:00", `value="22:30"`, "Asia/Shanghai", "You have set your words").hides("blue otters", "Your next weekly digest")
	var p models.Person
	s.db.Read(ctx).First(&p, "id = ?", person)
	if p.Phrase != "blue otters" || p.TimeZone != "Asia/Shanghai" {
		t.Errorf("%+v", p)
	}
	// What is left empty stays; what is wrong says so at its field and changes nothing.
	b.post(path, "mode_status", "instant", "quiet", "house", "time_zone", "Asia/Shanghai", "locale", "en").to(path)
	b.get(path).says("You have set your words")
	before := rows()
	b.post(path, "mode_status", "off", "quiet", "own", "quiet_from", "08:00", "quiet_to", "08:00", "locale", "en").want(http.StatusUnprocessableEntity).says("is no span of the day")
	b.post(path, "quiet", "house", "time_zone", "Mars", "locale", "en").want(http.StatusUnprocessableEntity).says("has-error")
	if rows() != before {
		t.Error("what is wrong changed something")
	}
	b.in("zh").get(path).says("设置接收哪些通知、何时接收", "防钓鱼码", "免打扰")
	b.in("en")
	b.get("/unsubscribe/"+token).says("A weekly digest instead", "/preferences/"+token)
	b.post(path, "weekly", "1").to(path)
	b.get(path).says("Your next weekly digest").hides("Your next daily digest")
	b.get("/preferences/" + person + ".nonsense").want(http.StatusNotFound).says("This link does not work")
	b.post("/preferences/"+person+".nonsense", "weekly", "1").want(http.StatusNotFound)
}

// The page says why nothing comes; saving keeps what was chosen before, and coming back
// brings it back. What is wrong in one part keeps all of it from being saved.
func TestWhyNothingComesStandsOnThePage(t *testing.T) {
	s := newStreet(t)
	person := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	token := person + "." + s.auth.Digest("unsubscribe", person)
	path, stop := "/preferences/"+token, "/unsubscribe/"+token
	modes := func() map[string]string {
		var rows []models.Preference
		s.db.Read(ctx).Find(&rows, "person_id = ?", person)
		out := map[string]string{}
		for _, r := range rows {
			out[r.Kind] = r.Mode
		}
		return out
	}
	b := s.visitor()
	b.post(path, "weekly", "1").to(path)
	b.post(path, "mode_status", "daily", "quiet", "own", "quiet_from", "09:00", "quiet_to", "09:00", "time_zone", "Asia/Shanghai", "locale", "zh").want(http.StatusUnprocessableEntity).says(`value="daily" selected`, `value="09:00"`, `value="Asia/Shanghai"`)
	b.post(path, "mode_status", "daily", "quiet", "house", "time_zone", "Mars", "locale", "zh").want(http.StatusUnprocessableEntity).says("Mars")
	var p models.Person
	s.db.Read(ctx).First(&p, "id = ?", person)
	if p.TimeZone != "" || modes()["status"] != "" {
		t.Errorf("half is saved: %+v, %v", p, modes())
	}
	b.post(path, "mode_status", "sometimes").want(http.StatusUnprocessableEntity).says(`id="mode_status-error"`, "There is no mode")
	b.post(stop).want(http.StatusOK).says("Stopped")
	b.get(path).says("You stopped all follow-ups", `value="weekly" selected`, "Receive them again")
	b.post(path, "mode_status", "weekly", "mode_update", "weekly", "mode_promise", "weekly", "mode_merged", "weekly", "mode_comment", "weekly", "quiet", "house", "locale", "en").to(path)
	if m := modes(); m["all"] != "off" || m["status"] != "weekly" {
		t.Error(m)
	}
	b.post(stop, "again", "1").want(http.StatusOK).says("You receive them again", path).hides("Stop these mails?")
	if m := modes(); m["all"] != "weekly" || m["status"] != "weekly" {
		t.Error(m)
	}
	suppress := func(scope string, until *time.Time) {
		t.Helper()
		err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Save(&models.Suppression{Address: "mei@example.com", Scope: scope, Until: until, CreatedAt: s.db.Now()}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	until := time.Now().Add(30 * 24 * time.Hour)
	suppress(models.ScopeFollowUps, nil)
	suppress(models.ScopeAllMail, &until)
	b.get(path).says("was reported as spam", "Your mailbox did not accept our mail", until.UTC().Format("2006")).hides("You stopped all follow-ups")
	b.get(stop).says("was reported as spam")
	b.in("zh").get(path).says("被举报为垃圾邮件", "您的邮箱拒收了我们的邮件").hides("%!")
	b.in("en").post(path, "again", "1").to(path)
	suppress(models.ScopeAllMail, nil)
	b.get(path).hides("was reported as spam").says("again and again")
	b.post(path, "mode_status", "off", "mode_update", "off", "mode_promise", "off", "mode_merged", "off", "mode_comment", "off", "quiet", "house", "locale", "en").to(path)
	b.get(path).says("You switched off every kind")
}

// Staff set at a person's request what they hear, with their name on it; the person is
// not mailed, and what is wrong is said at its field.
func TestStaffSetWhatAPersonHearsAtTheirRequest(t *testing.T) {
	s := newStreet(t)
	person := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	page, path := "/people/"+person, "/people/"+person+"/preferences"
	count := func(what any, where string, args ...any) (n int64) {
		s.db.Read(ctx).Model(what).Where(where, args...).Count(&n)
		return n
	}
	mails := count(&models.Delivery{}, "1 = 1")
	b := s.member(models.RolePM)
	b.get(page).says("What they hear, and when", "It is recorded with your name")
	before := count(&models.Activity{}, "verb = ?", models.PersonEdited)
	b.post(path, "mode_status", "daily", "digest_hour", "18", "quiet", "house").want(http.StatusSeeOther)
	b.get(page).says(`value="daily" selected`, `value="18" selected`)
	if count(&models.Activity{}, "verb = ? AND person_id = ? AND actor_kind = 'member'", models.PersonEdited, person) != 1 || before != 0 {
		t.Error("it is not on record once")
	}
	b.post(path, "digest_hour", "25", "mode_status", "x").want(http.StatusUnprocessableEntity).says(`id="digest_hour-error"`, `id="mode_status-error"`)
	b.post(path, "stop", "1").want(http.StatusSeeOther)
	b.get(page).says("They stopped all follow-ups", `value="daily" selected`)
	b.post(path, "again", "1").want(http.StatusSeeOther)
	b.get(page).hides("They stopped all follow-ups")
	b.get(page + "?wishes=1").says("their theme became one with another").hides("Answers to your comments")
	b.in("zh").get(page).says("仅在用户提出时修改").hides("%!")
	s.visitor().post(path, "stop", "1").want(http.StatusSeeOther).to("/sign-in?next=" + "%2F")
	if count(&models.Preference{}, "mode = 'off'") != 0 || count(&models.Delivery{}, "1 = 1") != mails {
		t.Error("a visitor changed something, or somebody was mailed")
	}
}

// What a person was told stands under its own name: an update is no status.
func TestWhatAPersonWasToldHasItsOwnName(t *testing.T) {
	s := newStreet(t)
	person := must(s.intake.ByReceipt(ctx, s.receipt))(t).Suggestion.PersonID
	th := s.theme("Faster exports", "导出更快", "")
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for i, kind := range []string{"update", "merged", "comment", "status"} {
			e := models.FollowUpEvent{ID: models.NewID(models.PrefixEvent), ActivityID: models.NewID(models.PrefixActivity), Kind: kind, ThemeID: th.ID, Rev: int64(900 + i), Snapshot: `{"from":"planned","to":"planned"}`, CreatedAt: s.db.Now()}
			if err := tx.Create(&e).Error; err != nil {
				return err
			}
			err := tx.Create(&models.FollowUpItem{EventID: e.ID, PersonID: person, ThemeID: th.ID, Kind: kind, SkipReason: "quiet", DueAt: s.db.Now(), CreatedAt: s.db.Now()}).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.member(models.RolePM)
	b.get("/people/"+person).says(`class="chip">Update<`, `class="chip">Merged<`, `class="chip">Comment<`)
	b.in("zh").get("/people/"+person).says(`class="chip">进展<`, `class="chip">合并<`, `class="chip">评论<`)
}
