package themes_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// stock stores n suggestions with vectors of the built-in model's shape.
func stock(b *testing.B, db *models.DB, model string, n int) {
	r := rand.New(rand.NewSource(1))
	words := []string{"export", "board", "slow", "dark", "theme", "login", "mail", "list", "search", "mobile", "sync", "calendar", "invoice", "print", "filter"}
	for from := 0; from < n; from += 500 {
		var rows []models.Suggestion
		var vecs []models.Vector
		for i := from; i < min(n, from+500); i++ {
			text := fmt.Sprintf("%d:", i)
			for range 12 {
				text += " " + words[r.Intn(len(words))]
			}
			v := make([]float32, 512)
			for k := range v {
				v[k] = float32(r.NormFloat64()) / 22
			}
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: text, Kind: models.KindSuggestion, Lang: "en", Source: "import", State: models.StateNew,
				Action: models.ActionSuggested, Waiting: true, Receipt: fmt.Sprint(i), Rev: 1, CreatedAt: db.Now(), UpdatedAt: db.Now()}
			rows = append(rows, s)
			vecs = append(vecs, models.Vector{Model: model, ItemID: s.ID, Digest: models.Digest("", text), Vector: models.PackVector(v)})
		}
		if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Create(&rows).Error; err != nil {
				return err
			}
			return tx.Create(&vecs).Error
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad is how long the index of 100,000 suggestions takes to load, with
// their vectors and by words alone.
func BenchmarkLoad(b *testing.B) {
	const n = 100_000
	m := meaning.NewReader()
	db := modelstest.Open(b, modelstest.SQLiteURL(b), nil)
	stock(b, db, m.Model(), n)
	for name, o := range map[string]themes.Options{"words": {}, "vectors": {Meaning: m}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				h := newHouseOf(b, db, o)
				if h.th.Encoding() != 0 || h.th.Indexed() != n {
					b.Fatalf("%d indexed, %d wait", h.th.Indexed(), h.th.Encoding())
				}
				h.stop()
			}
		})
	}
}

// BenchmarkFile is what a filed suggestion costs at various numbers of stored
// ones, by words alone and with its vector, and how much of that is reading it.
func BenchmarkFile(b *testing.B) {
	for _, n := range []int{0, 20_000, 100_000} {
		for name, o := range map[string]themes.Options{"words": {}, "vectors": {Meaning: meaning.NewReader()}} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				db := modelstest.Open(b, modelstest.SQLiteURL(b), nil)
				stock(b, db, "heed-1", n)
				h := newHouseOf(b, db, o)
				h.file("the first one loads the model", "")
				i, began := 0, time.Now()
				for b.Loop() {
					i++
					h.file(fmt.Sprintf("My export number %d of the board is slow on a mobile", i), "")
				}
				b.ReportMetric(float64(time.Since(began).Microseconds())/float64(i)/1000, "ms/file")
			})
		}
	}
}
