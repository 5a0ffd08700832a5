package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// A rule is written, looked back with, tried, moved, taken back: all by plain forms, in
// the reader's language, and by nobody who may not.
func TestRulesAreKeptByPlainForms(t *testing.T) {
	s := newRig(t)
	pm, support := s.member(models.RolePM), s.member(models.RoleSupport)
	before := s.file("I want a refund for the fee", "a@example.com").Suggestion
	pm.get("/settings/routing").want(http.StatusOK).says("When", "it says any of", "stolen", "urgency is", "Critical", "Test box", "New rule")
	pm.in("zh").get("/settings/routing").says("分派规则", "提到以下任一词语", "被盗", "紧急程度为", "试一试")
	pm.in("en").post("/settings/teams", "key", "Payments!", "name_en", "Payments").want(http.StatusUnprocessableEntity).says("small letters")
	pm.post("/settings/teams", "key", "payments", "name_en", "Payments", "name_zh", "支付组").want(http.StatusSeeOther)
	form := []string{"words", "refund\n退款", "team", "payments", "urgency", "high", "position", "1"}
	pm.get("/settings/routing/rules/new").want(http.StatusOK).says("Look back", `name="apply"`)
	pm.post("/settings/routing/replay", append(form, "replay", "start")...).want(http.StatusOK).says("Of 1 suggestions, 1 would be different", "Payments", before.ID, `value="payments" selected`)
	support.get("/settings/routing").want(http.StatusOK).says("stolen").hides("New rule", "Delete team", `action="/settings/routing/apply"`)
	support.post("/settings/routing/rules", form...).want(http.StatusForbidden)
	pm.post("/settings/routing/rules", "words", "x").want(http.StatusUnprocessableEntity).says("Say what the rule sets", ">x</textarea>")
	pm.post("/settings/routing/rules", "words", "*", "urgency", "high").want(http.StatusUnprocessableEntity).says("Nothing can be found by *", `aria-invalid="true"`)
	pm.post("/settings/routing/rules", append(form, "apply", "1")...).want(http.StatusSeeOther)
	pm.get("/settings/routing").says("Rule 1 saved; 1 open suggestions changed", "Undo")
	pm.get("/inbox/"+before.ID).want(http.StatusOK).says("Routed to Payments by rule 1: “refund”", "High", " left")
	pm.in("zh").get("/inbox/"+before.ID).says("已分派给支付组，由规则 1 决定：“refund”", "首次回复：", "还剩")
	tried := pm.in("en").post("/settings/routing/try", "text", "請退款 <script>alert(1)</script>").want(http.StatusOK)
	tried.says("<mark>退款</mark>", "by rule 1: “退款”", "&lt;script&gt;").hides("<script>alert")
	if now, err := s.intake.Rules(ctx, ana); err != nil || len(now) != 6 {
		t.Fatalf("%d rules (%v)", len(now), err)
	}
	rules, _ := s.intake.Rules(ctx, ana)
	first := "/settings/routing/rules/" + rules[0].ID
	pm.post(first+"/move", "by", "1").want(http.StatusSeeOther)
	pm.get("/settings/routing").says("Now rule 2")
	pm.post(first+"/switch", "off", "1").want(http.StatusSeeOther)
	pm.get("/settings/routing").says("Rule 2 switched off", "Switch on")
	deleted := pm.post(first + "/delete").want(http.StatusSeeOther)
	_ = deleted
	page := pm.get("/settings/routing").says("Rule deleted", "History", "deleted rule 2", "switched rule 2 off", "added the team payments")
	_, after, _ := strings.Cut(page.body, `action="/activities/`)
	act, _, _ := strings.Cut(after, "/")
	pm.post("/activities/"+act+"/undo", "next", "/settings/routing").want(http.StatusSeeOther)
	if rules, _ = s.intake.Rules(ctx, ana); len(rules) != 6 || rules[1].Conditions.V.Words[0] != "refund" || !rules[1].Disabled {
		t.Errorf("not put back: %+v", rules[1])
	}
	s.signedIn("mei@example.com").get("/settings/routing").want(http.StatusForbidden)
	s.visitor().get("/settings/routing").want(http.StatusSeeOther)
}

// The inbox shows how long is left, in words, and narrows by team, urgency and what is due.
func TestTheInboxKnowsClocksAndTeams(t *testing.T) {
	s := newRig(t)
	pm := s.member(models.RolePM)
	pm.post("/settings/teams", "key", "payments", "name_en", "Payments").want(http.StatusSeeOther)
	soon := s.file("My wallet was hacked and drained", "a@example.com").Suggestion
	later := s.file("A picture of a sunset as background, please", "b@example.com").Suggestion
	pm.get("/inbox?sort=due").want(http.StatusOK).says("15 min left", "Critical", soon.ID, later.ID, "First replies owed")
	pm.get("/inbox?urgency=critical").says(soon.ID).hides(later.ID)
	pm.get("/inbox?team=payments").hides(soon.ID, later.ID)
	pm.post("/inbox/"+later.ID+"/route", "urgency", "high", "team", "payments").want(http.StatusSeeOther)
	pm.get("/inbox?team=payments").says(later.ID).hides(soon.ID)
	past := time.Now().Add(-3 * time.Hour).UTC()
	if err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.Suggestion{}).Where("id = ?", soon.ID).Update("reply_due_at", past).Error
	}); err != nil {
		t.Fatal(err)
	}
	pm.get("/inbox?sort=due").says("h late")
	pm.in("zh").get("/inbox?sort=due").says("已超时 3 小时", "待首次回复")
	closed := string(models.StateClosed)
	if _, err := s.intake.Edit(ctx, ana, soon.ID, intake.Patch{State: &closed}); err != nil {
		t.Fatal(err)
	}
	pm.in("en").get("/inbox?sort=due").says(later.ID).hides(soon.ID)
}

func TestClocksAreKeptByAForm(t *testing.T) {
	s := newRig(t)
	pm := s.member(models.RolePM)
	pm.get("/clocks").want(http.StatusOK).says("By when first replies are due", `value="09:00-18:00"`, "Asia/Shanghai")
	form := []string{"zone", "Asia/Shanghai", "warn", "50", "warn_before", "", "holidays", "2026-10-01，2026-10-02", "workdays", "2026-10-10", "week_1", "09:00–12:00，13:00-18:00", "week_2", "9:00 - 18:00",
		"amount_critical", "10", "unit_critical", "minutes", "amount_high", "1", "unit_high", "days", "business_high", "1", "unit_normal", "hours", "amount_normal", "0", "unit_low", "hours"}
	pm.post("/clocks", form...).want(http.StatusSeeOther)
	pm.get("/clocks").says("Clocks saved", `value="09:00-12:00, 13:00-18:00"`, "2026-10-02", `value="Asia/Shanghai"`)
	pm.post("/clocks", append(form, "week_3", "nine to five", "amount_low", "soon")...).want(http.StatusUnprocessableEntity).says("nine to five", "Give business hours such as", "whole number", `aria-invalid="true"`)
	pm.post("/clocks", "zone", "Mars").want(http.StatusUnprocessableEntity).says("Mars")
	support := s.member(models.RoleSupport)
	support.get("/clocks").want(http.StatusOK).says("disabled").hides("Save clocks")
	support.post("/clocks", form...).want(http.StatusForbidden)
	s.file("one more thing", "c@example.com")
	pm.get("/clocks.csv?table=urgency").want(http.StatusOK).says("\ufeffUrgency,Filed,Replied")
	pm.get("/clocks.csv?table=secrets").want(http.StatusUnprocessableEntity)
	s.visitor().get("/clocks.csv?table=week").want(http.StatusSeeOther)
}

// Handing over speaks of the same teams as routing does: by name, whatever was typed.
// What a rule said and another overruled is not shown as if it held.
func TestHandingOverAndRoutingSpeakOfTheSameTeams(t *testing.T) {
	s := newRig(t)
	pm := s.member(models.RolePM)
	pm.post("/settings/teams", "key", "payments", "name_en", "Payments", "name_zh", "支付组").want(http.StatusSeeOther)
	f := s.file("The list could be shorter", "a@example.com").Suggestion
	pm.get("/suggestions/" + f.ID).want(http.StatusOK).says(`<option value="payments">Payments</option>`)
	pm.post("/suggestions/"+f.ID+"/state", "state", "handed_over", "team", "支付组").want(http.StatusSeeOther)
	pm.get("/suggestions/" + f.ID).says("Payments").hides(">payments<")
	now, err := s.intake.Get(ctx, ana, f.ID)
	if err != nil || now.Suggestion.Team != "payments" {
		t.Fatalf("team %q (%v)", now.Suggestion.Team, err)
	}
	e := s.file("My wallet was hacked", "b@example.com").Suggestion
	pm.get("/inbox/"+e.ID).want(http.StatusOK).says("Critical").hides("Urgency Low", "Urgency Normal")
	pm.get("/suggestions/" + e.ID).says("confidential for ever").hides("Where it belongs")
	pm.get("/suggestions/" + f.ID).says("Where it belongs").hides("confidential for ever")
	g := s.file("Please offer round icons", "c@example.com").Suggestion
	pm.get("/inbox/" + g.ID).says("Urgency Low")
	pm.post("/inbox/"+g.ID+"/route", "urgency", "high").want(http.StatusSeeOther)
	pm.get("/inbox/" + g.ID).hides("Urgency Low")
}
