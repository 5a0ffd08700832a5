package themes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// spans are the words of the asks that a message was heard to have.
func spans(s models.Suggestion) (out []string) {
	for _, a := range s.Asks.V {
		out = append(out, s.Text[a.Start:a.End])
	}
	return out
}

// known fills a house with three themes, in both languages.
func (h *house) known() (export, dark, fee string) {
	export, dark, fee = h.theme("Exports"), h.theme("Dark mode"), h.theme("Fees")
	h.into(export, exports...)
	h.into(export, "导出看板太慢了", "看板导出很慢", "导出大型看板太慢", "看板导出太慢，等了很久")
	h.into(dark, darks...)
	h.into(dark, "希望增加夜间模式", "什么时候有夜间模式", "请增加深色夜间模式", "想要夜间模式")
	h.into(fee, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high", "High fees for a swap")
	h.indexed()
	return export, dark, fee
}

func TestAMessageWithSeveralAsksIsProposedAsSeveralThemes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, dark, _ := h.known()
		for _, c := range []struct {
			text  string
			asks  []string
			goals []string
		}{
			{"Export to CSV is slow. Also, please add a dark mode for the night.", []string{"Export to CSV is slow.", "Also, please add a dark mode for the night."}, []string{export, dark}},
			{"导出看板太慢了，另外希望增加夜间模式。", []string{"导出看板太慢了", "另外希望增加夜间模式。"}, []string{export, dark}},
			{"Hi, two things:\n1. dark mode for the night please\n2. the CSV export is slow", []string{"dark mode for the night please", "the CSV export is slow"}, []string{dark, export}},
			{"1、看板导出太慢 2、请增加夜间模式", []string{"看板导出太慢", "请增加夜间模式"}, []string{export, dark}},
		} {
			h.indexed()
			s := h.file(c.text, "mei@example.com").Suggestion
			if got := spans(s); !slices.Equal(got, c.asks) {
				t.Errorf("%q: asks %q, want %q", c.text, got, c.asks)
				continue
			}
			if s.ThemesCount != 0 || s.Action != models.ActionSuggested || !s.Waiting {
				t.Errorf("%q stands somewhere: %s", c.text, s.Action)
			}
			for i, a := range s.Asks.V {
				if len(a.Candidates) == 0 || a.Candidates[0].Theme != c.goals[i] {
					t.Errorf("%q: ask %d is for %v", c.text, i, a.Candidates)
				}
			}
			before := h.stand()
			act, ths, err := h.th.AssignAsks(ctx, pm, s.ID, nil)
			if err != nil || len(ths) != 2 {
				t.Fatal(ths, err)
			}
			var rows []models.SuggestionTheme
			h.db.Read(ctx).Order("span_start").Find(&rows, "suggestion_id = ?", s.ID)
			for i, r := range rows {
				if s.Text[r.SpanStart:r.SpanEnd] != c.asks[i] || r.ThemeID != c.goals[i] || r.Action != models.ActionAssigned {
					t.Errorf("%q: row %+v", c.text, r)
				}
			}
			if _, err := h.th.Undo(ctx, pm, act); err != nil {
				t.Fatal(err)
			}
			if after := h.stand(); after != before {
				t.Errorf("undo left\n%s\nwant\n%s", after, before)
			}
		}
	})
}

func TestOneOfSeveralAsksMayBeNew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		export, _, _ := h.known()
		s := h.file("Export to CSV is slow.\nAnother thing: let me print my receive address as a poster", "").Suggestion
		if len(s.Asks.V) != 2 || len(s.Asks.V[1].Candidates) != 0 {
			t.Fatalf("asks %q: %+v", spans(s), s.Asks.V)
		}
		act, ths, err := h.th.AssignAsks(ctx, pm, s.ID, []int{1, 0})
		if err != nil || len(ths) != 2 {
			t.Fatal(ths, err)
		}
		i := slices.IndexFunc(ths, func(th models.Theme) bool { return th.ID != export })
		if th := ths[i]; th.Status != models.StatusCandidate || !strings.Contains(th.Title, "receive address") {
			t.Errorf("the new one: %+v", th)
		}
		if again, _, err := h.th.AssignAsks(ctx, pm, s.ID, []int{0}); err != nil || again != "" {
			t.Errorf("again: %q %v", again, err)
		}
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.th.AssignAsks(ctx, pm, s.ID, []int{2}); err == nil {
			t.Error("an ask that is not there")
		}
	})
}

// A theme that an ask opens is called by what the ask says, not by the words that
// tie it to the rest.
func TestTheThemeOfAnAskIsCalledByIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.known()
		for _, c := range []struct{ text, want string }{
			{"Export to CSV is slow. Also, let me print my receive address as a poster, it would look nice in the shop.", "Let me print my receive address as a poster"},
			{"Export to CSV is slow. And could you print the receive address on a poster for us?", "Could you print the receive address on a poster for us?"},
			{"导出看板太慢了。另外，希望可以打印收款地址的海报，放在店里。", "希望可以打印收款地址的海报"},
		} {
			h.indexed()
			s := h.file(c.text, "").Suggestion
			if len(s.Asks.V) != 2 {
				t.Errorf("%q: asks %q", c.text, spans(s))
				continue
			}
			act, ths, err := h.th.AssignAsks(ctx, pm, s.ID, nil)
			if err != nil || !slices.ContainsFunc(ths, func(th models.Theme) bool { return th.Title == c.want }) {
				t.Errorf("%q: %v %v", c.text, ths, err)
			}
			h.undo(act) // the next is like it
		}
	})
}

func TestOneSubjectIsOneAsk(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, dark, _ := h.known()
		for _, text := range []string{
			"Export to CSV is slow", "导出太慢", "Export to CSV is slow. Please make the CSV export faster.", "导出看板太慢了。看板导出要等很久。",
			"Dark mode please. Also make the dark mode start at night.", "希望增加夜间模式，另外夜间模式要能定时。",
			"Export to CSV is slow:\nException in thread main\n  at export.Board(Board.java:12)\n  at dark.Mode(Night.java:3)\nAlso dark mode for the night crashed.",
			"{\"export\": \"slow\"}\n{\"mode\": \"dark\"}\nAlso dark mode", strings.Repeat("The night is dark and the export is slow somehow. ", 60),
			"Hello! Thank you! Bye!", "Also", "另外", "1.\n2.\n3.", "- \n- \n- ",
		} {
			h.indexed()
			if s := h.file(text+" ", "").Suggestion; len(s.Asks.V) != 0 {
				t.Errorf("%q was parted: %q", text, spans(s))
			}
		}
		f, err := h.in.File(ctx, pm, intake.Submission{Text: "Export to CSV is slow. Also a dark mode for the night please."})
		if err != nil || len(f.Suggestion.Asks.V) != 2 {
			t.Fatal(spans(f.Suggestion), err)
		}
		if _, _, err := h.th.Decide(ctx, pm, f.Suggestion.ID, dark, false); err != nil { // a person's word stands
			t.Fatal(err)
		}
		_, ths, err := h.th.AssignAsks(ctx, pm, f.Suggestion.ID, nil)
		if err != nil || slices.ContainsFunc(ths, func(th models.Theme) bool { return th.ID == dark }) {
			t.Error(ths, err)
		}
		_, _, err = h.th.AssignAsks(ctx, pm, h.file("One thing only", "").Suggestion.ID, nil)
		wantCode(t, err, "asks_none", "asks")
		if _, _, err := h.th.AssignAsks(ctx, pm, "sug_x", nil); models.KindOf(err) != models.NotFound {
			t.Error(err)
		}
		var _ themes.Matched = h.th.Match(ctx, "", "")
	})
}
