package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// BenchmarkFile is the whole of the door without HTTP: checks, redaction, the
// search for likely themes, the transaction. heed bench ingest measures it from
// the outside.
func BenchmarkFile(b *testing.B) {
	for _, stored := range []int{0, 20_000} {
		for _, callers := range []int{1, 32} {
			b.Run(fmt.Sprintf("stored=%d/callers=%d", stored, callers), func(b *testing.B) {
				db := modelstest.Open(b, modelstest.SQLiteURL(b), nil)
				say := newSayings()
				fill(b, db, say, stored)
				d := openDoor(b, db)
				texts := make([]string, b.N)
				for i := range texts {
					texts[i] = say.next()
				}
				b.ResetTimer()
				fileAll(b, d, texts, callers)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
			})
		}
	}
}

func openDoor(b *testing.B, db *models.DB) door {
	th := themes.New(db, themes.Options{})
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { th.Run(run); close(done) }()
	b.Cleanup(func() { stop(); <-done })
	for th.Warming() {
		time.Sleep(time.Millisecond)
	}
	return door{intake.New(db, th, redact.New(redact.Options{Key: []byte("k")}), "en"), db, th}
}

func fileAll(b *testing.B, d door, texts []string, callers int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(texts); i = int(next.Add(1)) - 1 {
				person := &intake.PersonInput{Email: fmt.Sprintf("p%d@example.org", i%5000)}
				if _, err := d.File(ctx, token, intake.Submission{Text: texts[i], Person: person}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// fill stores suggestions, some twenty to a confirmed theme, without the door.
func fill(b *testing.B, db *models.DB, say *sayings, n int) {
	const batch = 500
	for from := 0; from < n; from += batch {
		err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			now := db.Now()
			var ths []models.Theme
			var rows []models.Suggestion
			var places []models.SuggestionTheme
			for i := range batch {
				if i%20 == 0 {
					ths = append(ths, models.Theme{ID: models.NewID(models.PrefixTheme), Title: "Theme", Status: models.StatusReceived, SuggestionsCount: 20, Rev: 1,
						StatusAt: now, CreatedAt: now, UpdatedAt: now})
				}
				s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: say.next(), Kind: models.KindSuggestion, Lang: "en", Source: "api", State: models.StateNew,
					Receipt: models.NewID("r"), Action: models.ActionAssigned, ThemesCount: 1, Rev: 1, CreatedAt: now, UpdatedAt: now}
				rows = append(rows, s)
				places = append(places, models.SuggestionTheme{SuggestionID: s.ID, ThemeID: ths[len(ths)-1].ID, Action: s.Action, CreatedAt: now})
			}
			for _, r := range []any{ths, rows, places} {
				if err := tx.Create(r).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// sayings makes short texts of words as frequent as in a language: a few
// everywhere, and every tenth from a long tail of rare ones.
type sayings struct {
	rng          *rand.Rand
	common, rare *rand.Zipf
}

func newSayings() *sayings {
	rng := rand.New(rand.NewPCG(1, 2))
	return &sayings{rng, rand.NewZipf(rng, 1.1, 4, 89), rand.NewZipf(rng, 1.05, 8, 30_000)}
}

func (s *sayings) next() string {
	common := strings.Fields(`the wallet to transfer my export is login fees for balance a network backup in alert chart token not account and history code of button
		on it page when with screen slow after update phone coin send receive wrong shows but old amount list cannot find more than one day again error open every time
		currency friend support waiting nothing please add dark larger font restore device lost phrase confirm cancel pending gas price scan contact address book filter
		date search report tax bank card limit language missing`)
	syllables := strings.Fields("zen tor bal mir kas lo ven dra pix ul qua ner fi sto mag re bo lin cha ax tam ope du sil gra hex mon ry eth ka")
	var out []string
	for range 8 + s.rng.IntN(24) {
		if s.rng.IntN(10) > 0 {
			out = append(out, common[int(s.common.Uint64())%len(common)])
			continue
		}
		w, n := "", int(s.rare.Uint64())
		for range 3 {
			w, n = w+syllables[n%len(syllables)], n/len(syllables)
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
