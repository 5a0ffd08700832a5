//go:build unix

package githubstand

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

func TestWhatGitHubRefuses(t *testing.T) {
	s := StartT(t, Options{Unjudged: true})
	bot, stranger, visitor := product(t, s, s.BotToken), product(t, s, "ghp_stranger"), github.NewClient(nil)
	visitor.BaseURL = bot.BaseURL
	long := func(n int) *string { return github.String(strings.Repeat("界", n)) }
	create := func(c *github.Client, in *github.IssueRequest) error {
		_, _, err := c.Issues.Create(t.Context(), "acme", "roadmap", in)
		return err
	}
	issue := must[Issue](t)(s.CreateIssue(t.Context(), roadmap, "a", "b"))
	edit := func(in *github.IssueRequest) error {
		_, _, err := bot.Issues.Edit(t.Context(), "acme", "roadmap", issue.Number, in)
		return err
	}
	label := func(name *string) error {
		_, _, err := bot.Issues.CreateLabel(t.Context(), "acme", "roadmap", &github.Label{Name: name, Color: github.String("00ff00")})
		return err
	}
	read := func(c *github.Client, repo string) error {
		_, _, err := c.Repositories.Get(t.Context(), "acme", repo)
		return err
	}
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"unknown token", read(stranger, "roadmap"), 401},
		{"visitor writes", create(visitor, &github.IssueRequest{Title: github.String("x")}), 401},
		{"visitor reads what is public", read(visitor, "roadmap"), 0},
		{"visitor reads what is private", read(visitor, "secret"), 404},
		{"no such repository", read(bot, "nothing"), 404},
		{"title of 256", create(bot, &github.IssueRequest{Title: long(256)}), 0},
		{"title of 257", create(bot, &github.IssueRequest{Title: long(257)}), 422},
		{"body of 65,536", edit(&github.IssueRequest{Body: long(65536)}), 0},
		{"body of 65,537", edit(&github.IssueRequest{Body: long(65537)}), 422},
		{"label of 50", label(long(50)), 0},
		{"label of 51", label(long(51)), 422},
		{"closed as a duplicate", edit(&github.IssueRequest{State: github.String("closed"), StateReason: github.String("duplicate")}), 0},
		{"closed for no known reason", edit(&github.IssueRequest{State: github.String("closed"), StateReason: github.String("whim")}), 422},
	} {
		if got := status(c.err); got != c.want || (c.want == 0) != (c.err == nil) {
			t.Errorf("%s: %d (%v), want %d", c.name, got, c.err, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	s := StartT(t, Options{Limits: Limits{PerMinute: 2}})
	in := &github.IssueRequest{Title: github.String("x")}
	var last error
	for range 3 {
		_, _, last = product(t, s, s.BotToken).Issues.Create(t.Context(), "acme", "roadmap", in)
	}
	if abuse, ok := last.(*github.AbuseRateLimitError); !ok || *abuse.RetryAfter != time.Minute {
		t.Errorf("third create of a minute: %v, want a secondary limit of 60 s", last)
	}
	if n := len(must[[]Issue](t)(s.ListIssues(t.Context(), roadmap))); n != 2 {
		t.Errorf("%d issues, want 2: a refused request must not act", n)
	}
	s.SetLimits(Limits{})
	s.ExhaustPrimary(s.BotToken, time.Hour)
	_, _, err := product(t, s, s.BotToken).Issues.Create(t.Context(), "acme", "roadmap", in)
	if rate, ok := err.(*github.RateLimitError); !ok || rate.Rate.Remaining != 0 || time.Until(rate.Rate.Reset.Time) < 59*time.Minute {
		t.Errorf("without budget: %v, want a primary limit with its reset", err)
	}
	if _, _, err := product(t, s, s.HumanToken).Repositories.Get(t.Context(), "acme", "roadmap"); err != nil {
		t.Errorf("another token pays for the bot: %v", err)
	}
	if st := s.Stats(); st.PrimaryLimited != 1 || st.SecondaryLimited != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestSinceKeepsTheSameSecondAndTimesAreWhole(t *testing.T) {
	s := StartT(t, Options{})
	issue := must[Issue](t)(s.CreateIssue(t.Context(), roadmap, "a", "b"))
	res := must[*http.Response](t)(http.Get(s.BaseURL + "/repos/acme/roadmap/issues/1"))
	defer res.Body.Close()
	var raw struct {
		UpdatedAt string `json:"updated_at"`
	}
	if err := json.NewDecoder(res.Body).Decode(&raw); err != nil || len(raw.UpdatedAt) != len("2006-01-02T15:04:05Z") {
		t.Errorf("updated_at %q (%v), want whole seconds", raw.UpdatedAt, err)
	}
	for since, want := range map[time.Duration]int{0: 1, -time.Second: 1, time.Second: 0} {
		opts := &github.IssueListByRepoOptions{State: "all", Since: issue.UpdatedAt.Truncate(time.Second).Add(since)}
		list, _, err := product(t, s, s.BotToken).Issues.ListByRepo(t.Context(), "acme", "roadmap", opts)
		if err != nil || len(list) != want {
			t.Errorf("since %s after the change: %d issues (%v), want %d", since, len(list), err, want)
		}
	}
}

func TestCommentsOfARepositoryArePagedAndSorted(t *testing.T) {
	s := StartT(t, Options{})
	for i := range 2 {
		issue := must[Issue](t)(s.CreateIssue(t.Context(), roadmap, fmt.Sprint(i), ""))
		must[IssueComment](t)(s.Comment(t.Context(), roadmap, issue.Number, fmt.Sprint("comment ", i)))
		must[IssueComment](t)(s.Comment(t.Context(), roadmap, issue.Number, fmt.Sprint("more ", i)))
	}
	var got []string
	opts := &github.IssueListCommentsOptions{Sort: github.String("updated"), Direction: github.String("asc"), ListOptions: github.ListOptions{PerPage: 3}}
	pages := 0
	for {
		list, res, err := product(t, s, s.BotToken).Issues.ListComments(t.Context(), "acme", "roadmap", 0, opts)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, c := range list {
			got = append(got, c.GetBody())
		}
		if res.NextPage == 0 {
			break
		}
		opts.Page = res.NextPage
	}
	if want := "comment 0,more 0,comment 1,more 1"; strings.Join(got, ",") != want || pages != 2 {
		t.Errorf("%v in %d pages, want %s in 2", got, pages, want)
	}
	future := time.Now().Add(time.Hour)
	list, _, err := product(t, s, s.BotToken).Issues.ListComments(t.Context(), "acme", "roadmap", 0, &github.IssueListCommentsOptions{Since: &future})
	if err != nil || len(list) != 0 {
		t.Errorf("%d comments from the future (%v)", len(list), err)
	}
}

func TestRenameTransferAndDeletion(t *testing.T) {
	s := StartT(t, Options{})
	ctx, bot := t.Context(), product(t, s, s.BotToken)
	first := must[Issue](t)(s.CreateIssue(ctx, roadmap, "stays", ""))
	second := must[Issue](t)(s.CreateIssue(ctx, roadmap, "goes", "text"))
	moved := must[Issue](t)(s.TransferIssue(ctx, roadmap, second.Number, "acme/secret"))
	got, _, err := bot.Issues.Get(ctx, "acme", "roadmap", second.Number)
	if err != nil || got.GetID() != moved.ID || got.GetBody() != "text" {
		t.Errorf("the transferred issue: %v (%v), want id %d by a redirect", got, err, moved.ID)
	}
	if list := must[[]Issue](t)(s.ListIssues(ctx, roadmap)); len(list) != 1 || list[0].ID != first.ID {
		t.Errorf("the old repository lists %v, want only what stayed", list)
	}
	renamed := must[string](t)(s.Rename(ctx, roadmap, "plans"))
	if renamed != "acme/plans" {
		t.Errorf("renamed to %s", renamed)
	}
	if got, _, err = bot.Issues.Get(ctx, "acme", "roadmap", first.Number); err != nil || got.GetID() != first.ID {
		t.Errorf("by the former name: %v (%v)", got, err)
	}
	title := github.String("written through the former name")
	if got, _, err = bot.Issues.Edit(ctx, "acme", "roadmap", first.Number, &github.IssueRequest{Title: title}); err != nil || got.GetTitle() != *title {
		t.Errorf("write by the former name: %v (%v)", got, err)
	}
	s.DeleteIssue(renamed, first.Number)
	if _, _, err = bot.Issues.Get(ctx, "acme", "plans", first.Number); status(err) != http.StatusGone {
		t.Errorf("a deleted issue: %v, want 410", err)
	}
	if err := s.SetPrivate(ctx, renamed, true); err != nil {
		t.Fatal(err)
	}
	repo, _, err := bot.Repositories.GetByID(ctx, 1)
	if err != nil || !repo.GetPrivate() || repo.GetFullName() != renamed {
		t.Errorf("by id: %s, private %v (%v)", repo.GetFullName(), repo.GetPrivate(), err)
	}
}

func TestTheAppGetsAnInstallationToken(t *testing.T) {
	s := StartT(t, Options{App: true})
	app := product(t, s, assertion(t, s, s.AppID))
	token, _, err := app.Apps.CreateInstallationToken(t.Context(), s.InstallationID, &github.InstallationTokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := product(t, s, token.GetToken()).Issues.ListByRepo(t.Context(), "acme", "secret", nil); err != nil {
		t.Errorf("with the installation's token: %v", err)
	}
}

// assertion is how an App shows who it is: signed with its key, in the name of the id.
func assertion(t *testing.T, s *Stand, appID int64) string {
	t.Helper()
	block, _ := pem.Decode([]byte(s.AppKey))
	key := must[*rsa.PrivateKey](t)(x509.ParsePKCS1PrivateKey(block.Bytes))
	part := func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }
	now := time.Now().Unix()
	unsigned := part(`{"alg":"RS256","typ":"JWT"}`) + "." + part(fmt.Sprintf(`{"iat":%d,"exp":%d,"iss":"%d"}`, now-30, now+300, appID))
	sum := sha256.Sum256([]byte(unsigned))
	signature := must[[]byte](t)(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]))
	return unsigned + "." + base64.RawURLEncoding.EncodeToString(signature)
}
