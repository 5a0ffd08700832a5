package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/hooks"
)

// hands hands a report over as a mail server does.
func (r *rig) hands(secret, raw string) (int, map[string]string) {
	r.t.Helper()
	req := httptest.NewRequest(http.MethodPost, hooks.BouncePath, strings.NewReader(raw))
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	said := map[string]string{}
	_ = json.Unmarshal(w.Body.Bytes(), &said)
	return w.Code, said
}

const report = "From: MAILER-DAEMON@mx.example\r\nTo: %TO%\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; %ADDRESS%\r\nAction: failed\r\nStatus: %STATUS%\r\nDiagnostic-Code: smtp; 550 <b>no such user</b>\r\n\r\n" +
	"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%ID%>\r\n\r\n--b--\r\n"

func reportOf(d models.Delivery, status string) string {
	return strings.NewReplacer("%TO%", "heed@example.com", "%ADDRESS%", d.Address, "%STATUS%", status, "%ID%", d.MessageID).Replace(report)
}

func TestAMailServerHandsBouncesOver(t *testing.T) {
	s := newStreetWith(t, nil, func(o *notifier.LedgerOptions) { o.BounceSecret = "s3cret" })
	ids := s.deliveries(2, models.DeliverySent)
	var d, other models.Delivery
	for id, into := range map[string]*models.Delivery{ids[0]: &d, ids[1]: &other} {
		if err := s.db.Read(ctx).First(into, "id = ?", id).Error; err != nil {
			t.Fatal(err)
		}
	}
	raw := reportOf(d, "5.1.1")
	for _, secret := range []string{"", "wrong", "s3cre", "s3crets"} {
		if code, _ := s.hands(secret, raw); code != http.StatusUnauthorized {
			t.Errorf("secret %q: %d", secret, code)
		}
	}
	if code, _ := s.hands("s3cret", ""); code != http.StatusUnprocessableEntity {
		t.Errorf("an empty body: %d", code)
	}
	for range 2 { // a server that is not sure tries again
		if code, said := s.hands("s3cret", raw); code != http.StatusAccepted || said["outcome"] != models.BounceSuppressed {
			t.Errorf("%d %v", code, said)
		}
	}
	forged := reportOf(models.Delivery{Address: other.Address, MessageID: d.MessageID}, "5.1.1")
	if code, said := s.hands("s3cret", forged); code != http.StatusAccepted || said["outcome"] != models.BounceRefused {
		t.Errorf("%d %v", code, said)
	}
	b := s.member(models.RoleSupport)
	b.get("/followups").says("/followups/bounces")
	b.get("/followups/bounces").want(http.StatusOK).says(d.Address, "5.1.1", "550 &lt;b&gt;no such user&lt;/b&gt;", "There is no such mailbox. No mail for 30 days", "Refused", "It names a mail of ours that went to another address.").hides("<b>no such")
	b.get("/followups/bounces?outcome=refused").says("Refused", other.Address).hides(">" + d.Address)
	b.in("zh").get("/followups/bounces").says("退信与投诉", "收件地址不存在。")
	b.in("en").get("/followups/bounces?outcome=nonsense").want(http.StatusUnprocessableEntity)
	b.get("/followups?state=failed").says("bounced: 5.1.1")
	s.visitor().get("/followups/bounces").want(http.StatusSeeOther)
}

func TestWithoutASecretNobodyHandsBouncesOver(t *testing.T) {
	s := newRig(t)
	for _, secret := range []string{"", "x"} {
		if code, _ := s.hands(secret, "Subject: x\r\n\r\n"); code != http.StatusUnauthorized {
			t.Errorf("secret %q: %d", secret, code)
		}
	}
}

func TestMailIsSetUpAndTried(t *testing.T) {
	s := newRigWith(t, nil, nil)
	b := s.member(models.RoleAdmin)
	b.get("/settings/mail").want(http.StatusOK).says("v=spf1 a:heed.test ~all", "_dmarc.example.com", "v=DMARC1; p=quarantine; rua=mailto:postmaster@example.com", "Send a test to admin@team.example", "no relay is set").
		hides("found and right", "missing")
	b.get("/settings/mail?selector=k7").says("k7._domainkey.example.com")
	b.post("/settings/mail/test").want(http.StatusOK).says("No relay is set.", "Set mail.smtp_url")
	b.in("zh").get("/settings/mail").says("邮件设置", "需要发布的记录")
	for _, role := range []models.Role{models.RolePM, models.RoleSupport} {
		other := s.member(role)
		other.get("/settings/mail").want(http.StatusForbidden)
		other.post("/settings/mail/test").want(http.StatusForbidden)
		other.get("/inbox").hides("/settings/mail")
	}

	s = newRig(t)
	box := s.box
	s = newRigWith(t, nil, func(o *notifier.LedgerOptions) {
		p := must(notifier.NewPool(notifier.Options{URL: box.URL()}))(t)
		t.Cleanup(p.Close)
		o.Pool = p
	})
	s.member(models.RoleAdmin).post("/settings/mail/test").want(http.StatusOK).says("The relay took the mail to admin@team.example.", "250")
	if mails := box.Mails(); len(mails) != 1 || mails[0].To != "admin@team.example" || mails[0].Subject != "Test mail from Heed" {
		t.Errorf("%+v", mails)
	}
}

// Before a status is confirmed staff see the very mail, and nothing of it happens.
func TestTheMailIsSeenBeforeItIsSent(t *testing.T) {
	first := newRig(t)
	s := newStreetWith(t, nil, func(o *notifier.LedgerOptions) {
		p := must(notifier.NewPool(notifier.Options{URL: first.box.URL()}))(t)
		t.Cleanup(p.Close)
		o.Pool = p
	})
	th := s.theme("Faster exports", "", "")
	s.assign(th.ID, s.file("Exports are slow", "mei@example.com").Suggestion.ID, s.file("导出看板很慢，每次都要等十分钟", "wei@example.com").Suggestion.ID)
	b := s.member(models.RolePM)
	q := "/themes/" + th.ID + "/mail?status=declined&reason_en=It+would+not+be+safe%21"
	before := s.rowsOf("activities") + s.rowsOf("deliveries") + s.rowsOf("follow_up_events")
	b.get("/themes/" + th.ID + "?status=declined&reason_en=x").says("formaction=\"/themes/" + th.ID + "/mail\"")
	p := b.get(q).want(http.StatusOK)
	p.says("2 people, 2 by mail", "Follow-up: Faster exports", "It would not be safe!", "/mail/html?", "look=dark", "look=light", "sandbox", "Send to myself (English)", "Send to myself (Chinese)", "List-Unsubscribe: &lt;http://heed.test/unsubscribe/preview&gt;", "Auto-Submitted").
		hides("mei@example.com", "wei@example.com", "per_")
	doc := b.get("/themes/" + th.ID + "/mail/html?status=declined&reason_en=It+would+not+be+safe%21&locale=en&look=dark").want(http.StatusOK)
	doc.says("It would not be safe!", "@media all", "color-scheme: dark;").hides("prefers-color-scheme")
	if csp := doc.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") {
		t.Errorf("policy %q", csp)
	}
	b.get("/themes/"+th.ID+"/mail/html?status=declined&reason_en=x&locale=zh&look=light").says("@media not all", "暂不采纳")
	b.post("/themes/"+th.ID+"/mail", "status", "declined", "reason_en", "It would not be safe!", "locale", "en").want(http.StatusOK).says("The relay took the mail to pm@team.example.")
	if mails := first.box.Mails(); len(mails) != 1 || mails[0].To != "pm@team.example" || !strings.Contains(mails[0].Text, "It would not be safe!") {
		t.Errorf("%+v", mails)
	}
	if after := s.rowsOf("activities") + s.rowsOf("deliveries") + s.rowsOf("follow_up_events"); after != before {
		t.Errorf("%d rows were made by looking", after-before)
	}
	b.get("/themes/"+th.ID+"/mail?status=declined").want(http.StatusUnprocessableEntity).says("Follow-up", "reason_en").hides("<iframe")
	support := s.member(models.RoleSupport)
	support.get(q).want(http.StatusForbidden)
	support.post("/themes/"+th.ID+"/mail", "status", "planned").want(http.StatusForbidden)
	b.get("/themes/thm_none/mail?status=planned").want(http.StatusNotFound)
}

func (r *rig) rowsOf(table string) int {
	r.t.Helper()
	var n int64
	if err := r.db.Read(ctx).Table(table).Count(&n).Error; err != nil {
		r.t.Fatal(err)
	}
	return int(n)
}
