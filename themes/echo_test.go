package themes_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// crowd is how many say the same at once, by a quarter of as many people.
func crowd() int {
	if testing.Short() {
		return 600
	}
	return 1200
}

// shout files one text from many at once, through the door.
func (h *house) shout(text string, n int) {
	h.t.Helper()
	next := make(chan int)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for i := range next {
				if _, err := h.in.File(ctx, pm, intake.Submission{Text: text, Person: &intake.PersonInput{Email: fmt.Sprintf("p%d@example.com", i%(n/4))}}); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// lines are the inbox.
func (h *house) lines() []models.Suggestion {
	h.t.Helper()
	d, err := h.in.Desk(ctx, pm, intake.Sought{Limit: 200})
	if err != nil {
		h.t.Fatal(err)
	}
	if n, err := h.in.Inbox(ctx, pm); err != nil || n != int64(len(d.Rows)) || d.Total != n {
		h.t.Errorf("%d lines, counted as %d and %d (%v)", len(d.Rows), n, d.Total, err)
	}
	return d.Rows
}

// oneLine fails the test unless the inbox is one line for so many more and people.
func (h *house) oneLine(when string, more, people int) models.Suggestion {
	h.t.Helper()
	rows := h.lines()
	if len(rows) != 1 {
		h.t.Fatalf("%s: %d lines, want 1", when, len(rows))
	}
	if rows[0].Echoes != more || rows[0].EchoPeople != people {
		h.t.Errorf("%s: %d more by %d people, want %d by %d", when, rows[0].Echoes, rows[0].EchoPeople, more, people)
	}
	h.sound()
	return rows[0]
}

func TestACrowdThatSaysTheSameIsOneThemeOneLineAndOneDecision(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.shout("The app shows a white screen since this morning", crowd())
		lead := h.oneLine("filed", crowd()-1, crowd()/4)
		ths, _, err := h.th.List(ctx, pm, themes.Filter{})
		if err != nil || len(ths) != 1 || ths[0].SuggestionsCount != crowd() || ths[0].PeopleCount != crowd()/4 {
			t.Fatalf("%+v, %v; want one theme with all of them", ths, err)
		}
		h.holdsAtMost(1)
		if page, _, err := h.in.List(ctx, pm, intake.Filter{EchoOf: lead.ID, Limit: 500}); err != nil || len(page) != 500 || page[0].EchoOf != lead.ID {
			t.Errorf("the echoes cannot be read: %d, %v", len(page), err)
		}

		before, screen := h.stand(), h.theme("White screen")
		h.takenBack("assigned", lead.ID, screen, func() (string, error) {
			act, _, err := h.th.Assign(ctx, pm, []string{lead.ID}, themes.Assignment{Theme: screen})
			return act, err
		})
		h.takenBack("assigned again, with the first undo taken back", lead.ID, screen, func() (string, error) {
			act, _, err := h.th.Decide(ctx, pm, lead.ID, screen, true)
			return act, err
		})
		h.takenBack("closed", lead.ID, ths[0].ID, func() (string, error) { return h.th.Close(ctx, pm, []string{lead.ID}) })
		h.takenBack("split", lead.ID, "", func() (string, error) {
			act, apart, err := h.th.Split(ctx, pm, ths[0].ID, []string{lead.ID}, "White screen after the update")
			if err != nil {
				return act, err
			}
			_, _, err = h.th.Confirm(ctx, pm, apart.ID, models.Text{EN: "White screen"}, nil)
			return act, err
		})
		if after := h.stand(); len(after) < len(before) {
			t.Error("some are gone")
		}

		// Said not to belong there, all of them wait together.
		act, _, err := h.th.Decide(ctx, pm, lead.ID, ths[0].ID, false)
		if err != nil {
			t.Fatal(err)
		}
		h.oneLine("said not to belong there", crowd()-1, crowd()/4)
		if _, err := h.th.Undo(ctx, pm, act); err != nil {
			t.Fatal(err)
		}

		// Who comes after a decision stands where it put the others.
		h.assign(screen, lead.ID)
		late := h.file("the app shows a white screen since this morning!", "late@example.com")
		if late.Theme == nil || late.Theme.ID != screen || late.Suggestion.EchoOf != lead.ID || len(h.lines()) != 0 {
			t.Errorf("too late: %+v", late.Suggestion)
		}
		h.holdsAtMost(3) // the text, and what two themes are called
		h.sound()
	})
}

// holdsAtMost waits for the index to hold so many texts of suggestions at most.
func (h *house) holdsAtMost(most int) {
	h.t.Helper()
	for range 1000 {
		if n := h.th.Indexed(); n > 0 && n <= most {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	h.t.Errorf("the index holds %d texts, want no more than %d", h.th.Indexed(), most)
}

// takenBack fails the test unless a decision on the lead empties the inbox, all
// stand in theme ("": anywhere), and undo brings everything back.
func (h *house) takenBack(what, lead, theme string, do func() (string, error)) {
	h.t.Helper()
	before := h.lines()[0]
	act, err := do()
	if err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
	if n := len(h.lines()); n != 0 {
		h.t.Errorf("%s: %d lines are left", what, n)
	}
	if th, err := h.th.Get(ctx, pm, theme); theme != "" && (err != nil || th.SuggestionsCount != crowd() || th.PeopleCount != crowd()/4) {
		h.t.Errorf("%s: %+v, %v", what, th, err)
	}
	h.sound()
	if _, err := h.th.Undo(ctx, pm, act); err != nil {
		h.t.Fatalf("undo of %s: %v", what, err)
	}
	if back := h.oneLine("undone: "+what, crowd()-1, crowd()/4); back.ID != before.ID || back.ID != lead {
		h.t.Errorf("undone: %s: another leads", what)
	}
}

// A line that was refused and is assigned all the same goes whole; an echo that was
// refused by itself stays.
func TestWhoDecidesOnALineDecidesOnAllButThoseDecidedOnAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const text = "Please let me export a board as a picture"
		lead := h.file(text, "ann@example.com").Suggestion.ID
		h.file(text, "bo@example.com")
		alone := h.file(text, "cy@example.com").Suggestion.ID
		export := h.theme("Export")
		if _, _, err := h.th.Decide(ctx, pm, lead, export, false); err != nil {
			t.Fatal(err)
		}
		h.oneLine("refused", 2, 3)
		if _, _, err := h.th.Decide(ctx, pm, alone, export, false); err != nil {
			t.Fatal(err)
		}
		h.assign(export, lead)
		if rows := h.lines(); len(rows) != 1 || rows[0].ID != alone || rows[0].Echoes != 0 {
			t.Errorf("left: %+v", rows)
		}
		h.sound()
	})
}

// What is an echo no more does not vanish.
func TestWhoLeavesTheOthersHasALineAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		h := newHouse(t, db)
		const text = "导出一直转圈，等了半小时也没有结果"
		lead := h.file(text, "ann@example.com").Suggestion.ID
		ids := []string{lead}
		for _, who := range []string{"bo", "cy", "di"} {
			f := h.file(text, who+"@example.com")
			if f.Suggestion.EchoOf != lead {
				t.Fatalf("%s does not echo: %+v", who, f.Suggestion)
			}
			ids = append(ids, f.Suggestion.ID)
		}
		h.oneLine("four", 3, 4)
		h.file(text, "ann@example.com") // again: a suggestion more, nobody more
		h.oneLine("five", 4, 4)

		// An echo decided on by itself goes alone, and its taking back is of it alone.
		other := h.theme("Export")
		alone := h.assign(other, ids[2])
		h.oneLine("one went", 3, 3)
		if _, err := h.th.Undo(ctx, pm, alone); err != nil {
			t.Fatal(err)
		}
		h.oneLine("and came back", 4, 4)

		// The lead goes to another product: the next one leads, and both are lines.
		product := "desktop"
		if _, err := h.in.Edit(ctx, pm, lead, intake.Patch{Product: &product}); err != nil {
			t.Fatal(err)
		}
		rows := h.lines()
		if len(rows) != 2 || rows[0].ID != ids[1] || rows[0].Echoes != 3 || rows[1].ID != lead || rows[1].Echoes != 0 {
			t.Errorf("without its lead: %+v", rows)
		}
		h.sound()
		h.holdsAtMost(3) // both, and what the theme is called

		// Closed by itself in another way: the state of one is not the others'.
		closed := string(models.StateClosed)
		if _, err := h.in.Edit(ctx, pm, ids[1], intake.Patch{State: &closed}); err != nil {
			t.Fatal(err)
		}
		if rows = h.lines(); len(rows) != 2 || rows[0].ID == ids[1] || rows[0].Echoes != 2 {
			t.Errorf("when the lead is closed: %+v", rows)
		}
		h.sound()

		// Where two meet, who led there leads on.
		ths, _ := h.th.Of(ctx, rows[0].ID)
		if f := h.file(text, "eve@example.com"); f.Theme == nil {
			t.Errorf("a sixth: %+v", f.Suggestion)
		}
		none := ""
		if _, err := h.in.Edit(ctx, pm, lead, intake.Patch{Product: &none}); err != nil {
			t.Fatal(err)
		}
		if got := h.lines(); len(got) != 1 || got[0].ID != rows[0].ID || len(ths) != 1 {
			t.Errorf("met again: %+v", got)
		}
		h.sound()
	})
}
