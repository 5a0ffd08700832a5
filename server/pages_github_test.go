package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// tied stores a link of the public theme, as it is after its issue was made.
func (s *street) tied(repository string, number int) models.IssueLink {
	s.t.Helper()
	now := s.db.Now()
	l := models.IssueLink{ID: models.NewID(models.PrefixIssueLink), ThemeID: s.public.ID, Repository: repository, RepositoryID: int64(1000 + number), IssueID: int64(number), Number: number, State: models.LinkLinked,
		IssueState: "open", URL: fmt.Sprintf("https://github.com/%s/issues/%d", repository, number), CreatedAt: now, UpdatedAt: now}
	s.store(&l)
	return l
}

// went stores a row of the ledger.
func (s *street) went(l models.IssueLink, op models.IssueOp) models.IssueOp {
	s.t.Helper()
	op.ID, op.LinkID, op.ThemeID, op.CreatedAt = models.NewID(models.PrefixIssueOp), l.ID, l.ThemeID, s.db.Now()
	if op.State == models.OpDone {
		op.DoneAt = new(s.db.Now())
	}
	s.store(&op)
	return op
}

func repair(s *street, l models.IssueLink) string {
	return "/themes/" + s.public.ID + "/issues/" + l.ID + "/repair"
}

func (s *street) store(row any) {
	s.t.Helper()
	if err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(row).Error }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *street) linkNow(id string) (l models.IssueLink) {
	s.t.Helper()
	if err := s.db.Read(ctx).First(&l, "id = ?", id).Error; err != nil {
		s.t.Fatal(err)
	}
	return l
}

func TestTheGitHubPageSaysHowItIs(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	b.get("/github").want(http.StatusOK).says("GitHub is not set up here.", "An administrator can connect it", "Nothing has gone to GitHub", `href="/themes"`).hides("No webhook")
	b.in("zh").get("/github").says("尚未接入 GitHub", "还没有同步记录", "选择需求")
	b.get("/github?which=failed").says("没有符合条件的记录").hides("还没有同步记录")
	for _, wrong := range []string{"?which=nonsense", "?cursor=nonsense"} {
		b.in("en").get("/github" + wrong).want(http.StatusUnprocessableEntity).says("</html>")
	}

	l := s.tied("acme/web", 77)
	s.went(l, models.IssueOp{Field: "label", Way: models.WayIn, Was: "planned", Becomes: "in_progress", State: models.OpDone})
	s.went(l, models.IssueOp{Field: "state", Way: models.WayOut, Conflict: true, Was: "not_planned", Becomes: "shipped", State: models.OpPlanned})
	s.went(l, models.IssueOp{Field: "block", Way: models.WayOut, Conflict: true, Was: "<!-- heed:begin -->\n<b>mine</b>\n" + strings.Repeat("long ", 60), Becomes: "0123digest", State: models.OpSent, Attempts: 2})
	s.went(l, models.IssueOp{Field: "title", Way: models.WayIn, Was: "password=hunter2secret", Becomes: "Quick exports", State: models.OpDone})
	s.went(l, models.IssueOp{Field: "comment:cmt_1", Way: models.WayOut, Becomes: "Thank you\n\n<!-- heed cmt_1 -->", State: models.OpFailed, Note: "github_forbidden: locked"})
	b.get("/github").says("acme/web#77", "https://github.com/acme/web/issues/77", "Faster exports", "In progress", "from GitHub", "closed · not planned", "to GitHub", "Shipped",
		"Both had changed; the later one counts.", "&lt;b&gt;mine", "the theme&#39;s public text", "Sent, not confirmed", "2 tries", "Quick exports", "Comment", "Thank you", "Waits its turn", `value="skip"`).
		hides("<b>mine", "0123digest", "hunter2", "cmt_1", "heed:begin", "Nothing has gone", `value="ours"`)
	b.get("/github?which=conflict").says("closed · not planned").hides("Quick exports")
	b.get("/github?theme="+s.public.ID).says("Only about", "Quick exports")
	b.get("/github?theme="+s.declined.ID).says("Fax output", "Nothing like that").hides("Quick exports")
	b.in("zh").get("/github").says("更快的导出", "来自 GitHub", "写入 GitHub", "开发中", "两边都改过，以后改的为准。", "已关闭 · 不做", "共 2 次")
	b.in("en").get("/themes/"+s.public.ID).says(`href="/github?theme=`+s.public.ID+`"`, "Theme wins", "Issue wins").hides("Leave as it is")
	s.went(l, models.IssueOp{Field: "merged:12345/31", Way: models.WayIn, Was: "under_review", Becomes: "ready", State: models.OpDone})
	s.went(l, models.IssueOp{Field: "target", Way: models.WayOut, Becomes: "<i>2.4</i>", State: models.OpFailed, Note: "github_milestone_missing: <i>2.4</i>"})
	b.in("en").get("/github").says("Pull request #31 merged", "Ready to ship", "Planned for", "no milestone called “&lt;i&gt;2.4", "github.milestones: create").hides("<i>2.4", "12345", "merged:")
	b.in("zh").get("/github").says("合并请求 #31 已合并", "待上线", "计划目标", "没有名为“&lt;i&gt;2.4").hides("<i>2.4")
	s.visitor().get("/github").to("/sign-in?next=%2Fgithub")
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	l := s.tied("acme/web", 77)
	s.store(&models.GithubRepository{ID: l.RepositoryID, Name: "acme/web", Since: time.Now(), CheckedAt: time.Now(), LastError: "github_token_refused: 401 Bad credentials"})
	if err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.IssueLink{}).Where("id = ?", l.ID).Update("last_error", "github_too_many_writes: 2026-01-02T15:04:05Z").Error
	}); err != nil {
		t.Fatal(err)
	}
	b.get("/github").says("GitHub refused the token or the App (401 Bad credentials)", "writes to it again at 2 Jan 2026").hides("15:04:05Z", "github_token_refused")
	b.in("zh").get("/github").says("GitHub 不接受当前令牌或 App（401 Bad credentials）", "2026 年 1 月 2 日")
}

func TestWhatFailedIsMendedFromTheLedger(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	l := s.tied("acme/web", 77)
	if err := s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.IssueLink{}).Where("id = ?", l.ID).Update("last_error", "github_rejected: title is too long").Error
	}); err != nil {
		t.Fatal(err)
	}
	b.get("/github").says("Something is wrong", "title is too long", `action="`+repair(s, l)+`"`)
	b.get("/github?which=open").hides("Something is wrong")
	op := s.went(l, models.IssueOp{Field: "title", Way: models.WayOut, Was: "Exports", Becomes: "Faster exports", State: models.OpFailed, Note: "github_rejected: title is too long"})
	repair := repair(s, l)
	page := "/github?theme=" + s.public.ID + "&which=failed"
	b.get(page).says("GitHub did not accept this (title is too long). Change it here", `action="`+repair+`"`, `value="again"`, `value="skip"`, `value="ours"`, `value="theirs"`,
		`name="next" value="/github?theme=`+s.public.ID+`&amp;which=failed"`, "its people hear of it")
	b.in("zh").get(page).says("GitHub 没有接受这次修改", "保持现状", "以需求为准", "以 Issue 为准")
	b.in("en").post(repair, "how", "ours", "next", page).to(page)
	b.get(page).says("The issue becomes what the theme says")
	if s.linkNow(l.ID).Force != "ours" {
		t.Error("the theme does not win")
	}
	b.post(repair, "how", "theirs").to("/themes/" + s.public.ID)
	b.post(repair, "how", "again", "next", page).to(page)
	b.post(repair, "how", "nonsense", "next", page).to(page)
	b.get(page).says("toast-failed")
	b.post(repair, "how", "skip", "next", "https://elsewhere.example/").to("/themes/" + s.public.ID)
	b.get("/github").says("Not needed any more").hides(repair)
	if err := s.db.Read(ctx).First(&op, "id = ?", op.ID).Error; err != nil || op.State != models.OpDropped {
		t.Errorf("%s, %v", op.State, err)
	}
	viewer := s.member(models.RoleSupport)
	viewer.get("/github").want(http.StatusOK).hides("/repair")
	viewer.get("/themes/" + s.public.ID).hides("/repair")
	viewer.post(repair, "how", "again").want(http.StatusForbidden)
}

// What keeps issues out of a repository is said, and who administers may agree to write
// to one that has become public.
func TestARepositoryThatBecamePublicWaitsForAWord(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	l := s.tied("acme/secret", 5)
	web := s.tied("acme/web", 6)
	now := s.db.Now()
	s.store(&models.GithubRepository{ID: l.RepositoryID, Name: l.Repository, Since: now, CheckedAt: now, Private: true, Trouble: "github_now_public"})
	s.store(&models.GithubRepository{ID: web.RepositoryID, Name: "acme/web", Since: now, CheckedAt: now, LastError: "502 <b>", Trouble: "github_issues_off"})
	s.store(&models.HookDelivery{GUID: "1", Event: "issues", ReceivedAt: now})
	b.get("/github").says("The repository acme/secret was private and is public now.", "Issues are switched off in this repository.", "502 &lt;b&gt;").hides("/github/agree")
	b.post("/github/agree", "repository", "acme/secret").want(http.StatusForbidden)
	owner := s.member(models.RoleOwner)
	owner.get("/github").says(`action="/github/agree"`, `value="acme/secret"`).hides(`value="acme/web"`)
	owner.post("/github/agree", "repository", "acme/secret").to("/github")
	owner.get("/github").says("Heed writes to acme/secret again").hides("/github/agree")
	owner.post("/github/agree", "repository", "acme/secret").to("/github")
	owner.get("/github").says("toast-failed", "waits for nobody")
}

func TestTheLedgerGoesOn(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	l := s.tied("acme/web", 77)
	for i := range 60 {
		s.went(l, models.IssueOp{Field: "title", Way: models.WayIn, Conflict: true, Becomes: fmt.Sprintf("Name %d.", i), State: models.OpDone})
	}
	p := b.get("/github?which=conflict&theme="+s.public.ID).says("Load 50 more", "Name 59.").hides("Name 0.")
	more := hrefOf(t, p.body)
	if !strings.Contains(more, "which=conflict") || !strings.Contains(more, "theme="+s.public.ID) {
		t.Errorf("more forgets what was asked for: %s", more)
	}
	b.get(more).says("Name 0.").hides("Load 50 more", "Name 59.")

	token := s.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead}})
	code, out := s.call(token, http.MethodGet, "/github/ledger?limit=2&which=conflict", "", nil)
	rows, _ := out["rows"].([]any)
	if code != http.StatusOK || len(rows) != 2 || out["next_cursor"] == "" {
		t.Errorf("%d %v", code, out)
	}
	first, _ := json.Marshal(rows[0])
	if !strings.Contains(string(first), `"becomes":"Name 59."`) || !strings.Contains(string(first), `"repository":"acme/web"`) {
		t.Errorf("%s", first)
	}
	if code, out = s.call(token, http.MethodGet, "/github", "", nil); code != http.StatusOK || out["configured"] != false || out["repositories"] == nil {
		t.Errorf("%d %v", code, out)
	}
	for _, wrong := range []string{"?which=nonsense", "?limit=1000", "?cursor=nonsense"} {
		if code, _ = s.call(token, http.MethodGet, "/github/ledger"+wrong, "", nil); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", wrong, code)
		}
	}
}

func TestAMergeSaysThatGitHubCalledItADuplicate(t *testing.T) {
	s := newStreet(t)
	why := models.Reason{Kind: models.ReasonGitHub, Words: []string{"acme/web#5<b>"}, URL: "https://github.com/acme/web/issues/7#issuecomment-1", Link: "iss_1"}
	if state, err := s.themes.ProposeMerge(ctx, auth.GitHub(), s.theme("The same", "", "").ID, s.theme("As this", "", "").ID, why); err != nil || state != models.ProposalOpen {
		t.Fatal(state, err)
	}
	b := s.member(models.RolePM)
	b.get("/proposals").says("Are these one theme?", "closed on GitHub as a duplicate of acme/web#5&lt;b&gt;", `href="https://github.com/acme/web/issues/7#issuecomment-1"`).hides("#5<b>", "iss_1", "shares")
	b.in("zh").get("/proposals").says("已作为 acme/web#5&lt;b&gt; 的重复项关闭")
}

// What is wrong with the webhooks is said with the way out, what is no error quietly, and who
// administers may have all of it looked at again.
func TestHowTheWebhooksAreIsSaid(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	s.tied("acme/web", 6)
	now := s.db.Now()
	s.store(&models.GithubHook{RepositoryID: 6, Repository: "acme/web", Since: now, LookedAt: now, Problems: models.AsJSON([]string{"github_hook_secret: 401 <b>", "github_hook_inactive: -"})})
	s.store(&models.GithubHook{RepositoryID: 7, Repository: "acme/new", Since: now, LookedAt: now, Quiet: "github_hooks_unread: 403 no"})
	s.store(&models.GithubHook{Since: now, LookedAt: now, Problems: models.AsJSON([]string{"github_app_hook_missing: http://heed.test/webhooks/github"})})
	s.store(&models.GithubHook{RepositoryID: 8, Repository: "acme/left", Since: now, LookedAt: now.AddDate(0, 0, -5), Problems: models.AsJSON([]string{"github_hook_form: -"})})
	s.store(&models.GithubRedelivery{GUID: "1", RepositoryID: 6, Attempts: 2, AskedAt: now})
	s.store(&models.GithubReleaseList{RepositoryID: 6, Repository: "acme/web", Since: now, Trouble: "github_releases_unread: 403"})
	b.get("/github").says("its secret is not the one of github.webhook_secret", "401 &lt;b&gt;", "The webhook is switched off.", "Heed may not look at the webhook (403 no)", "acme/new",
		"The App&#39;s webhook does not send to http://heed.test/webhooks/github", "1 webhook was lost", "so none becomes a draft").hides("401 <b>", "acme/left", "sends forms", `action="/github/visit"`)
	b.in("zh").get("/github").says("密钥与 github.webhook_secret 不一致", "Webhook 已停用", "不影响使用", "已请 GitHub 补发")
	b.post("/github/visit").want(http.StatusForbidden)
	owner := s.member(models.RoleOwner)
	owner.post("/github/visit").to("/github")
	owner.get("/github").says("toast-failed", "GitHub is not set up here")

	token := s.token(auth.NewToken{Kind: models.TokenService, Name: "ci", Scopes: []auth.Scope{auth.ScopeThemesRead}})
	code, out := s.call(token, http.MethodGet, "/github", "", nil)
	raw, _ := json.Marshal(out)
	for _, want := range []string{`"problems":["github_hook_secret: 401`, `"asked_again":1`, `"app_webhook":{`, `"quiet":["github_hooks_unread: 403 no"]`} {
		if code != http.StatusOK || !strings.Contains(string(raw), want) {
			t.Errorf("%d %s lacks %s", code, raw, want)
		}
	}
	if code, _ := s.call(token, http.MethodPost, "/github/visit", "", nil); code != http.StatusForbidden {
		t.Error("a token that reads had it looked at:", code)
	}
}

// While GitHub wants silence or cannot be reached, nobody reads that both sides agree.
func TestAnIssueThatWaitsIsNotSaidToBeInStep(t *testing.T) {
	s := newStreet(t)
	b := s.member(models.RolePM)
	l := s.tied("acme/web", 7)
	theme := "/themes/" + s.public.ID
	b.get(theme).says("In step").hides("on its way to GitHub")
	s.store(&models.Job{ID: models.NewID(models.PrefixJob), Kind: "github.pull", Key: l.ID, RunAt: s.db.Now().Add(time.Hour), CreatedAt: s.db.Now()})
	b.get(theme).says("on its way to GitHub").hides("In step")
	b.in("zh").get(theme).says("正在同步到 GitHub")
}
