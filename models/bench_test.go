package models_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// BenchmarkWrite is what the one write path gives: six rows a write, an
// activity among them, from 1, 8 and 32 callers.
func BenchmarkWrite(b *testing.B) {
	urls := map[string]func(testing.TB) string{"sqlite": modelstest.SQLiteURL}
	if os.Getenv(modelstest.Env) != "" {
		urls["postgres"] = modelstest.PostgresURL
	}
	for dialect, url := range urls {
		for _, callers := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/callers=%d", dialect, callers), func(b *testing.B) {
				db := modelstest.Open(b, url(b), nil)
				b.ResetTimer()
				share(b, callers, func() error { return writeSix(db) })
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
			})
		}
	}
}

// share lets so many callers do b.N calls together.
func share(b *testing.B, callers int, call func() error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// writeSix stores what a new suggestion makes: person, address, suggestion, its
// theme, its place there, the activity.
func writeSix(db *models.DB) error {
	return db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		now := db.Now()
		p := models.Person{ID: models.NewID(models.PrefixPerson), Locale: "en", CreatedAt: now, UpdatedAt: now}
		th := models.Theme{ID: models.NewID(models.PrefixTheme), Title: "Export", Status: models.StatusCandidate, Rev: 1, StatusAt: now, CreatedAt: now, UpdatedAt: now}
		s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: "Please let me export the history of my transfers as a table.", Kind: models.KindSuggestion,
			Lang: "en", Source: "api", PersonID: p.ID, State: models.StateNew, Receipt: models.NewID("r"), Action: models.ActionNew, ThemesCount: 1, Waiting: true, Rev: 1, CreatedAt: now, UpdatedAt: now}
		for _, row := range []any{&p, &models.Address{Channel: models.ChannelEmail, Value: p.ID + "@bench.example", PersonID: p.ID, CreatedAt: now}, &th, &s,
			&models.SuggestionTheme{SuggestionID: s.ID, ThemeID: th.ID, Action: models.ActionNew, CreatedAt: now}} {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: s.ID, PersonID: p.ID})
	})
}
