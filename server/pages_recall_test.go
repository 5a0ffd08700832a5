package server_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/heedhq/heed/models"
)

// A change of status, an update and a release each offer, beside undo, to hold back the
// mail that is not gone yet, by a form that works without script. What was done stays.
func TestTheToastOffersToHoldTheMailBack(t *testing.T) {
	s := newStreet(t)
	s.assign(s.public.ID, s.file("Exports are slow", "mei@example.com").Suggestion.ID)
	s.notifier.Register()
	run, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() { s.notifier.Run(run) })
	defer func() { stop(); parts.Wait() }()
	pm, path := s.member(models.RolePM), "/themes/"+s.public.ID
	form := regexp.MustCompile(`<form method="post" action="(/activities/act_[a-z0-9]+/recall)">`)
	back := func(p *page, what string) {
		t.Helper()
		m := form.FindStringSubmatch(p.body)
		if m == nil || !strings.Contains(p.body, "Hold back") || !strings.Contains(p.body, strings.Replace(m[1], "/recall", "/undo", 1)) {
			t.Fatalf("the toast of %s offers no way back:\n%s", what, toast(p.body))
		}
		pm.post(m[1], "next", path).to(path)
		pm.get(path).says("so far; 0 told already").hides(m[1]) // nobody runs the queue that writes the audience down
	}
	pm.post(path+"/status", "status", "planned", "step", "confirm").to(path)
	back(pm.get(path), "a status")
	pm.post(path+"/updates", "update_en", "Nearly there", "step", "confirm").to(path)
	back(pm.get(path), "an update")
	pm.post("/releases", "version", "5.0", "theme", s.public.ID, "step", "confirm").to("/releases")
	back(pm.get("/releases"), "a release")
	if th := s.themeNow(s.public.ID); th.Status != models.StatusShipped {
		t.Errorf("the theme stands at %s: only its mail was held back", th.Status)
	}
	pm.post(path+"/status", "status", "in_progress", "silent", "1", "step", "confirm").to(path)
	if p := pm.get(path); form.MatchString(p.body) {
		t.Errorf("a quiet change has mail to hold back: %s", toast(p.body))
	}
	var told int64
	if err := s.db.Read(ctx).Model(&models.FollowUpItem{}).Where("skip_reason NOT IN ('recalled', 'quiet')").Count(&told).Error; err != nil || told != 0 {
		t.Errorf("%d are told, %v", told, err)
	}
	s.member(models.RoleSupport).post("/activities/act_x/recall").want(http.StatusForbidden)
}

func toast(body string) string {
	_, rest, _ := strings.Cut(body, `id="toasts"`)
	return rest[:min(len(rest), 900)]
}
