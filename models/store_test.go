package models_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var ctx = context.Background()

func TestWriteKeepsWhatSucceedsAndNothingOfWhatFails(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
					name := fmt.Sprintf("c%03d", i)
					if err := tx.Create(&models.Counter{Name: name, N: int64(i)}).Error; err != nil {
						return err
					}
					if i%3 == 0 {
						return boom
					}
					return nil
				})
				if i%3 == 0 != errors.Is(err, boom) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		var rows []models.Counter
		if err := db.Read(ctx).Where("name LIKE 'c%'").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if len(rows) != 133 {
			t.Errorf("%d rows kept, want 133", len(rows))
		}
		for _, r := range rows {
			if r.N%3 == 0 {
				t.Errorf("row of a failed write kept: %v", r)
			}
		}
	})
}

func TestNestedWriteJoins(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		err := db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
			if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
				return tx.Create(&models.Counter{Name: "inner"}).Error
			}); err != nil {
				return err
			}
			var n int64
			if err := db.Read(ctx).Model(&models.Counter{}).Where("name = 'inner'").Count(&n).Error; err != nil || n != 1 {
				t.Errorf("inside, the row is not seen: %d %v", n, err)
			}
			return errors.New("the outer one fails")
		})
		if err == nil {
			t.Fatal("no error")
		}
		var n int64
		db.Read(ctx).Model(&models.Counter{}).Where("name = 'inner'").Count(&n)
		if n != 0 {
			t.Error("the inner row outlived the outer failure")
		}
	})
}

func TestAPanicReachesItsCallerAndHarmsNobodyElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
				tx.Create(&models.Counter{Name: "lost"})
				panic("boom")
			})
		}()
		if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Create(&models.Counter{Name: "kept"}).Error
		}); err != nil {
			t.Fatal(err)
		}
		var names []string
		db.Read(ctx).Model(&models.Counter{}).Order("name").Pluck("name", &names)
		if got := strings.Join(names, " "); got != "activity kept" {
			t.Errorf("counters: %s", got)
		}
	})
}

func TestDuplicatesAreRecognised(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		add := func() error {
			return db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
				return tx.Create(&models.Counter{Name: "twice"}).Error
			})
		}
		if err := add(); err != nil {
			t.Fatal(err)
		}
		if err := add(); !models.IsDuplicate(err) {
			t.Errorf("second: %v", err)
		}
	})
}

// happen records one activity or two, and may take them back.
func happen(db *models.DB, two, fail bool) error {
	return db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		acts := []*models.Activity{{Verb: models.VoteAdded}}
		if two {
			acts = append(acts, &models.Activity{Verb: models.VoteRemoved})
		}
		if err := db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, acts...); err != nil || !fail {
			return err
		}
		return errors.New("taken back")
	})
}

// Readers by cursor see every activity exactly once, in order, whatever the
// order in which concurrent writers commit.
func TestActivitiesAreReadOnceInOrder(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		const writers, each = 8, 25
		stop := make(chan struct{})
		var seen []int64
		var reader sync.WaitGroup
		read := func() {
			for {
				n, err := db.Consume(ctx, "test", 7, func(_ context.Context, _ *gorm.DB, acts []models.Activity) error {
					for _, a := range acts {
						seen = append(seen, a.Seq)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				if n == 0 {
					return
				}
			}
		}
		reader.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					read()
				}
			}
		})
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					if err := happen(db, i%5 == 0, w == 0 && i%2 == 0); err != nil && w != 0 {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		close(stop)
		reader.Wait()
		read()
		var stored []int64
		db.Read(ctx).Model(&models.Activity{}).Order("seq").Pluck("seq", &stored)
		if !reflect.DeepEqual(seen, stored) {
			t.Errorf("read %d activities, stored %d", len(seen), len(stored))
		}
		if db.LastSeq() != stored[len(stored)-1] {
			t.Errorf("LastSeq %d, want %d", db.LastSeq(), stored[len(stored)-1])
		}
	})
}

func TestTimesComeBackAsTheyWere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		at := time.Date(2026, 3, 29, 1, 59, 59, 120_000_000, time.FixedZone("CST", 8*3600))
		p := models.Person{ID: models.NewID(models.PrefixPerson), CreatedAt: models.Milli(at), UpdatedAt: db.Now()}
		if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&p).Error }); err != nil {
			t.Fatal(err)
		}
		var got models.Person
		if err := db.Read(ctx).First(&got, "id = ? AND created_at <= ?", p.ID, models.Milli(at)).Error; err != nil {
			t.Fatal(err)
		}
		if !got.CreatedAt.Equal(at) || !got.UpdatedAt.Equal(clock.Now()) {
			t.Errorf("got %v and %v", got.CreatedAt, got.UpdatedAt)
		}
		if db.Read(ctx).First(&models.Person{}, "id = ? AND created_at < ?", p.ID, models.Milli(at)).Error == nil {
			t.Error("a time is before itself")
		}
	})
}

// The structs and the SQL name the same columns, both ways.
func TestModelsMatchTheSchema(t *testing.T) {
	all := []any{
		&models.Counter{}, &models.Person{}, &models.Address{}, &models.Account{}, &models.AccountDomain{}, &models.Segment{}, &models.PersonTerm{}, &models.MergedRow{}, &models.Member{}, &models.APIToken{}, &models.SignIn{}, &models.Session{},
		&models.IdempotencyKey{}, &models.Theme{}, &models.Suggestion{}, &models.SuggestionTheme{}, &models.ExactText{}, &models.Finding{}, &models.Emergency{},
		&models.Vote{}, &models.Decision{}, &models.Move{}, &models.Activity{}, &models.Cursor{}, &models.Job{}, &models.CronTick{},
		&models.FollowUpEvent{}, &models.Fanout{}, &models.FollowUpItem{}, &models.Delivery{}, &models.Attempt{}, &models.Suppression{}, &models.BounceReport{}, &models.BounceMailbox{}, &models.Audience{}, &models.TakeOut{}, &models.HeldCount{},
		&models.ThemeUpdate{}, &models.Release{}, &models.ReleaseTheme{}, &models.ReleaseDraft{}, &models.GithubReleaseList{}, &models.GithubHook{}, &models.GithubRedelivery{}, &models.Comment{}, &models.SolvedAnswer{},
		&models.Preference{}, &models.IssueLink{}, &models.HookDelivery{}, &models.GithubRepository{}, &models.GithubBudget{}, &models.GithubPage{}, &models.IssueOp{}, &models.IssueComment{}, &models.GithubBackfill{},
		&models.Vector{}, &models.Proposal{}, &models.ProposalStep{}, &models.Separation{}, &models.Judgement{}, &models.Calibration{}, &models.OutcomeNews{}, &models.OutcomeReader{},
		&models.AgentProposal{}, &models.TokenWindow{}, &models.OAuthClient{}, &models.OAuthSecret{},
		&models.Message{}, &models.Attachment{}, &models.AttachmentContent{},
		&models.PromiseDefault{}, &models.StaffDigest{},
		&models.RoutingRule{}, &models.Team{}, &models.TeamMember{}, &models.ClockSetting{}, &models.ClockMark{},
		&models.WebhookEndpoint{}, &models.WebhookMessage{}, &models.WebhookAttempt{}, &models.WebhookFanout{},
		&models.Rhythm{}, &models.ThemeMute{},
	}
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		for _, m := range all {
			s, err := schema.Parse(m, &sync.Map{}, schema.NamingStrategy{})
			if err != nil {
				t.Fatal(err)
			}
			cols, err := db.Read(ctx).Migrator().ColumnTypes(s.Table)
			if err != nil {
				t.Fatalf("%s: %v", s.Table, err)
			}
			inSQL := map[string]bool{}
			for _, c := range cols {
				inSQL[c.Name()] = true
				if s.LookUpField(c.Name()) == nil {
					t.Errorf("%s.%s is not in the struct", s.Table, c.Name())
				}
			}
			for _, f := range s.DBNames {
				if !inSQL[f] {
					t.Errorf("%s.%s is not in the SQL", s.Table, f)
				}
			}
		}
	})
}

func TestALockedDatabaseIsSaidAndOver(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the busy timeout of 5 s")
	}
	url := modelstest.SQLiteURL(t)
	db := modelstest.Open(t, url, nil)
	other, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	add := func() error {
		return db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&models.Counter{Name: "late"}).Error })
	}
	if err := add(); models.KindOf(err) != models.Unavailable {
		t.Errorf("while locked: %v, want unavailable", err)
	}
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := add(); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestOneServesFromAFileAtATime(t *testing.T) {
	url := modelstest.SQLiteURL(t)
	open := func() *models.DB {
		db, err := models.Open(ctx, models.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	first, second := open(), open()
	if err := first.ServeAlone(ctx); err != nil {
		t.Fatal(err)
	}
	if err := second.ServeAlone(ctx); err == nil {
		t.Error("two serve from one file")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second.Close()
	third := open()
	defer third.Close()
	if err := third.ServeAlone(ctx); err != nil {
		t.Errorf("after the first ended: %v", err)
	}
}
