package server_test

import (
	"net/http"
	"testing"

	"github.com/heedhq/heed/models"
)

// A person in danger is told what to do by the very next page, without being asked
// first whether somebody else said the same; the team finds it, takes care and hands
// over.
func TestAnEmergencyIsToldWhatToDoAndTakenCareOf(t *testing.T) {
	s := newStreet(t)
	b := s.visitor()
	p := b.post("/suggest", "title", "Exporting big boards takes minutes", "text", "and now all my coins were stolen", "email", "eve@example.com").want(http.StatusSeeOther)
	b.get(p.header.Get("Location")).says("Save what is left first", "never ask for them", "Our team has been alerted").hides("stolen by", "Faster exports")
	last := func() models.Suggestion { all := s.suggestions(); return all[len(all)-1] }
	f := last()
	if !f.Confidential || f.ThemesCount != 0 {
		t.Fatalf("%+v", f)
	}
	staff := s.member(models.RoleSupport)
	staff.get("/emergencies").says("Assets stolen", f.Receipt, "all my coins were stolen", "I take care of it", "First reply due", "alerted 1 time")
	staff.in("zh").get("/emergencies").says("紧急处理", "资产被盗", "由我处理", "首次回复期限")
	staff.in("en").get("/inbox").says("Exporting big boards takes minutes")
	staff.get("/inbox/"+f.ID+"/pane").says("confidential for ever").hides("/inbox/assign", "/inbox/confirm", "Likely themes")
	staff.post("/inbox/assign", "suggestion", f.ID, "theme", s.public.ID)
	if now := last(); now.ThemesCount != 0 {
		t.Error("it joined a theme")
	}
	staff.post("/emergencies/acknowledge", "suggestion", f.ID).to("/emergencies")
	staff.get("/emergencies").says("No emergency waits").hides(f.Receipt)
	staff.get("/emergencies?all=1").says(f.Receipt, "takes care, since").hides("I take care of it")
	staff.post("/emergencies/hand-over", "suggestion", f.ID).to("/emergencies")
	staff.get("/emergencies?all=1").says("Handed over")
	if now := last(); now.State != models.StateHandedOver || !now.Confidential {
		t.Errorf("handed over: %+v", now)
	}
	b.get("/").hides("stolen")
	b.get("/emergencies").want(http.StatusSeeOther)
}
