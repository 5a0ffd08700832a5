package themes_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// decided stores n suggestions of some days ago that were proposed to a theme with
// a score, and what a person decided: the first so many that it belongs elsewhere.
func (h *house) decided(theme, elsewhere string, n, wrong int, score float64, ago time.Duration) {
	h.t.Helper()
	err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		at := h.db.Now().Add(-ago)
		for i := range n {
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: fmt.Sprintf("decided %d at %v", i, score), Kind: models.KindSuggestion, Source: "api", State: models.StateNew,
				Action: models.ActionSuggested, MatchedBy: models.WordsModel, ThemesCount: 1, Rev: 1, CreatedAt: at, UpdatedAt: at, LikelyTheme: theme,
				Candidates: models.AsJSON([]models.Candidate{{Theme: theme, Score: score - float64(i)/1e6, Voted: 5, Reasons: []models.Reason{{Kind: "words", Words: []string{"decided"}}}}})}
			s.Receipt = s.ID
			chosen := theme
			if i < wrong {
				chosen = elsewhere
			}
			act := models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.SuggestionAssigned, SuggestionID: s.ID, ThemeID: chosen, CreatedAt: at}
			j := models.Judgement{SuggestionID: s.ID, ActivityID: act.ID, Stands: true, Model: s.MatchedBy, Band: models.BandSuggest, SaidTheme: theme, Score: s.Candidates.V[0].Score,
				Sure: true, ChosenTheme: chosen, Named: chosen == theme, Existed: true, Correct: chosen == theme, DecidedAt: at}
			for _, row := range []any{&s, &models.SuggestionTheme{SuggestionID: s.ID, ThemeID: chosen, Action: models.ActionAssigned, CreatedAt: at}, &j} {
				if err := tx.Create(row).Error; err != nil {
					return err
				}
			}
			if err := h.db.Record(ctx, tx, pm.By(), &act); err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE themes SET suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id)").Error
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) quality() themes.Quality {
	h.t.Helper()
	q, err := h.th.Quality(ctx, pm)
	if err != nil {
		h.t.Fatal(err)
	}
	return q
}

func (h *house) calibrate() {
	h.t.Helper()
	if err := h.th.Calibrate(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// soon waits for what other goroutines do.
func (h *house) soon(what string, is func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatal("never: " + what)
		}
	}
}

func TestAutoStartsWhenTheDecisionsBearItOut(t *testing.T) {
	asked := make(chan struct{}, 9)
	o := themes.Options{Auto: true, Refit: func(context.Context) error {
		select {
		case asked <- struct{}{}:
		default:
		}
		return nil
	}}
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouseOf(t, db, o)
		export, dark := h.filled("Export performance", slow...), h.theme("Dark mode")
		h.calibrate()
		clock.Add(time.Minute)
		if q := h.quality(); q.Mode != themes.ModeAuto || q.At != 0 {
			t.Errorf("nothing decided: %+v", q)
		}
		h.decided(export, dark, 190, 0, .9, 0)
		h.calibrate()
		h.soon("the fit is known", func() bool { return h.quality().Taught.Threshold > 0 })
		q := h.quality()
		if q.At != 0 || q.Decisions < 190 || q.Decisions >= themes.LeastDecisions {
			t.Errorf("%d decisions are not enough: %+v", q.Decisions, q)
		}
		if s := h.file(alsoSlow, "").Suggestion; s.Action == models.ActionAttached {
			t.Error("joined before there were enough decisions")
		}
		clock.Add(time.Minute)
		h.decided(export, dark, 60, 0, .9, 0)
		h.decided(export, dark, 60, 40, .6, 0)
		h.soon("fifty judgements ask for a fit", func() bool { return len(asked) > 0 })
		h.calibrate()
		h.soon("it starts", func() bool { return h.quality().At > 0 })
		if q = h.quality(); q.At < .85 || q.At > .9 || q.Taught.Precision() < themes.Promised {
			t.Errorf("from %v on: %+v", q.At, q.Taught)
		}
		h.sound()
	})
}

// A fit is the same on every node: one that starts, and one that runs, take it
// over.
func TestEveryNodeTakesACalibrationOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		first := newHouseOf(t, db, themes.Options{Auto: true})
		export, dark := first.theme("Export performance"), first.theme("Dark mode")
		first.decided(export, dark, 250, 0, .9, time.Hour)
		first.calibrate()
		late := newHouseOf(t, db, themes.Options{Auto: true})
		late.soon("a node that starts knows it", func() bool { return late.quality().At > 0 })
		first.sound()
	})
}

// What was decided on words alone is fitted again and again while a model reads
// the texts, and learns nothing.
func TestWordsAreCalibratedBesideAModel(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		words := newHouseOf(t, db, themes.Options{Auto: true})
		export, dark := words.theme("Export performance"), words.theme("Dark mode")
		words.decided(export, dark, 30, 0, .9, time.Hour)
		words.stop()
		h := newHouseOf(t, db, themes.Options{Auto: true, Meaning: &mind{name: "m"}})
		for range 3 {
			h.calibrate()
		}
		var c models.Calibration
		if err := h.db.Read(ctx).First(&c, "model = ?", models.WordsModel).Error; err != nil || c.Decisions != 30 || c.LearnedUsed {
			t.Errorf("%+v %v", c, err)
		}
	})
}

// What was learned is used only where it helps on pairs that it has not seen.
func TestLearningIsNeverWorseThanBefore(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		if testing.Short() {
			t.Skip("files many suggestions")
		}
		invoice, export := h.filled("Invoices", "please send the monthly invoice", "the invoice is missing"), h.filled("Exports", "please send the monthly export", "the export is missing")
		for i := range 70 {
			text := fmt.Sprintf("please send the monthly %s number %s", []string{"invoice", "export"}[i%2], []string{"for march", "for april", "for may", "again", "to me", "to finance", "by mail"}[i%7])
			s := h.file(fmt.Sprintf("%s %d", text, i), "").Suggestion
			right := []string{invoice, export}[i%2]
			if i%5 == 0 {
				right = []string{invoice, export}[1-i%2] // people are not of one mind
			}
			h.assign(right, s.ID)
		}
		h.calibrate()
		var c models.Calibration
		if err := h.db.Read(ctx).First(&c, "model = ?", models.WordsModel).Error; err != nil {
			t.Fatal(err)
		}
		if c.LearnedFrom < 50 {
			t.Errorf("learned from %d pairs", c.LearnedFrom)
		}
		if c.LearnedUsed != (len(c.Learned) > 0) || c.LearnedUsed && c.OrderAfter < c.OrderBefore {
			t.Errorf("used %v with %v before and %v after", c.LearnedUsed, c.OrderBefore, c.OrderAfter)
		}
	})
}

func TestWhatAnotherThresholdWouldHaveDone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, dark := h.theme("Export performance"), h.theme("Dark mode")
		h.decided(export, dark, 20, 2, .9, 24*time.Hour)
		h.decided(export, dark, 10, 5, .7, 24*time.Hour)
		h.decided(export, dark, 40, 0, .9, 40*24*time.Hour)
		r, err := h.th.Replay(ctx, pm, .8, 30)
		if err != nil {
			t.Fatal(err)
		}
		if r.Filed != 30 || r.Joined != 20 || r.Decided != 20 || r.Right != 18 || r.Spared != 18 || r.Returned != 0 {
			t.Errorf("replayed: %+v", r)
		}
		if len(r.Doubtful) != 10 || r.Doubtful[0].Right || r.Doubtful[1].Right || !r.Doubtful[2].Right || r.Doubtful[0].Chosen.ID != dark || len(r.Doubtful[0].Reasons) == 0 {
			t.Errorf("doubtful: %+v", r.Doubtful)
		}
		if r, err = h.th.Replay(ctx, pm, 0, 30); err != nil || r.Joined != 0 || r.Filed != 30 {
			t.Errorf("off: %+v, %v", r, err)
		}
		_, err = h.th.Replay(ctx, pm, .3, 30)
		wantCode(t, err, "threshold_range", "threshold")
		_, err = h.th.Replay(ctx, pm, .9, 999)
		wantCode(t, err, "days_range", "days")
		q := h.quality()
		if q.All.Proposed != 70 || q.All.Named != 63 || q.Weeks[len(q.Weeks)-1].Decisions != 30 || q.Bands[1].Filed != 70 || q.Bands[1].Wrong != 7 {
			t.Errorf("quality: %+v", q)
		}
	})
}

// What joined by itself and was left where it is counts as right, or only what
// went wrong would ever count.
func TestWhatWasLeftStandingCounts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, dark := h.theme("Export performance"), h.theme("Dark mode")
		h.decided(export, dark, 120, 0, .9, 20*24*time.Hour)
		h.decided(export, dark, 50, 0, .8, 24*time.Hour) // too late to say
		err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Exec("DELETE FROM judgements").Error; err != nil {
				return err
			}
			return tx.Exec("UPDATE suggestions SET action = 'attached'").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		h.decided(export, dark, 10, 1, .95, time.Hour)
		h.calibrate()
		var c models.Calibration
		if err := h.db.Read(ctx).First(&c).Error; err != nil {
			t.Fatal(err)
		}
		if c.Decisions != 10 || c.Existing != 130 {
			t.Errorf("calibrated: %+v", c)
		}
	})
}

// What is costly to count is counted once for all who look at the same time, and
// not anew before its time is over.
func TestQualityIsMeasuredOnceAWhile(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouseOf(t, db, themes.Options{Remeasure: time.Minute})
		a, b := h.theme("A"), h.theme("B")
		h.decided(a, b, 10, 1, .9, time.Hour)
		var looks sync.WaitGroup
		at := make([]time.Time, 16)
		for i := range at {
			looks.Go(func() {
				q, err := h.th.Quality(ctx, pm)
				if err != nil || q.All.Decisions != 10 {
					t.Error(q.All, err)
				}
				at[i] = q.Measured
			})
		}
		looks.Wait()
		if slices.ContainsFunc(at, func(x time.Time) bool { return !x.Equal(at[0]) }) {
			t.Errorf("measured more than once: %v", at)
		}
		h.decided(a, b, 5, 0, .9, time.Hour)
		if q := h.quality(); q.All.Decisions != 10 || !q.Measured.Equal(at[0]) {
			t.Errorf("measured anew: %+v at %s", q.All, q.Measured)
		}
		if r, err := h.th.Replay(ctx, pm, .8, 30); err != nil || r.Filed != 10 {
			t.Errorf("another threshold reads all anew: %+v %v", r, err)
		}
		clock.Add(time.Minute)
		if q := h.quality(); q.All.Decisions != 15 || q.Decisions != 15 {
			t.Errorf("a minute later: %+v", q)
		}
		gone, stop := context.WithCancel(ctx)
		stop()
		clock.Add(time.Minute)
		if _, err := h.th.Quality(gone, pm); err == nil {
			t.Error("who went away was answered")
		}
		if q := h.quality(); q.All.Decisions != 15 {
			t.Errorf("after that: %+v", q)
		}
	})
}
