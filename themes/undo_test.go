package themes_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// kept are the rows that say what people decided and where everything stands,
// without their ids, revisions and when they changed last.
var kept = map[string]string{
	"places": `SELECT suggestion_id || ' ' || theme_id || ' ' || action || ' ' || span_start || '-' || span_end || ' ' || created_at FROM suggestion_themes ORDER BY 1`,
	"votes":  `SELECT theme_id || ' ' || person_id || ' ' || origin || ' ' || created_at FROM votes ORDER BY 1`,
	"themes": `SELECT id || ' ' || title || ' ' || public_title || ' ' || public || ' ' || status || ' ' || previous_status || ' ' || reason || ' ' || version || ' ' || status_at || ' ' || product
		|| ' ' || COALESCE(CAST(promise_date AS TEXT), '-') || COALESCE(CAST(ready_at AS TEXT), '-') || COALESCE(CAST(wants_reason_at AS TEXT), '-') || merged_into || ' ' || suggestions_count || ' ' || people_count
		FROM themes WHERE gone_at IS NULL ORDER BY 1`,
	"suggestions": `SELECT id || ' ' || state || ' ' || waiting || ' ' || themes_count || ' ' || CASE WHEN themes_count = 0 AND waiting = TRUE AND likely_theme NOT IN (SELECT id FROM themes WHERE gone_at IS NOT NULL) THEN likely_theme ELSE '' END FROM suggestions ORDER BY 1`,
	"links":       `SELECT id || ' ' || theme_id FROM issue_links ORDER BY 1`,
	"words":       `SELECT suggestion_id || ' ' || theme_id || ' ' || same || ' ' || proposed || ' ' || actor_id FROM decisions ORDER BY 1`,
	"apart":       `SELECT theme_id || ' ' || other_id FROM separations ORDER BY 1`,
	"judgements":  `SELECT suggestion_id || ' ' || band || ' ' || said_theme || ' ' || chosen_theme || ' ' || named || ' ' || existed || ' ' || correct FROM judgements WHERE stands = TRUE ORDER BY 1`,
	"proposals":   `SELECT key || ' ' || state FROM proposals ORDER BY 1`,
}

// rows are those of kept but for the kinds left out.
func (h *house) rows(without ...string) string {
	h.t.Helper()
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(kept)) {
		if slices.Contains(without, kind) {
			continue
		}
		var rows []string
		if err := h.db.Read(ctx).Raw(kept[kind]).Scan(&rows).Error; err != nil {
			h.t.Fatal(kind, err)
		}
		b.WriteString(kind + "\n  " + strings.Join(rows, "\n  ") + "\n")
	}
	return b.String()
}

// said is what an undo may say besides putting things back: that two themes are
// not one, that a suggestion does not belong where it joined by itself. An answer
// to a proposal stays one.
var said = []string{"words", "apart", "judgements", "proposals"}

// toAndFro takes an activity back, does it again, and so on: every undo leaves what
// the first left, every redo what the first redo left, and neither moves anything
// that was not so before or after the activity itself.
func toAndFro(t interface{ Fatalf(string, ...any) }, h *house, act, before string) {
	after := h.rows(said...)
	var undone, redone string
	for i := range 6 {
		next, err := h.th.Undo(ctx, pm, act)
		if err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
		act = next
		now, want := h.rows(said...), before
		if i%2 == 1 {
			want = after
		}
		if now != want {
			t.Fatalf("step %d left\n%s\nwant\n%s", i+1, now, want)
		}
		first := &undone
		if i%2 == 1 {
			first = &redone
		}
		if all := h.rows(); *first == "" {
			*first = all
		} else if all != *first {
			t.Fatalf("step %d left\n%s\nthe first time\n%s", i+1, all, *first)
		}
	}
	h.sound()
}

func TestAnUndoAndWhatUndoesItAlternateForEver(t *testing.T) {
	on, title := true, "Another title"
	for name, do := range map[string]func(*testing.T, *house) (string, string){
		"assign": func(t *testing.T, h *house) (string, string) {
			a, b := h.theme("A"), h.theme("B")
			s := h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			h.assign(a, s)
			return h.rows(said...), h.assign(b, s)
		},
		"assign out of a candidate": func(t *testing.T, h *house) (string, string) {
			s := h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			a := h.theme("A")
			return h.rows(said...), h.assign(a, s)
		},
		"assign to a new theme": func(t *testing.T, h *house) (string, string) {
			s := h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			before := h.rows(said...)
			act, _, err := h.th.Assign(ctx, pm, []string{s}, themes.Assignment{NewTitle: "New"})
			return before, must(t, act, err)
		},
		"add and remove": func(t *testing.T, h *house) (string, string) {
			a, b, c := h.theme("A"), h.theme("B"), h.theme("C")
			s := h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			h.assign(a, s)
			before := h.rows(said...)
			act, _, err := h.th.Assign(ctx, pm, []string{s}, themes.Assignment{Add: []string{b, c}, Remove: []string{a}})
			return before, must(t, act, err)
		},
		"merge": func(t *testing.T, h *house) (string, string) {
			a, b := h.peopled()
			before := h.rows(said...)
			act, _, err := h.th.Merge(ctx, pm, a, b)
			return before, must(t, act, err)
		},
		"split": func(t *testing.T, h *house) (string, string) {
			a, _ := h.peopled()
			var in []string
			h.db.Read(ctx).Model(&models.SuggestionTheme{}).Where("theme_id = ?", a).Order("suggestion_id").Limit(2).Pluck("suggestion_id", &in)
			before := h.rows(said...)
			act, _, err := h.th.Split(ctx, pm, a, in, "Apart")
			return before, must(t, act, err)
		},
		"same": func(t *testing.T, h *house) (string, string) {
			a, s := h.theme("A"), h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			before := h.rows(said...)
			act, _, err := h.th.Decide(ctx, pm, s, a, true)
			return before, must(t, act, err)
		},
		"different": func(t *testing.T, h *house) (string, string) {
			a, s := h.theme("A"), h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			h.assign(a, s)
			before := h.rows(said...)
			act, _, err := h.th.Decide(ctx, pm, s, a, false)
			return before, must(t, act, err)
		},
		"different, where it does not stand": func(t *testing.T, h *house) (string, string) {
			a, s := h.theme("A"), h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			before := h.rows(said...)
			act, _, err := h.th.Decide(ctx, pm, s, a, false)
			return before, must(t, act, err)
		},
		"joined by itself": func(t *testing.T, h *house) (string, string) {
			a := h.theme("A")
			first := h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			h.assign(a, first)
			h.indexed()
			f := h.file("The export of boards is slow!", "bob@example.com")
			if f.Suggestion.Action != models.ActionAttached {
				t.Fatalf("it did not join: %s", f.Suggestion.Action)
			}
			var act models.Activity
			if err := h.db.Read(ctx).First(&act, "verb = ? AND suggestion_id = ?", models.SuggestionAttached, f.Suggestion.ID).Error; err != nil {
				t.Fatal(err)
			}
			u, err := h.th.Undo(ctx, pm, act.ID) // before it joined it was not there
			must(t, u, err)
			before := h.rows(said...)
			again, err := h.th.Undo(ctx, pm, u)
			return before, must(t, again, err)
		},
		"status": func(t *testing.T, h *house) (string, string) {
			a, _ := h.peopled()
			before := h.rows(said...)
			act, _, err := h.th.SetStatus(ctx, pm, a, themes.StatusChange{Status: models.StatusDeclined, Reason: models.Text{EN: "because", ZH: "因为"}, Notify: true})
			return before, must(t, act, err)
		},
		"status of a candidate": func(t *testing.T, h *house) (string, string) {
			f := h.file("the export of boards is slow", "ann@example.com")
			before := h.rows(said...)
			act, _, err := h.th.SetStatus(ctx, pm, f.Theme.ID, themes.StatusChange{Status: models.StatusPlanned})
			return before, must(t, act, err)
		},
		"shipping what GitHub had completed": func(t *testing.T, h *house) (string, string) {
			a := h.theme("A")
			if err := h.th.MarkReady(ctx, pm, a); err != nil {
				t.Fatal(err)
			}
			before := h.rows(said...)
			act, _, err := h.th.SetStatus(ctx, pm, a, themes.StatusChange{Status: models.StatusShipped, Version: "4.2"})
			return before, must(t, act, err)
		},
		"confirm": func(t *testing.T, h *house) (string, string) {
			f := h.file("the export of boards is slow", "ann@example.com")
			before := h.rows(said...)
			_, act, err := h.th.Confirm(ctx, pm, f.Theme.ID, models.Text{EN: "Exports"}, &on)
			return before, must(t, act, err)
		},
		"edit": func(t *testing.T, h *house) (string, string) {
			a := h.theme("A")
			before := h.rows(said...)
			_, act, err := h.th.Edit(ctx, pm, a, 0, themes.Draft{Title: &title, Public: &on})
			return before, must(t, act, err)
		},
		"close": func(t *testing.T, h *house) (string, string) {
			a, b := h.file("buy cheap watches", "spam@example.com").Suggestion.ID, h.file("the export of boards is slow", "ann@example.com").Suggestion.ID
			before := h.rows(said...)
			act, err := h.th.Close(ctx, pm, []string{a, b})
			return before, must(t, act, err)
		},
		"asks": func(t *testing.T, h *house) (string, string) {
			h.known()
			s := h.file("Export to CSV is slow.\nAnother thing: let me print my receive address as a poster", "ann@example.com").Suggestion.ID
			before := h.rows(said...)
			act, _, err := h.th.AssignAsks(ctx, pm, s, nil)
			return before, must(t, act, err)
		},
		"accepted merge":  answer(models.ProposeMerge, true),
		"dismissed merge": answer(models.ProposeMerge, false),
		"accepted split":  answer(models.ProposeSplit, true),
		"dismissed split": answer(models.ProposeSplit, false),
		"opened again":    answer(models.ProposeReopen, true),
		"left as shipped": answer(models.ProposeReopen, false),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				before, act := do(t, h)
				toAndFro(t, h, act, before)
			})
		})
	}
}

func must(t *testing.T, act string, err error) string {
	t.Helper()
	if err != nil || act == "" {
		t.Fatalf("activity %q: %v", act, err)
	}
	return act
}

// peopled makes two themes with suggestions, votes, a person behind both and a
// linked issue.
func (h *house) peopled() (a, b string) {
	h.t.Helper()
	a, b = h.theme("A"), h.theme("B")
	for i, text := range []string{"the export of boards is slow", "let me choose the columns", "the totals are wrong", "导出太慢了", "print it on paper"} {
		h.assign([]string{a, b}[i%2], h.file(text, []string{"ann@example.com", "bob@example.com", "cy@example.com"}[i%3]).Suggestion.ID)
	}
	both := h.file("all of it at once", "dee@example.com").Suggestion.ID
	if _, _, err := h.th.Assign(ctx, pm, []string{both}, themes.Assignment{Add: []string{a, b}}); err != nil {
		h.t.Fatal(err)
	}
	for _, email := range []string{"eve@example.com", "ann@example.com", "fay@example.com"} {
		person, err := h.in.Person(ctx, pm, intake.PersonInput{Email: email})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, th := range []string{a, b}[:1+len(email)%2] {
			if _, err := h.th.Vote(ctx, pm, th, person); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return a, b
}

// answer is a person's answer to a proposal of that kind.
func answer(kind models.ProposalKind, accept bool) func(*testing.T, *house) (string, string) {
	return func(t *testing.T, h *house) (string, string) {
		switch kind {
		case models.ProposeMerge:
			a, b := h.theme("Exports"), h.theme("CSV")
			h.into(a, exports[:4]...)
			h.into(b, exports[4:]...)
		case models.ProposeSplit:
			h.into(h.theme("All sorts"), append(slices.Clone(exports), darks...)...)
		case models.ProposeReopen:
			a := h.theme("Exports")
			h.into(a, exports...)
			if _, _, err := h.th.SetStatus(ctx, pm, a, themes.StatusChange{Status: models.StatusShipped, Version: "4.2"}); err != nil {
				t.Fatal(err)
			}
			h.indexed()
			if _, err := h.in.File(ctx, pm, intake.Submission{Text: exports[0], Version: "4.3"}); err != nil {
				t.Fatal(err)
			}
		}
		h.look()
		ps := h.proposals()
		i := slices.IndexFunc(ps, func(p themes.Proposed) bool { return p.Kind == kind })
		if i < 0 {
			t.Fatalf("not proposed: %v", ps)
		}
		before := h.rows(said...)
		var act string
		var err error
		if accept {
			act, _, err = h.th.AcceptProposal(ctx, pm, ps[i].ID, "")
		} else {
			act, err = h.th.DismissProposal(ctx, pm, ps[i].ID)
		}
		return before, must(t, act, err)
	}
}

// A vote that its person took back stays so, whatever the team moves and takes
// back; one of which an earlier version kept no record comes back by the suggestion.
func TestAVoteTakenBackStaysSo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.theme("A"), h.theme("B")
		f := h.file("the export of boards is slow", "ann@example.com")
		s, person := f.Suggestion.ID, f.Suggestion.PersonID
		h.assign(a, s)
		votes := func(want int, when string) {
			t.Helper()
			var n int64
			h.db.Read(ctx).Model(&models.Vote{}).Where("person_id = ?", person).Count(&n)
			if int(n) != want {
				t.Errorf("%s: %d votes, want %d", when, n, want)
			}
		}
		votes(1, "in A")
		moved := h.assign(b, s)
		votes(1, "in B")
		if _, err := h.th.Unvote(ctx, pm, b, person); err != nil {
			t.Fatal(err)
		}
		back := h.undo(moved)
		votes(0, "back in A, the vote taken back in B")
		h.undo(back)
		votes(0, "again in B")
		votes(0, "moved on: "+h.assign(a, s))
		votes(0, "split: "+func() string { act, _, _ := h.th.Split(ctx, pm, a, []string{s}, "C"); return act }())

		old := h.file("print it on paper", "bob@example.com")
		person = old.Suggestion.PersonID
		h.assign(a, old.Suggestion.ID)
		act := h.assign(b, old.Suggestion.ID)
		if err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("DELETE FROM moves WHERE what = 'author'").Error
		}); err != nil {
			t.Fatal(err)
		}
		h.undo(act)
		votes(1, "an old activity taken back")
	})
}

// Whatever was done before, in whatever order, what is done last can be taken back
// and done again as often as one likes.
func TestWhateverIsDoneAlternates(t *testing.T) {
	end := time.Now().Add(10 * time.Second)
	rapid.Check(t, func(rt *rapid.T) {
		if t.Failed() || time.Now().After(end) && !long() {
			return // each step is taken back and done again six times
		}
		h := newHouse(t, modelstest.Open(t, modelstest.SQLiteURL(t), nil))
		w := &walk{T: rt, h: h, alternate: true}
		for range 3 {
			w.themes = append(w.themes, h.theme("theme"))
			w.filed(rt)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"file": w.filed, "assign": w.assign, "addRemove": w.addRemove, "merge": w.merge, "split": w.split,
			"status": w.status, "vote": w.vote, "unvote": w.unvote, "say": w.say, "close": w.close, "": w.check,
		})
	})
}

// A theme that a person made by hand is there before and after, whatever was put
// into it and taken back; one that only a move made goes with it.
func TestAHandMadeThemeOutlivesAnUndo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		title := "Made by hand"
		hand, err := h.th.Create(ctx, pm, themes.Draft{Title: &title})
		if err != nil {
			t.Fatal(err)
		}
		s := h.file("the export of boards is slow", "").Suggestion.ID
		before := h.rows(said...)
		toAndFro(t, h, h.assign(hand.ID, s), before)
		if th, err := h.th.Get(ctx, pm, hand.ID); err != nil || th.SuggestionsCount != 1 {
			t.Error(th, err)
		}
	})
}
