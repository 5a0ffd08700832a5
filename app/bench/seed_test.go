package bench

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func TestWhatIsSeededIsSound(t *testing.T) {
	ctx := context.Background()
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		const items = 1234
		last := 0
		if err := seed(ctx, db, items, func(done, total int) {
			if total != items {
				t.Errorf("progress of %d, want %d", total, items)
			}
			last = done
		}); err != nil {
			t.Fatal(err)
		}
		if last != items {
			t.Errorf("progress ended at %d", last)
		}
		invariants, err := db.Check(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invariants {
			if i.Broken != 0 {
				t.Errorf("broken: %s (%d)", i.Name, i.Broken)
			}
		}
		for query, least := range map[string]int{
			"SELECT COUNT(*) FROM suggestions":                                   items,
			"SELECT COUNT(DISTINCT text) FROM suggestions":                       items * 9 / 10,
			"SELECT COUNT(*) FROM suggestions WHERE lang = 'zh'":                 items / 4,
			"SELECT COUNT(*) FROM suggestions WHERE waiting":                     items / 10,
			"SELECT COUNT(*) FROM themes WHERE public AND suggestions_count > 0": 3,
			"SELECT COUNT(*) FROM votes":                                         items / 2,
			"SELECT COUNT(*) FROM activities WHERE verb = 'suggestion.filed'":    items,
		} {
			var n int
			if err := db.Read(ctx).Raw(query).Scan(&n).Error; err != nil || n < least {
				t.Errorf("%s: %d, want at least %d (%v)", query, n, least, err)
			}
		}
	})
}

func TestTextsAreVariedShortAndTheSameAgain(t *testing.T) {
	a, b, other := newTexts(7, 500), newTexts(7, 500), newTexts(8, 500)
	seen, words, same := map[string]bool{}, map[string]bool{}, 0
	zh := 0
	const n = 5000
	for range n {
		x := a.next()
		if y := b.next(); x != y {
			t.Fatalf("one seed wrote %q and %q", x.body, y.body)
		}
		if other.next().body == x.body {
			same++
		}
		if !utf8.ValidString(x.body) || strings.ContainsAny(x.body, "|=\n\t") || strings.Contains(x.body, "  ") {
			t.Fatalf("not a text a person would write: %q", x.body)
		}
		seen[x.body] = true
		size := len(strings.Fields(x.body))
		if x.lang == "zh" {
			zh++
			size = utf8.RuneCountInString(x.body)
		} else {
			for _, w := range strings.Fields(strings.ToLower(x.body)) {
				words[w] = true
			}
		}
		if size < 8 || size > map[string]int{"en": 40, "zh": 60}[x.lang] {
			t.Errorf("%s text of %d: %q", x.lang, size, x.body)
		}
	}
	if len(seen) < n*95/100 || len(words) < 2000 || zh < n/3 || zh > n/2 || same > n/50 {
		t.Errorf("%d distinct of %d, %d English words, %d Chinese, %d the same with another seed", len(seen), n, len(words), zh, same)
	}
}
