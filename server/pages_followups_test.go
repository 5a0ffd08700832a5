package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/themes"
)

// deliveries stores mails in several states.
func (s *street) deliveries(n int, states ...models.DeliveryState) []string {
	s.t.Helper()
	ids := []string{}
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for i := range n {
			now := s.db.Now()
			d := models.Delivery{ID: models.NewID(models.PrefixDelivery), Kind: "status", Lane: models.LaneNormal, Address: fmt.Sprintf("reader%d@example.com", i), Locale: "zh",
				ThemeID: s.public.ID, State: states[i%len(states)], RunAt: now, NotAfter: now.Add(time.Hour), Attempts: 1, Content: "sealed-content", CreatedAt: now, UpdatedAt: now}
			d.DedupKey, d.MessageID, d.Answer = d.ID, d.ID+"@example.com", "250 2.0.0 ok"
			if d.State == models.DeliverySkipped {
				d.Answer = "suppressed"
			}
			if err := tx.Create(&d).Error; err != nil {
				return err
			}
			ids = append(ids, d.ID)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

func TestTheDeliveryLogIsReadAndActedOn(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	ids := s.deliveries(4, models.DeliverySent, models.DeliveryFailed, models.DeliverySkipped, models.DeliveryReady)
	state := func(id string) models.DeliveryState {
		var d models.Delivery
		if err := s.db.Read(ctx).First(&d, "id = ?", id).Error; err != nil {
			t.Fatal(err)
		}
		return d.State
	}
	b.get("/followups").want(http.StatusOK).says("reader0@example.com", "Faster exports", "250 2.0.0 ok", "Trying again", "the address takes no mail", "/deliveries/"+ids[1]+"/retry").
		hides("sealed-content", "/deliveries/"+ids[0]+"/retry", "/deliveries/"+ids[2]+"/cancel")
	b.in("zh").get("/followups?state=failed&theme="+s.public.ID).says("reader1@example.com", "更快的导出", "state=failed", `class="sr"> reader1@example.com`,
		`name="next" value="/followups?state=failed&amp;theme=`+s.public.ID).hides("reader0@example.com")
	b.in("en").post("/deliveries/" + ids[1] + "/retry").to("/followups")
	b.get("/followups").says("It is sent again")
	b.post("/deliveries/"+ids[3]+"/cancel", "next", "/followups?state=ready").to("/followups?state=ready")
	if state(ids[1]) != models.DeliveryReady || state(ids[3]) != models.DeliveryCancelled {
		t.Errorf("retried %s, cancelled %s", state(ids[1]), state(ids[3]))
	}
	b.post("/deliveries/" + ids[0] + "/retry").to("/followups")
	b.get("/followups").says("toast-failed", "only one that waits")
	if state(ids[0]) != models.DeliverySent {
		t.Error("a mail that was sent was sent again")
	}
	support := s.member(models.RoleSupport)
	support.get("/followups").want(http.StatusOK).hides("/retry", "/cancel")
	support.post("/deliveries/" + ids[1] + "/cancel").want(http.StatusForbidden)
	b.get("/followups?state=nonsense").want(http.StatusUnprocessableEntity).says("</html>")
}

func TestTheLogSaysWhyMailIsKept(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	b.get("/followups").want(http.StatusOK).says("Mail is kept: no relay is set (mail.smtp_url).").hides("has been down since")
	b.in("zh").get("/followups").says("邮件已暂存：尚未设置邮件中继（mail.smtp_url）。").hides("Mail is kept")
}

func TestTheLogSaysThatTheRelayIsDown(t *testing.T) {
	closed := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	closed.Close()
	s := newRigWith(t, nil, func(o *notifier.LedgerOptions) {
		o.Pool = must(notifier.NewPool(notifier.Options{URL: "smtp://" + closed.Addr().String()}))(t)
		t.Cleanup(func() { o.Pool.Close() })
	})
	b := s.member(models.RolePM)
	b.get("/followups").hides("mail.smtp_url", "has been down since", "Next try")

	th := s.theme("Faster exports", "更快的导出", "")
	s.assign(th.ID, s.file("Exports are slow", "mei@example.com").Suggestion.ID)
	if _, _, err := s.themes.SetStatus(ctx, ana, th.ID, themes.StatusChange{Status: models.StatusShipped, Notify: true}); err != nil {
		t.Fatal(err)
	}
	s.notifier.Register()
	run, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() { s.notifier.Run(run) })
	parts.Go(func() { s.queue.Run(run) })
	defer func() { stop(); parts.Wait() }()
	for deadline := time.Now().Add(10 * time.Second); !s.notifier.Status().Down; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody tried to send")
		}
	}
	b.get("/followups").says("The mail relay has been down since", "connection refused", "Next try").hides("mail.smtp_url")
	b.in("zh").get("/followups").says("邮件中继自", "起无法使用，邮件已暂存。", "connection refused", "重试。")
}

func TestListsGoOn(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	s.deliveries(60, models.DeliverySent)
	for i := range 60 {
		s.theme(fmt.Sprintf("Wish number %d for a teapot of kind %d", i, i*i), "", "")
	}
	now := s.db.Now()
	err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for i := range 60 {
			row := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: fmt.Sprintf("unlike number %d", i), Kind: models.KindProblem, Source: "api", State: models.StateNew,
				Receipt: fmt.Sprintf("R%d", i), Action: models.ActionSuggested, Waiting: true, Rev: 1, CreatedAt: now, UpdatedAt: now}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, last := range map[string]string{"/inbox?kind=problem": "unlike number 0<", "/themes?sort=new": "Faster exports", "/followups": "reader0@example.com", "/?tab=new": "Faster exports"} {
		p := b.get(path).want(http.StatusOK).says("Load 50 more").hides(last)
		b.get(hrefOf(t, p.body)).want(http.StatusOK).says(last).hides("Load 50 more")
	}
	b.get("/inbox?cursor=nonsense").want(http.StatusUnprocessableEntity)
	b.get("/?cursor=nonsense").want(http.StatusUnprocessableEntity)
	b.get("/themes?sort=nonsense").want(http.StatusUnprocessableEntity)
}

func TestGitHubsWordOpensABanner(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	path := "/themes/" + s.public.ID
	b.get(path).hides("ready to ship", "not planned")
	if err := s.themes.MarkReady(ctx, ana, s.public.ID); err != nil {
		t.Fatal(err)
	}
	b.get(path).says("ready to ship", `href="?status=shipped#status-title"`)
	if err := s.themes.MarkWantsReason(ctx, ana, s.public.ID); err != nil {
		t.Fatal(err)
	}
	b.in("zh").get(path).says("标记为不做").hides("可以上线")
	s.visitor().get("/t/"+s.public.ID).hides("ready to ship", "not planned")
}
