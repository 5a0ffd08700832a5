package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
)

const (
	audienceBatch = 2000 // people in a transaction
	codeMembers   = 20
)

func codeMember(i int) string { return fmt.Sprintf("member-%d@bench.example", i) }

// seed makes two confirmed themes with all those who follow them, and members.
func (f *followUps) seed(ctx context.Context) (err error) {
	db, err := models.Open(ctx, models.Options{URL: f.house.config.Database.URL})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	began := time.Now()
	for _, a := range []struct {
		theme *string
		name  string
		n     int
	}{{&f.big, "queued", f.o.People}, {&f.mailing, "told", f.o.Mails}, {&f.small, "alone", 1}} {
		if *a.theme, err = f.followed(ctx, db, a.name, a.n); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	err = db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for i := range codeMembers {
			m := models.Member{ID: models.NewID(models.PrefixMember), Email: codeMember(i), Role: models.RolePM, CreatedAt: db.Now()}
			if err := tx.Create(&m).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = people.New(db, nil).Index(ctx) // as it happens on the way, when people come one by one
	}
	f.r.SeedSeconds = rounded(time.Since(began).Seconds())
	return err
}

// followed makes a theme that so many people voted for.
func (f *followUps) followed(ctx context.Context, db *models.DB, name string, n int) (string, error) {
	now := db.Now()
	title := "A theme of those who are " + name
	th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: title, PublicTitle: models.Text{EN: title, ZH: "生成的主题"}, Public: true, Status: models.StatusReceived,
		Rev: 2, PeopleCount: n, StatusAt: now, CreatedAt: now, UpdatedAt: now}
	err := db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := tx.Create(&th).Error; err != nil {
			return err
		}
		facts := th.Facts()
		return db.Record(ctx, tx, auth.System().By(), &models.Activity{Verb: models.ThemeCreated, ThemeID: th.ID, Snapshot: models.Change{After: &facts}.Encode()})
	})
	say := f.o.Progress("Making people who are " + name)
	for from := 0; err == nil && from < n; from += audienceBatch {
		err = db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return follow(tx, th.ID, name, from, min(n, from+audienceBatch), now)
		})
		say(min(n, from+audienceBatch), n)
	}
	return th.ID, err
}

func follow(tx *gorm.DB, theme, name string, from, to int, now time.Time) error {
	var people []models.Person
	var addresses []models.Address
	var votes []models.Vote
	for i := from; i < to; i++ {
		p := models.Person{ID: models.NewID(models.PrefixPerson), Locale: []string{"en", "zh"}[i%2], CreatedAt: now, UpdatedAt: now}
		people = append(people, p)
		addresses = append(addresses, models.Address{Channel: models.ChannelEmail, Value: fmt.Sprintf("%s-%d@bench.example", name, i), PersonID: p.ID, CreatedAt: now})
		votes = append(votes, models.Vote{ThemeID: theme, PersonID: p.ID, Origin: models.VoteByHand, CreatedAt: now})
	}
	for _, rows := range []any{people, addresses, votes} {
		if err := tx.CreateInBatches(rows, seedBatch).Error; err != nil {
			return err
		}
	}
	return nil
}

// codesTook reads how long the codes to sign in were on their way, the last one too, which
// was asked for when the last mail was sent.
func (f *followUps) codesTook(ctx context.Context) error {
	for range 100 {
		var open bool
		err := f.house.app.DB.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM deliveries WHERE kind = 'signin_code' AND sent_at IS NULL)").Scan(&open).Error
		if err != nil {
			return err
		}
		if !open {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var rows []models.Delivery
	if err := f.house.app.DB.Read(ctx).Find(&rows, "kind = 'signin_code'").Error; err != nil {
		return err
	}
	var out []outcome
	for _, d := range rows {
		took := time.Hour // never sent
		if d.SentAt != nil {
			took = d.SentAt.Sub(d.CreatedAt)
		}
		out = append(out, outcome{took: took})
	}
	f.r.SignInCodes = measure(out, time.Duration(f.r.Mailing.Seconds*float64(time.Second)))
	return nil
}

// proof counts who has not exactly one mail, and what is broken.
func (f *followUps) proof(ctx context.Context) error {
	var told int
	err := f.house.app.DB.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT person_id FROM deliveries WHERE theme_id = ? AND state = 'sent' AND attempts <= 1
		GROUP BY person_id HAVING COUNT(*) = 1) x`, f.mailing).Scan(&told).Error
	if err != nil {
		return err
	}
	f.r.LostOrDoubled = f.o.Mails - told
	invariants, err := f.house.app.DB.Check(ctx)
	for _, i := range invariants {
		if i.Broken != 0 {
			f.r.BrokenInvariants = append(f.r.BrokenInvariants, fmt.Sprintf("%s (%d)", i.Name, i.Broken))
		}
	}
	return err
}
