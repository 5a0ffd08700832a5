package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
)

// A webhook is made, tested, switched, given a new secret and removed by plain forms,
// in the reader's language; its secret is shown once, and to nobody else at all.
func TestWebhooksAreKeptByPlainForms(t *testing.T) {
	ok := true
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !ok {
			http.Error(w, "closed <script>alert(1)</script>", http.StatusServiceUnavailable)
		}
	}))
	defer there.Close()
	s := newRig(t)
	owner, pm := s.member(models.RoleOwner), s.member(models.RolePM)
	owner.get("/settings/webhooks").want(http.StatusOK).says("No webhooks yet", "A theme shipped", "theme.shipped", `href="/settings/webhooks"`)
	owner.in("zh").get("/settings/webhooks").says("还没有 Webhook", "一条需求已上线", "飞书", "企业微信", "钉钉")
	owner.in("en").post("/settings/webhooks", "name", "Desk", "url", there.URL, "locale", "en", "kind", "standard").want(http.StatusUnprocessableEntity).says("Choose at least one event", `value="Desk"`)
	page := owner.post("/settings/webhooks", "name", "Desk", "url", there.URL+"/path", "locale", "en", "kind", "standard", "events", "theme.shipped", "events", "suggestion.outcome").want(http.StatusOK).says("Copy the secret now", "whsec_")
	_, id, _ := strings.Cut(page.body, `action="/settings/webhooks/whk_`)
	id, _, _ = strings.Cut(id, `/`)
	one := "/settings/webhooks/whk_" + id
	owner.get(one).want(http.StatusOK).says("Desk", there.URL+"/path", "Nothing yet").hides("whsec_", "Copy the secret")
	owner.post(one + "/test").to(one)
	owner.get(one).says("The test was taken", "webhook.test", "200")
	ok = false
	owner.post(one + "/test").to(one)
	owner.get(one).says("The test was not taken: 503 closed").hides("<script>alert")
	list := owner.get(one)
	_, msg, _ := strings.Cut(list.body, "message=whm_")
	msg, _, _ = strings.Cut(msg, "#")
	owner.get(one+"?message=whm_"+msg).want(http.StatusOK).says("webhook-id: whm_", "&#34;type&#34;").hides("<script>alert")
	owner.post(one+"/replay", "message", "whm_"+msg).to(one)
	owner.get(one).says("1 message is sent again")
	owner.post(one+"/replay", "since", "yesterday").want(http.StatusUnprocessableEntity).says("Give a day and a time")
	owner.post(one+"/replay", "since", "2026-01-01T00:00").to(one)
	fresh := owner.post(one+"/secret").want(http.StatusOK).says("whsec_", "the last secret signs as well")
	if fresh.body == page.body {
		t.Error("the same secret again")
	}
	owner.post(one + "/switch").to(one)
	owner.get(one).says("Desk is off", "Switch on")
	owner.post(one+"/switch", "on", "1").to(one)
	owner.post(one, "name", "Helpdesk", "url", "", "locale", "zh", "events", "theme.shipped", "revision", "1").want(http.StatusUnprocessableEntity).says("Somebody changed this webhook meanwhile")
	owner.post(one, "name", "Helpdesk", "url", "", "locale", "zh", "events", "theme.shipped").to(one)
	owner.get("/settings/webhooks").says("Helpdesk was saved", "1 event")
	for _, path := range []string{"/settings/webhooks", one} {
		pm.get(path).want(http.StatusForbidden).hides("whsec_", there.URL)
	}
	pm.get("/themes").hides(`href="/settings/webhooks"`)
	pm.post(one + "/test").want(http.StatusForbidden)
	pm.post(one + "/delete").want(http.StatusForbidden)
	owner.post(one + "/delete").to("/settings/webhooks")
	owner.get("/settings/webhooks").says("Helpdesk was removed", "No webhooks yet")
	owner.get(one).want(http.StatusNotFound)
	s.visitor().get("/settings/webhooks").to("/sign-in?next=%2Fsettings%2Fwebhooks")
}
