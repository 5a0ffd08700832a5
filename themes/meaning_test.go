package themes_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// mind is a model that knows a few words that mean the same.
type mind struct {
	name string
	fail atomic.Bool
	mu   sync.Mutex
	read []string // what it was asked, in order
	slow time.Duration
}

func (m *mind) Model() string { return m.name }

func (m *mind) Embed(ctx context.Context, texts []meaning.Text) ([][]float32, error) {
	if m.fail.Load() {
		return nil, errors.New("out of its mind")
	}
	out := make([][]float32, len(texts))
	for i, x := range texts {
		text := strings.TrimSpace(x.Title + " " + x.Text)
		m.mu.Lock()
		m.read = append(m.read, text)
		m.mu.Unlock()
		if text != "" {
			out[i] = direction(text)
		}
	}
	select {
	case <-time.After(m.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return out, nil
}

// asked returns what the model was asked since the last time.
func (m *mind) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.read = nil }()
	return m.read
}

// direction is a vector: the same for texts that speak of the same, at right
// angles to all others.
func direction(text string) []float32 {
	about := text
	for topic, words := range map[string][]string{"speed": {"slow", "sluggish", "forever"}, "dark": {"dark", "night"}} {
		for _, w := range words {
			if strings.Contains(strings.ToLower(text), w) {
				about = topic
			}
		}
	}
	h := fnv.New64a()
	io.WriteString(h, about)
	r := rand.New(rand.NewSource(int64(h.Sum64())))
	v := make([]float32, 256)
	for i := range v {
		v[i] = float32(1-2*r.Intn(2)) / 16
	}
	return v
}

func eachMind(t *testing.T, run func(t *testing.T, h *house, m *mind)) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		m := &mind{name: "mind"}
		h := newHouseOf(t, db, themes.Options{Meaning: m})
		run(t, h, m)
		h.sound()
	})
}

// until waits for what happens in the background.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("in vain waited for: " + what)
}

// vectors lists the items that have a vector of a model.
func (h *house) vectors(model string) (ids []string) {
	h.t.Helper()
	if err := h.db.Read(ctx).Model(&models.Vector{}).Where("model = ?", model).Order("item_id").Pluck("item_id", &ids).Error; err != nil {
		h.t.Fatal(err)
	}
	return ids
}

// bare stores suggestions as an import of an older version left them: without
// vectors.
func (h *house) bare(texts ...string) (ids []string) {
	h.t.Helper()
	err := h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		ids = nil
		for _, text := range texts {
			s := models.Suggestion{ID: models.NewID(models.PrefixSuggestion), Text: text, Kind: models.KindSuggestion, Lang: "en", Source: "import",
				State: models.StateNew, Action: models.ActionSuggested, Waiting: true, Rev: 1, CreatedAt: h.db.Now(), UpdatedAt: h.db.Now()}
			s.Receipt = s.ID
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
			if err := h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, &models.Activity{Verb: models.SuggestionFiled, SuggestionID: s.ID}); err != nil {
				return err
			}
			ids = append(ids, s.ID)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return ids
}

func (h *house) settled() {
	h.t.Helper()
	until(h.t, "every text has its vector", func() bool {
		h.th.Match(ctx, "", "is the index up to date?") // waits for what was committed
		return h.th.Encoding() == 0
	})
}

// Typing and filing ask for the same text: it is read once, and its vector is
// stored with the suggestion.
func TestAFiledTextIsReadOnceAndKeepsItsVector(t *testing.T) {
	eachMind(t, func(t *testing.T, h *house, m *mind) {
		const text = "The export of boards is slow"
		if _, err := h.th.Similar(ctx, pm, text, 5); err != nil {
			t.Fatal(err)
		}
		f := h.file(text, "")
		if got := h.vectors("mind"); !slices.Equal(got, []string{f.Suggestion.ID}) {
			t.Errorf("vectors of %v", got)
		}
		h.settled()
		n := 0
		for _, s := range m.asked() {
			if s == text {
				n++
			}
		}
		if n != 1 {
			t.Errorf("read %d times", n)
		}
		m2 := h.th.Match(ctx, "", "everything takes forever")
		if !slices.ContainsFunc(m2.Candidates, func(c models.Candidate) bool { return c.Theme == f.Theme.ID }) {
			t.Errorf("not found by its meaning: %+v", m2.Candidates)
		}
	})
}

func TestAVectorGoesWhereItsSuggestionGoes(t *testing.T) {
	eachMind(t, func(t *testing.T, h *house, m *mind) {
		boom := errors.New("boom")
		p, err := h.in.Prepare(ctx, pm, intake.Submission{Text: "a slow board"})
		if err != nil {
			t.Fatal(err)
		}
		err = h.db.Write(ctx, func(ctx context.Context, _ *gorm.DB) error {
			if _, err := h.in.Commit(ctx, pm, p); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || len(h.vectors("mind")) != 0 {
			t.Errorf("%v; vectors of %v", err, h.vectors("mind"))
		}
		m.fail.Store(true)
		f := h.file("a sluggish list", "")
		if f.Theme == nil || len(h.vectors("mind")) != 0 {
			t.Errorf("with the model down: %+v, vectors of %v", f.Theme, h.vectors("mind"))
		}
		m.fail.Store(false)
		h.settled()
		if got := h.vectors("mind"); !slices.Equal(got, []string{f.Suggestion.ID}) {
			t.Errorf("afterwards vectors of %v", got)
		}
	})
}

// Texts without a vector get it in the background, the latest first, once: not
// again after a restart or by another node.
func TestWhatLacksAVectorGetsItLatestFirstAndOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db) // an older version
		var texts []string
		for i := range 100 {
			texts = append(texts, fmt.Sprintf("text number %d", i))
		}
		ids := h.bare(texts...)
		h.theme("Night colours")
		h.stop()
		m := &mind{name: "mind"}
		h = newHouseOf(t, db, themes.Options{Meaning: m})
		until(t, "vectors", func() bool { return h.th.Encoding() == 0 })
		if got := h.vectors("mind"); len(got) != len(ids)+1 {
			t.Fatalf("%d vectors", len(got))
		}
		got := slices.DeleteFunc(m.asked(), func(s string) bool { return !strings.HasPrefix(s, "text") })
		slices.Reverse(texts)
		if !slices.Equal(got, texts) {
			t.Errorf("read in the order %q", got)
		}
		second := &mind{name: "mind"}
		h2 := newHouseOf(t, db, themes.Options{Meaning: second})
		if n := h2.th.Encoding(); n != 0 || len(second.asked()) != 0 {
			t.Errorf("%d wait at the second start", n)
		}
		h2.bare("the night is too bright")
		h.settled()
		h2.settled()
		for _, node := range []*house{h, h2} {
			if found := node.th.Match(ctx, "", "dark mode"); len(found.Candidates) == 0 {
				t.Error("a stored vector is not in use")
			}
		}
		if n := len(h.vectors("mind")); n != len(ids)+2 {
			t.Errorf("%d vectors at last", n)
		}
	})
}

func TestAChangedTextIsReadAgainAndAVanishedOneForgotten(t *testing.T) {
	eachMind(t, func(t *testing.T, h *house, m *mind) {
		id := h.theme("Dark colours")
		h.settled()
		if got := h.vectors("mind"); !slices.Equal(got, []string{id + "|en"}) {
			t.Fatalf("vectors of %v", got)
		}
		if _, _, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{PublicTitle: &models.Text{EN: "Slow boards"}}); err != nil {
			t.Fatal(err)
		}
		h.settled()
		var row models.Vector
		if err := h.db.Read(ctx).First(&row, "item_id = ?", id+"|en").Error; err != nil || row.Digest != models.Digest("Slow boards", "") {
			t.Errorf("%+v %v", row, err)
		}
		if found := h.th.Match(ctx, "", "it takes forever"); len(found.Candidates) == 0 || found.Candidates[0].Theme != id {
			t.Errorf("by the new title: %+v", found.Candidates)
		}
		if _, _, err := h.th.Edit(ctx, pm, id, 0, themes.Draft{PublicTitle: &models.Text{}}); err != nil {
			t.Fatal(err)
		}
		h.settled()
		if got := h.vectors("mind"); len(got) != 0 {
			t.Errorf("vectors of %v", got)
		}
	})
}

// A part of a suggestion that stands in a theme of its own has a vector of its
// own, as long as it stands there.
func TestPartsHaveVectorsOfTheirOwn(t *testing.T) {
	eachMind(t, func(t *testing.T, h *house, m *mind) {
		f := h.file("The export is slow. And it is too bright at night.", "")
		a, b := h.theme("Export"), h.theme("Colours")
		h.settled()
		err := h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
			if err := tx.Exec("UPDATE suggestion_themes SET theme_id = ?, span_start = 0, span_end = 19 WHERE suggestion_id = ?", a, f.Suggestion.ID).Error; err != nil {
				return err
			}
			part := models.SuggestionTheme{SuggestionID: f.Suggestion.ID, ThemeID: b, SpanStart: 20, SpanEnd: 50, Action: models.ActionAssigned, CreatedAt: h.db.Now().Add(time.Second)}
			if err := tx.Create(&part).Error; err != nil {
				return err
			}
			return h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, &models.Activity{Verb: models.SuggestionEdited, SuggestionID: f.Suggestion.ID})
		})
		if err != nil {
			t.Fatal(err)
		}
		m.asked()
		h.settled()
		read := m.asked()
		for _, want := range []string{"The export is slow.", "And it is too bright at night."} {
			if !slices.Contains(read, want) {
				t.Errorf("%q was not read: %q", want, read)
			}
		}
		if got := h.vectors("mind"); !slices.Contains(got, f.Suggestion.ID+"|"+b) {
			t.Errorf("vectors of %v", got)
		}
		err = h.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
			if err := tx.Delete(&models.SuggestionTheme{}, "suggestion_id = ? AND theme_id = ?", f.Suggestion.ID, b).Error; err != nil {
				return err
			}
			return h.db.Record(ctx, tx, models.By{Kind: models.ActorSystem}, &models.Activity{Verb: models.SuggestionEdited, SuggestionID: f.Suggestion.ID})
		})
		if err != nil {
			t.Fatal(err)
		}
		h.settled()
		if got := h.vectors("mind"); slices.Contains(got, f.Suggestion.ID+"|"+b) {
			t.Errorf("a part that is gone has a vector: %v", got)
		}
		if err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { // put the counts right for sound
			return tx.Exec(`UPDATE themes SET suggestions_count = (SELECT COUNT(*) FROM suggestion_themes x WHERE x.theme_id = themes.id),
				people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id)`).Error
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE suggestions SET waiting = FALSE WHERE id = ?", f.Suggestion.ID).Error
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestADamagedVectorIsMadeAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		m := &mind{name: "mind"}
		h := newHouseOf(t, db, themes.Options{Meaning: m})
		f := h.file("a slow board", "")
		h.stop()
		if err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE vectors SET vector = ?", []byte{1, 2}).Error
		}); err != nil {
			t.Fatal(err)
		}
		h = newHouseOf(t, db, themes.Options{Meaning: m})
		h.settled()
		var row models.Vector
		if err := db.Read(ctx).First(&row, "item_id = ?", f.Suggestion.ID).Error; err != nil || len(row.Vector) != 260 {
			t.Errorf("%d bytes, %v", len(row.Vector), err)
		}
	})
}

// Under more load than the model bears, texts are filed all the same; those that
// were not read in time are read afterwards.
func TestABusyModelHoldsNobodyUp(t *testing.T) {
	h := newHouseOf(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil), themes.Options{Meaning: &mind{name: "mind", slow: 200 * time.Millisecond}, Wait: 50 * time.Millisecond})
	began := time.Now()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { h.file(fmt.Sprintf("text number %d", i), "") })
	}
	wg.Wait()
	if took := time.Since(began); took > 7*time.Second { // one after the other they would take eight
		t.Errorf("40 texts took %v", took)
	}
	until(t, "all vectors", func() bool { return len(h.vectors("mind")) == 40 })
}
