package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/models"
)

// FollowUpsOptions of FollowUps.
type FollowUpsOptions struct {
	People      int    // who wait for a change that has not settled yet, while all the rest is measured
	Mails       int    // recipients of the mailing
	Connections int    // to the relay
	Size        int    // bytes of the reason that every mail quotes; the mail around it takes some 9 kB
	Relay       string // smtp://HOST:PORT; "": one of our own, in this process, that throws mail away
	URL         string // an empty database; "": SQLite in a temporary folder
	Profile     string // file for a CPU profile of the mailing; "": none
	Progress    func(label string) func(done, total int)
}

// Check says what FollowUps would refuse, in the words of the command's flags.
func (o FollowUpsOptions) Check() error {
	switch {
	case o.People < 1 || o.Mails < 1:
		return errors.New("--people and --mails must be 1 or more")
	case o.Connections < 1 || o.Connections > 100:
		return errors.New("--connections must be from 1 to 100")
	case o.Size < 0 || o.Size > 20_000:
		return errors.New("--size must be from 0 to 20000")
	}
	return Options{Clients: 1, URL: o.URL}.check()
}

// FollowUpsReport is what FollowUps found; times in milliseconds unless their names
// say seconds.
type FollowUpsReport struct {
	Bench      string   `json:"bench"`
	People     int      `json:"people"`
	Dialect    string   `json:"dialect"`
	Go         string   `json:"go"`
	CPUs       int      `json:"cpus"`
	Conditions []string `json:"conditions"`

	FirstChange   float64 `json:"status_change_ms"` // POST /themes/{id}/status of the theme that all of them follow, counted the hour before
	FanOutSeconds float64 `json:"fan_out_seconds"`
	// Meanwhile the audience is written down: the same of a theme that one person follows,
	// and small writes, one after the other; WritesBefore the same while nothing is.
	ChangesMeanwhile Measured `json:"status_changes_while_fanning_out"`
	WritesBefore     Measured `json:"writes_before"`
	WritesMeanwhile  Measured `json:"writes_while_fanning_out"`

	Mailing          Mailing  `json:"mailing"`
	SignInCodes      Measured `json:"sign_in_codes"` // from asking to the relay's 250, while the mailing goes
	RSS              Queued   `json:"rss_bytes"`
	SeedSeconds      float64  `json:"seed_seconds"`
	LostOrDoubled    int      `json:"lost_or_doubled"`
	BrokenInvariants []string `json:"broken_invariants"`
}

// Mailing is how fast one change was told to everybody.
type Mailing struct {
	Mails     int     `json:"mails"`
	Bytes     int64   `json:"bytes_a_mail"` // 0 with a relay of one's own
	Seconds   float64 `json:"seconds"`      // from the change to the last mark of sent
	PerSecond float64 `json:"per_second"`
	// Sending counts from the first mark of sent to the last, as others count that begin with
	// a list of recipients: without the audience and what each of it is to hear, as far as
	// that is over when the first mail leaves.
	Sending float64 `json:"sending_per_second"`
	CPU     float64 `json:"cpu_ms_per_mail"` // of this process, our own relay included
}

// Queued is the resident size while nobody waits, with everybody queued, and at most
// while the mailing goes.
type Queued struct {
	Idle   int64 `json:"idle"`
	Queued int64 `json:"queued"`
	Peak   int64 `json:"peak"`
}

// Failures names what must not be.
func (r *FollowUpsReport) Failures() (out []string) {
	if r.LostOrDoubled != 0 {
		out = append(out, fmt.Sprintf("%d mails were lost or doubled", r.LostOrDoubled))
	}
	for _, b := range r.BrokenInvariants {
		out = append(out, "broken: "+b)
	}
	return out
}

// FollowUps measures what a change of status costs while very many follow the
// theme, and how fast a mailing goes while they are all queued.
func FollowUps(ctx context.Context, o FollowUpsOptions) (r *FollowUpsReport, err error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	relay, err := newRelay(o.Relay)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, relay.close()) }()
	h, err := newHouse(ctx, Options{Clients: 1, URL: o.URL})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	h.config.Mail.SMTPURL, h.config.Mail.Connections = relay.url, o.Connections
	f := &followUps{o: o, house: h, relay: relay, r: &FollowUpsReport{
		Bench: "followups", People: o.People, Go: runtime.Version(), CPUs: runtime.NumCPU(), BrokenInvariants: []string{},
		Conditions: []string{
			"people, addresses and themes are generated",
			"the relay takes each mail at once and keeps nothing; without --relay it runs in the measured process",
			"no settle window, no window, no ceiling and no quiet hours for the mailing; those who are queued wait for their settle window",
			"clients share the measured process",
		}}}
	for _, step := range []func(context.Context) error{f.idle, f.seed, f.queue, f.mail} {
		if err := step(ctx); err != nil {
			return f.r, err
		}
	}
	return f.r, nil
}

// followUps is one measurement under way.
type followUps struct {
	o     FollowUpsOptions
	house *house
	relay *relay
	r     *FollowUpsReport

	big, mailing, small string // themes
}

// at starts the App with a settle window.
func (f *followUps) at(ctx context.Context, settle time.Duration) error {
	f.house.config.Followups = config.Followups{Settle: settle}
	if _, err := f.house.boot(ctx); err != nil {
		return err
	}
	_, err := f.house.warm(ctx)
	return err
}

func (f *followUps) idle(ctx context.Context) error {
	if err := f.at(ctx, 0); err != nil {
		return err
	}
	f.r.Dialect, f.r.RSS.Idle = f.house.app.DB.Dialect(), settledRSS()
	return f.house.halt()
}

// queue changes the theme that everybody follows, and lets the change wait.
func (f *followUps) queue(ctx context.Context) error {
	if err := f.at(ctx, 24*time.Hour); err != nil {
		return err
	}
	if err := f.house.app.Notifier.TickFanOut(ctx, models.Job{}); err != nil { // counts the audience, as every hour
		return err
	}
	before, err := f.writes(ctx, func() bool { return false }, 300)
	if err != nil {
		return err
	}
	f.r.WritesBefore = before
	began := time.Now()
	first, err := f.change(ctx, f.big, models.StatusPlanned, "")
	if err != nil {
		return err
	}
	f.r.FirstChange = rounded(float64(first.took) / float64(time.Millisecond))
	say := f.o.Progress("Writing the audience down")
	stop, changed := make(chan struct{}), make(chan error, 1)
	go func() { changed <- f.changes(ctx, stop) }()
	f.r.WritesMeanwhile, err = f.writes(ctx, func() bool {
		n, open := 0, 0
		_ = f.house.app.DB.Read(ctx).Raw("SELECT COALESCE(SUM(f.people), 0), COUNT(CASE WHEN f.done_at IS NULL THEN 1 END) FROM fanouts f JOIN follow_up_events e ON e.id = f.event_id WHERE e.theme_id = ?", f.big).Row().Scan(&n, &open)
		say(min(n, f.o.People), f.o.People)
		return open > 0 || n == 0
	}, 0)
	f.r.FanOutSeconds = rounded(time.Since(began).Seconds())
	close(stop)
	err = errors.Join(err, <-changed)
	f.r.RSS.Queued = settledRSS()
	return errors.Join(err, f.house.halt())
}

// change tells everybody of a new status of a theme, and returns how long the answer
// took.
func (f *followUps) change(ctx context.Context, theme string, s models.Status, reason string) (outcome, error) {
	body, err := json.Marshal(map[string]any{"status": s, "reason": reason})
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	status, answer, err := f.house.client.ask(ctx, "/api/v1/themes/"+theme+"/status", body)
	if err != nil || status != http.StatusOK {
		return outcome{}, fmt.Errorf("set the status: %d %.200s %v", status, answer, err)
	}
	return outcome{took: time.Since(began), status: status}, nil
}

// changes gives a theme that one person follows one status after the other.
func (f *followUps) changes(ctx context.Context, stop chan struct{}) error {
	var out []outcome
	began := time.Now()
	for i := 0; ; i++ {
		one, err := f.change(ctx, f.small, []models.Status{models.StatusPlanned, models.StatusInProgress}[i%2], "")
		if err != nil {
			return err
		}
		out = append(out, one)
		select {
		case <-stop:
			f.r.ChangesMeanwhile = measure(out, time.Since(began))
			return nil
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// writes makes small writes, one after the other with a pause, as long as while
// says, at least the given number.
func (f *followUps) writes(ctx context.Context, while func() bool, least int) (Measured, error) {
	var out []outcome
	began, looked, going := time.Now(), time.Time{}, true
	for i := 0; i < least || going; i++ {
		if time.Since(looked) > 200*time.Millisecond {
			looked, going = time.Now(), while()
		}
		start := time.Now()
		err := f.house.app.DB.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("INSERT INTO suppressions (address, scope, reason, created_at) VALUES (?, 'bench', '', ?)", models.NewID("bench"), start.UTC()).Error
		})
		if err != nil {
			return Measured{}, err
		}
		out = append(out, outcome{took: time.Since(start)})
		time.Sleep(5 * time.Millisecond)
	}
	return measure(out, time.Since(began)), nil
}

// mail tells the others of a change and asks for codes to sign in meanwhile.
func (f *followUps) mail(ctx context.Context) error {
	if err := f.at(ctx, 0); err != nil {
		return err
	}
	profiled, err := cpuProfile(f.o.Profile)
	if err != nil {
		return err
	}
	peak, began := watch(), time.Now()
	cpu, _ := cpuSeconds()
	if _, err := f.change(ctx, f.mailing, models.StatusPlanned, reasonOf(f.o.Size)); err != nil {
		return err
	}
	var codes sync.WaitGroup
	stop := make(chan struct{})
	codes.Go(func() { f.askForCodes(ctx, stop) })
	err = f.awaitMails(ctx)
	took := time.Since(began)
	close(stop)
	codes.Wait()
	if err = errors.Join(err, profiled()); err != nil {
		return err
	}
	used, _ := cpuSeconds()
	f.r.RSS.Peak = peak()
	f.r.Mailing = Mailing{Mails: f.o.Mails, Bytes: f.relay.average(), Seconds: rounded(took.Seconds()), PerSecond: rounded(float64(f.o.Mails) / took.Seconds()),
		CPU: rounded((used - cpu) * 1000 / float64(f.o.Mails))}
	if err := errors.Join(f.sendingTook(ctx), f.codesTook(ctx)); err != nil {
		return err
	}
	return f.proof(ctx)
}

// sendingTook reads how fast mails left once the first had.
func (f *followUps) sendingTook(ctx context.Context) error {
	var ends [2]time.Time
	for i, order := range []string{"sent_at", "sent_at DESC"} {
		var d models.Delivery
		if err := f.house.app.DB.Read(ctx).Where("theme_id = ? AND state = 'sent'", f.mailing).Order(order).Take(&d).Error; err != nil {
			return err
		}
		ends[i] = *d.SentAt
	}
	if took := ends[1].Sub(ends[0]); took > 0 {
		f.r.Mailing.Sending = rounded(float64(f.o.Mails-1) / took.Seconds())
	}
	return nil
}

// reasonOf is a reason of so many bytes.
func reasonOf(size int) string {
	const sentence = "Generated for a measurement. "
	return strings.Repeat(sentence, size/len(sentence)+1)[:size]
}

// awaitMails waits for the last one. Counting costs, so while something is on its way
// that is done once a second.
func (f *followUps) awaitMails(ctx context.Context) error {
	const open = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE lease_until IS NOT NULL) OR EXISTS (SELECT 1 FROM deliveries WHERE lane = 'normal' AND state = 'ready')"
	say := f.o.Progress("Mailing")
	var counted time.Time
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		var some bool
		if err := f.house.app.DB.Read(ctx).Raw(open).Scan(&some).Error; err != nil {
			return err
		}
		if some && time.Since(counted) < time.Second {
			continue
		}
		counted = time.Now()
		var sent int
		err := f.house.app.DB.Read(ctx).Raw("SELECT COUNT(*) FROM deliveries WHERE kind = 'status' AND state = 'sent'").Scan(&sent).Error
		if err != nil {
			return err
		}
		say(sent, f.o.Mails)
		if sent >= f.o.Mails {
			return nil
		}
		if time.Since(began) > warmPatience {
			return fmt.Errorf("only %d of %d mails were sent in %s", sent, f.o.Mails, warmPatience)
		}
	}
}

// askForCodes asks for a code twice a second, each time for another member.
func (f *followUps) askForCodes(ctx context.Context, stop chan struct{}) {
	for i := 0; ; i++ {
		_, _ = f.house.app.Auth.Ask(ctx, codeMember(i%codeMembers), fmt.Sprintf("10.%d.%d.1", i/250, i%250), "en")
		select {
		case <-stop:
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}
