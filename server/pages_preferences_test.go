package server_test

import (
	"net/http"
	"testing"

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
