package themes_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// TestMain keeps the random walks short enough for every run; for a long one say
// go test ./themes -rapid.checks=1000.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		flag.Set("rapid.checks", "30")
	}
	os.Exit(m.Run())
}

// Whatever the team does in whatever order, every invariant holds, no
// suggestion is lost, and an undo right away puts the same rows back.
func TestAnyOrderOfDecisions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
		w := &walk{T: rt, h: h}
		for i := range 3 {
			w.themes = append(w.themes, h.theme(fmt.Sprintf("theme %d", i)))
			w.filed(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"file": w.filed, "assign": w.assign, "addRemove": w.addRemove, "merge": w.merge, "split": w.split,
			"status": w.status, "vote": w.vote, "decide": w.decide, "": w.check,
		})
	})
}

// long reports that somebody asked for more walks than every run has.
func long() bool { return flag.Lookup("rapid.checks").Value.String() != "30" }

type walk struct {
	*rapid.T
	h           *house
	themes      []string
	suggestions []string
	alternate   bool // everything is taken back and done again, several times
}

func (w *walk) filed(t *rapid.T) {
	person := rapid.IntRange(0, 4).Draw(t, "person")
	words := rapid.SampledFrom([]string{"dark mode please", "Dark mode, please!", "export is slow", "导出太慢", "fees are wrong", "手续费不对"}).Draw(t, "words")
	f := w.h.file(words, fmt.Sprintf("p%d@example.com", person))
	w.suggestions = append(w.suggestions, f.Suggestion.ID)
	for _, th := range f.Themes {
		w.themes = append(w.themes, th.ID)
	}
}

func (w *walk) oneTheme(t *rapid.T) string { return rapid.SampledFrom(w.themes).Draw(t, "theme") }
func (w *walk) suggestion(t *rapid.T) string {
	return rapid.SampledFrom(w.suggestions).Draw(t, "suggestion")
}

// try does something that may be refused, and now and then takes it back at
// once.
func (w *walk) try(t *rapid.T, do func() (string, error)) {
	before := w.h.stand()
	var rows string
	if w.alternate {
		rows = w.h.rows(said...)
	}
	act, err := do()
	if err != nil {
		if models.KindOf(err) == "" {
			t.Fatalf("not a refusal: %v", err)
		}
		if after := w.h.stand(); after != before {
			t.Fatalf("a refusal (%v) changed\n%s\nto\n%s", err, before, after)
		}
		return
	}
	if act != "" && w.alternate {
		toAndFro(t, w.h, act, rows)
		return
	}
	if act == "" || !rapid.Bool().Draw(t, "undo") {
		return
	}
	if _, err := w.h.th.Undo(ctx, pm, act); err != nil {
		t.Fatalf("undo: %v", err)
	}
	if after := live(w.h.stand()); after != live(before) {
		t.Fatalf("undo left\n%s\nwant\n%s", after, before)
	}
}

// live leaves out empty candidates that are gone: a split's new theme stays as
// a row for the timeline.
func live(stand string) string {
	var out []string
	for line := range strings.SplitSeq(stand, "\n") {
		if !strings.HasSuffix(line, "gone 0 0") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func (w *walk) assign(t *rapid.T) {
	s, th := w.suggestion(t), w.oneTheme(t)
	w.try(t, func() (string, error) {
		act, _, err := w.h.th.Assign(ctx, pm, []string{s}, themes.Assignment{Theme: th})
		return act, err
	})
}

func (w *walk) addRemove(t *rapid.T) {
	s, a, b := w.suggestion(t), w.oneTheme(t), w.oneTheme(t)
	w.try(t, func() (string, error) {
		act, _, err := w.h.th.Assign(ctx, pm, []string{s}, themes.Assignment{Add: []string{a}, Remove: []string{b}})
		return act, err
	})
}

func (w *walk) merge(t *rapid.T) {
	a, b := w.oneTheme(t), w.oneTheme(t)
	w.try(t, func() (string, error) {
		act, _, err := w.h.th.Merge(ctx, pm, a, b)
		return act, err
	})
}

func (w *walk) split(t *rapid.T) {
	th := w.oneTheme(t)
	var in []string
	w.h.db.Read(ctx).Model(&models.SuggestionTheme{}).Where("theme_id = ?", th).Order("suggestion_id").Limit(2).Pluck("suggestion_id", &in)
	w.try(t, func() (string, error) {
		act, made, err := w.h.th.Split(ctx, pm, th, in, "apart")
		if err == nil {
			w.themes = append(w.themes, made.ID)
		}
		return act, err
	})
}

func (w *walk) status(t *rapid.T) {
	th, s := w.oneTheme(t), rapid.SampledFrom(models.Settable()).Draw(t, "status")
	reason := rapid.SampledFrom([]models.Text{{}, {EN: "because"}}).Draw(t, "reason")
	w.try(t, func() (string, error) {
		before, _ := w.h.th.Get(ctx, pm, th)
		act, after, err := w.h.th.SetStatus(ctx, pm, th, themes.StatusChange{Status: s, Reason: reason, Notify: true})
		if err == nil && before.Rev == after.Rev {
			act = "" // it stood so already: nothing to take back
		}
		return act, err
	})
}

func (w *walk) vote(t *rapid.T) {
	th, n := w.oneTheme(t), rapid.IntRange(0, 6).Draw(t, "voter")
	person, err := w.h.in.Person(ctx, pm, intake.PersonInput{Email: fmt.Sprintf("p%d@example.com", n)})
	if err != nil {
		t.Fatal(err)
	}
	w.try(t, func() (string, error) {
		_, err := w.h.th.Vote(ctx, pm, th, person)
		return "", err
	})
}

func (w *walk) decide(t *rapid.T) {
	s, th, same := w.suggestion(t), w.oneTheme(t), rapid.Bool().Draw(t, "same")
	before := w.h.stand()
	if _, _, err := w.h.th.Decide(ctx, pm, s, th, same); err != nil && w.h.stand() != before {
		t.Fatalf("a refused decision changed something: %v", err)
	}
}

// say is decide, which may be taken back.
func (w *walk) say(t *rapid.T) {
	s, th, same := w.suggestion(t), w.oneTheme(t), rapid.Bool().Draw(t, "same")
	w.try(t, func() (string, error) {
		act, _, err := w.h.th.Decide(ctx, pm, s, th, same)
		return act, err
	})
}

func (w *walk) close(t *rapid.T) {
	s := w.suggestion(t)
	w.try(t, func() (string, error) { return w.h.th.Close(ctx, pm, []string{s}) })
}

func (w *walk) unvote(t *rapid.T) {
	var v models.Vote
	if err := w.h.db.Read(ctx).Order("theme_id, person_id").Limit(1).Find(&v).Error; err != nil || v.ThemeID == "" {
		t.Skip("nobody votes")
	}
	w.try(t, func() (string, error) {
		_, err := w.h.th.Unvote(ctx, pm, v.ThemeID, v.PersonID)
		return "", err
	})
}

func (w *walk) check(t *rapid.T) {
	invs, err := w.h.db.Check(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range invs {
		if i.Broken != 0 {
			t.Fatalf("broken: %s (%d)", i.Name, i.Broken)
		}
	}
	var n int64
	w.h.db.Read(ctx).Model(&models.Suggestion{}).Count(&n)
	if int(n) != len(w.suggestions) {
		t.Fatalf("%d suggestions stored, %d filed", n, len(w.suggestions))
	}
}
