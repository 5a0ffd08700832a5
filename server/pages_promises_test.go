package server_test

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

func TestThePromiseBoard(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RolePM)
	soon, later := themes.Date{Time: r.db.Now().Add(3 * 24 * time.Hour)}, themes.Date{Time: r.db.Now().Add(90 * 24 * time.Hour)}
	first, second := r.theme("Faster exports", "更快的导出", "export"), r.theme("Dark mode", "深色模式", "dark")
	for id, d := range map[string]themes.Date{first.ID: soon, second.ID: later} {
		if _, _, err := r.themes.SetStatus(ctx, ana, id, themes.StatusChange{Status: models.StatusPlanned, PromiseDate: &d}); err != nil {
			t.Fatal(err)
		}
	}
	b.get("/promises").says("Faster exports", "This week", "Dark mode", "Later", "30 days later", "weekly mail").hides("Overdue", "Decide now")
	b.get("/promises?status=in_progress").hides("Faster exports", "Dark mode")
	r.visitor().get("/promises").hides("Faster exports")
	r.member(models.RoleSupport).get("/promises").says("Faster exports").hides("30 days later", "weekly mail")
	r.member(models.RoleSupport).post("/promises", "theme", first.ID, "days", "30").hides("Faster exports")

	b.post("/promises", "theme", first.ID, "date", "2001-01-01").says("That day is over", `value="2001-01-01"`, "checked")
	b.post("/promises", "date", "2099-01-01").says("Choose at least one theme")
	b.post("/promises", "theme", first.ID).says("Choose the day")
	b.post("/promises", "theme", first.ID, "theme", second.ID, "date", "2099-01-01").to("/promises")
	b.get("/promises").says("2 themes have a new day", "Undo", "2099")

	if err := r.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.Theme{}).Where("id = ?", first.ID).Updates(map[string]any{"promises_sent": 2, "decide_at": r.db.Now()}).Error
	}); err != nil {
		t.Fatal(err)
	}
	b.get("/promises").says("Decide now", "2 mails without change", "Send again", `<span class="count">1</span>`)
	b.post("/themes/"+second.ID+"/promise", "date", "2099-02-01").to("/promises")
	b.get("/promises").says("Nobody has to decide here")
	b.post("/themes/"+first.ID+"/promise", "date", "2099-02-01").to("/promises")
	b.get("/promises").says("is told again").hides("Decide now")
	b.get("/themes/"+first.ID).says("had people told once more where it stands", "set the day of the next word")

	b.post("/promises/mail", "on", "0").to("/promises")
	b.get("/promises").says("You get no weekly mail about", "Send me the weekly mail")
	b.in("zh").get("/promises").says("反馈时间", "更快的导出").hides("Promises")
}
