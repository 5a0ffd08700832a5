package issuesync

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
	"github.com/heedhq/heed/themes"
)

var admin = auth.Actor{Kind: models.ActorMember, ID: "mem_9", Name: "Ada Admin", Role: models.RoleAdmin}

// unset is a world whose configuration says nothing about who it is on GitHub.
func unset(t *testing.T, db *models.DB, stand *githubstand.Stand, change ...func(*Options)) *world {
	t.Helper()
	vault := auth.New(db, auth.Options{Key: []byte("0123456789abcdef0123456789abcdef")})
	return newWorld(t, db, stand, append([]func(*Options){func(o *Options) {
		o.Token, o.WebhookSecret, o.Repository, o.Vault = "", "", "", vault
	}}, change...)...)
}

// byManifest has the App made as a person in the browser does, and gives its webhook secret.
func (w *world) byManifest() githubstand.MadeApp {
	w.t.Helper()
	state, made := w.begin("session"), w.stand.MakeApp()
	if err := w.FinishApp(w.t.Context(), admin, "session", state, made.Code); err != nil {
		w.t.Fatal(err)
	}
	return made
}

var stateOfWay = regexp.MustCompile(`[?&]state=([A-Za-z0-9]+)$`)

func (w *world) begin(session string) (state string) {
	w.t.Helper()
	way, err := w.BeginApp(w.t.Context(), admin, session, AppForm{Name: "Heed at Acme"})
	m := stateOfWay.FindStringSubmatch(way.Address)
	if err != nil || m == nil {
		w.t.Fatalf("%+v, %v", way, err)
	}
	return m[1]
}

func (w *world) choose(name string) {
	w.t.Helper()
	if err := w.ChooseRepository(w.t.Context(), admin, name); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) connection() Connection {
	w.t.Helper()
	return must[Connection](w.t)(w.Connection(w.t.Context(), admin))
}

func TestAnAppThatIsMadeWorksWithoutARestartAndOnEveryNode(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	each(t, func(t *testing.T, db *models.DB) {
		w, other := unset(t, db, stand, ship), unset(t, db, stand, ship)
		w.start()
		other.start()
		th := w.theme("Made live " + db.Dialect())
		if _, err := w.Create(t.Context(), pm, th.ID, ""); code(err) != "repository github_not_configured" {
			t.Fatalf("before there is a connection: %v", err)
		}
		made := w.byManifest()
		reach := must[Reach](t)(w.Reach(t.Context(), admin))
		if len(reach.Installations) != 1 || reach.Installations[0].Account != "acme" || len(reach.Repositories) != 2 || reach.Repositories[0].Name != roadmap || !reach.Repositories[1].Private {
			t.Errorf("the App reaches %+v", reach)
		}
		w.choose(roadmap)
		l := w.waitFor(w.create(th).ID, models.LinkLinked)
		if got := w.issues(th.PublicTitle.EN); len(got) != 1 || got[0].User.Login != "heed[bot]" {
			t.Errorf("on GitHub there are %+v", got)
		}
		for name, node := range map[string]*world{"this": w, "the other": other} {
			eventually(t, name+" node follows", func() bool { return node.now().opts.Repository == roadmap }, func() any { return node.now().rev })
		}
		url, outcomes := receiver(t, other) // the other node takes the webhook
		payload := fmt.Appendf(nil, `{"action":"closed","issue":{"number":%d},"repository":{"id":%d}}`, l.Number, l.RepositoryID)
		for secret, want := range map[string]int{made.WebhookSecret: http.StatusAccepted, stand.WebhookSecret: http.StatusUnauthorized, "": http.StatusUnauthorized} {
			if got := must[int](t)(stand.Deliver(t.Context(), url, "issues", secret, payload)); got != want {
				t.Errorf("a webhook with the secret %q is answered %d, want %d", secret, got, want)
			}
		}
		if outcomes()["queued"] != 1 {
			t.Errorf("%v", outcomes())
		}
		again := w.byManifest()
		for secret, want := range map[string]int{again.WebhookSecret: http.StatusAccepted, made.WebhookSecret: http.StatusUnauthorized} {
			eventually(t, "the new secret counts and the old does not", func() bool {
				got, err := stand.Deliver(t.Context(), url, "issues", secret, payload)
				return err == nil && got == want
			}, func() any { return other.now().rev })
		}
		if c := w.connection(); c.Kind != models.ConnectedByApp || c.Name != "heed" || c.AppID != stand.AppID || c.Repository != roadmap || !c.Hook || c.Install != stand.BaseURL+"/apps/heed/installations/new" || c.Half || c.Managed {
			t.Errorf("it is shown as %+v", c)
		}
	})
}

// What is in flight when the connection changes ends under the old one.
func TestWhatIsInFlightEndsUnderTheConnectionItBeganWith(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := unset(t, sqlite(t), stand)
	w.connect(stand.BotToken, roadmap)
	before := w.now()
	w.byManifest()
	if w.now() == before || before.opts.Token != stand.BotToken || w.now().opts.Token != "" {
		t.Fatal("the connection was not changed, or changed under who holds it")
	}
	if login := must[string](t)(before.api.bot(t.Context())); login != stand.BotLogin {
		t.Errorf("the old one is %s", login)
	}
	if login := must[string](t)(w.now().api.bot(t.Context())); login != "heed[bot]" {
		t.Errorf("the new one is %s", login)
	}
	if before.lane.token == w.now().lane.token {
		t.Error("both write in one lane")
	}
}

func (w *world) connect(token, repository string) {
	w.t.Helper()
	if err := w.ConnectToken(w.t.Context(), admin, TokenForm{Token: token, Repository: repository}); err != nil {
		w.t.Fatal(err)
	}
}

// An answer that was lost under one account is looked for under that account, whoever we are
// by then.
func TestAnIssueWhoseAnswerWasLostIsFoundByTheNextConnection(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := unset(t, sqlite(t), stand)
	w.connect(stand.BotToken, roadmap)
	stand.Fail(githubstand.Fault{Method: "POST", Path: createPath, Kind: githubstand.DropAfter})
	l := w.create(w.theme("Asked for as another"))
	stop := w.start()
	w.waitFor(l.ID, models.LinkUncertain)
	stop()
	w.byManifest()
	w.start()
	l = w.waitFor(l.ID, models.LinkLinked)
	if got := w.issues("Asked for as another"); len(got) != 1 || got[0].ID != l.IssueID || got[0].User.Login != stand.BotLogin {
		t.Errorf("there are %+v", got)
	}
}

func TestWithoutAConnectionWhatHappensWaitsForOne(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	w := unset(t, sqlite(t), stand)
	w.connect(stand.BotToken, roadmap)
	th, l := w.linked("Waits for a connection")
	if err := w.Disconnect(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	if c := w.connection(); c.Kind != "" || c.Name != "" || w.Configured() {
		t.Errorf("after its end: %+v", c)
	}
	stand.ResetLog()
	w.start()
	title := models.Text{EN: "Changed meanwhile"}
	if _, _, err := w.th.Edit(t.Context(), pm, th.ID, 0, themes.Draft{PublicTitle: &title}); err != nil {
		t.Fatal(err)
	}
	if err := w.queue.Enqueue(t.Context(), PullJob, l.ID, "", w.db.Now()); err != nil {
		t.Fatal(err)
	}
	for _, job := range []func() error{func() error { return w.Reconcile(t.Context()) }, func() error { return w.Sweep(t.Context()) }, func() error { return w.Visit(t.Context()) }} {
		if err := job(); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "the job waits", func() bool {
		var j models.Job
		return w.db.Read(t.Context()).First(&j, "kind = ?", PullJob).Error == nil && j.RunAt.After(w.db.Now())
	}, func() any { return w.jobs() })
	if got := stand.Requests(); len(got) != 0 {
		t.Errorf("without a connection GitHub was asked %s", got[0].Path)
	}
	if w.read(l.ID).State != models.LinkLinked {
		t.Error("the link is gone")
	}
	w.connect(stand.BotToken, roadmap)
	eventually(t, "the new title is there", func() bool { return len(w.issues("Changed meanwhile")) == 1 }, func() any { return w.read(l.ID) })
}

// Nothing that opens a door stands anywhere in the database as it is, nor in what is shown.
func TestTheSecretsOfAConnectionAreSealed(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	each(t, func(t *testing.T, db *models.DB) {
		log := captureLog(t)
		w := unset(t, db, stand)
		w.connect(stand.BotToken, roadmap)
		hook := must[string](t)(w.NewHook(t.Context(), admin))
		secrets := []string{stand.BotToken, hook}
		shown := fmt.Sprintf("%+v", w.connection()) + everything(t, db) + log()
		state := w.begin("a session")
		made := w.stand.MakeApp()
		if err := w.FinishApp(t.Context(), admin, "a session", state, made.Code); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, state, "a session", made.Code, made.WebhookSecret, strings.Split(stand.AppKey, "\n")[3])
		shown += fmt.Sprintf("%+v", w.connection()) + everything(t, db) + log()
		for _, secret := range secrets {
			if strings.Contains(shown, secret) {
				t.Errorf("%q stands somewhere as it is", secret)
			}
		}
		if !strings.Contains(everything(t, db), "heed") {
			t.Error("nothing was read of the database")
		}
		w.sound(t)
		w.exec("UPDATE github_connections SET token = private_key, kind = 'token', rev = rev + 1") // moved elsewhere it does not open
		if err := w.Follow(t.Context()); err != nil || w.Configured() || !w.connection().Lost {
			t.Errorf("a secret of another place: %v, %+v", err, w.connection())
		}
		w.connect(stand.BotToken, roadmap)
		if c := w.connection(); c.Lost || c.Kind != models.ConnectedByToken {
			t.Errorf("connected again it is %+v", c)
		}
		w.sound(t)
		if err := w.Disconnect(t.Context(), admin); err != nil {
			t.Error(err)
		}
		w.sound(t)
	})
}

func TestTheConfigurationWins(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{App: true})
	db := sqlite(t)
	unset(t, db, stand).byManifest()
	w := unset(t, db, stand, func(o *Options) { o.Token, o.Repository = stand.BotToken, "acme/secret" })
	if err := w.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := w.connection(); !c.Managed || c.Kind != models.ConnectedByToken || c.Repository != "acme/secret" || c.Name != "" || w.now().opts.AppID != 0 {
		t.Errorf("%+v", c)
	}
	for name, err := range map[string]error{
		"a token":      w.ConnectToken(t.Context(), admin, TokenForm{Token: stand.BotToken, Repository: roadmap}),
		"the end":      w.Disconnect(t.Context(), admin),
		"a choice":     w.ChooseRepository(t.Context(), admin, roadmap),
		"a hook":       w.MakeHook(t.Context(), admin),
		"an App":       second(w.BeginApp(t.Context(), admin, "s", AppForm{Name: "Heed"})),
		"a way back":   w.FinishApp(t.Context(), admin, "s", "state", "0123456789"),
		"a new secret": second(w.NewHook(t.Context(), admin)),
	} {
		if code(err) != " github_managed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	fixed := unset(t, db, stand, func(o *Options) { o.Repository = "acme/secret" }) // only the repository
	if err := fixed.Follow(t.Context()); err != nil || fixed.now().opts.AppID != stand.AppID || fixed.now().opts.Repository != "acme/secret" {
		t.Errorf("%+v, %v", fixed.connection(), err)
	}
	if err := fixed.ChooseRepository(t.Context(), admin, roadmap); code(err) != " github_repository_managed" {
		t.Errorf("%v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// sound fails the test where doctor would.
func (w *world) sound(t *testing.T) {
	t.Helper()
	for _, i := range must[[]models.Invariant](t)(w.db.Check(t.Context())) {
		if i.Broken != 0 && strings.Contains(i.Name, "GitHub") {
			t.Errorf("broken: %s", i.Name)
		}
	}
}

// everything is all that stands in the database.
func everything(t *testing.T, db *models.DB) string {
	t.Helper()
	tables := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if db.Dialect() != "sqlite" {
		tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	var names []string
	if err := db.Read(t.Context()).Raw(tables).Scan(&names).Error; err != nil || len(names) < 20 {
		t.Fatal(names, err)
	}
	var all strings.Builder
	for _, name := range names {
		var rows []map[string]any
		if err := db.Read(t.Context()).Raw("SELECT * FROM " + name).Scan(&rows).Error; err != nil {
			t.Fatal(name, err)
		}
		for _, row := range rows {
			for column, value := range row {
				if b, is := value.([]byte); is {
					value = string(b)
				}
				fmt.Fprintln(&all, name, column, value)
			}
		}
	}
	return all.String()
}

// With a connection all that waited is woken, also on a node that has not heard of it yet; and
// what was just being tried under the one before is tried again.
func TestWhatWaitsForAConnectionIsDoneWithTheFirst(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	each(t, func(t *testing.T, db *models.DB) {
		w, other := unset(t, db, stand), unset(t, db, stand)
		under := int64(-1)
		do := other.job(func(s *Sync, _ context.Context, _ models.Job) error {
			under = s.rev
			return nil
		})
		if err := do(t.Context(), models.Job{}); err == nil || under != -1 {
			t.Fatalf("without a connection it is done (under %d), %v", under, err)
		}
		now := db.Now()
		w.exec("INSERT INTO jobs (id, kind, key, payload, run_at, lease_owner, lease_until, created_at) VALUES ('job_1', ?, 'tried', '', ?, 'other', ?, ?)", PullJob, now.Add(-time.Second), now.Add(time.Minute), now)
		if err := w.ConnectToken(t.Context(), admin, TokenForm{Token: stand.BotToken, Repository: roadmap}); err != nil {
			t.Fatal(err)
		}
		if err := do(t.Context(), models.Job{}); err != nil || under != w.now().rev {
			t.Errorf("woken on the other node it is done under %d: %v", under, err)
		}
		var j models.Job
		if err := db.Read(t.Context()).First(&j, "id = 'job_1'").Error; err != nil || !j.Again {
			t.Errorf("what is being tried is not tried again: %+v, %v", j, err)
		}
	})
}
