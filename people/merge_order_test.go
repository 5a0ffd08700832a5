package people_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/themes"
)

// Who files while they are merged is nobody lost: everything belongs to who stands.
func TestPeopleAreMergedWhileTheyFileAndVote(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
		th := h.theme("Export")
		session := auth.Actor{Kind: models.ActorPerson, ID: ann, PersonID: ann, Email: "ann@x.test"}
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 15 {
					email := []string{"ann@x.test", "bo@x.test"}[i%2]
					f, err := h.in.File(ctx, pm, intake.Submission{Text: fmt.Sprintf("Something number %d of many", i%5), Person: &intake.PersonInput{Email: email}})
					if err != nil {
						t.Error(err)
					}
					if _, _, err = h.th.Assign(ctx, pm, []string{f.Suggestion.ID}, themes.Assignment{Add: []string{th}}); err != nil {
						t.Error(err)
					}
					if w%2 == 0 {
						_, err = h.th.Vote(ctx, pm, th, ann)
					} else {
						_, err = h.in.File(ctx, session, intake.Submission{Text: "mine, said by myself"})
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 4 {
			h.undo(h.merge(ann, bo))
		}
		h.merge(ann, bo)
		wg.Wait()
		h.sound(t)
		var n int64
		h.db.Read(ctx).Model(&models.Suggestion{}).Where("person_id <> ?", bo).Count(&n)
		if n != 0 || h.peopleOf(th) != 1 {
			t.Errorf("%d suggestions are of somebody who is no more, %d stand behind one theme", n, h.peopleOf(th))
		}
	})
}

// Whatever happens in whatever order, every count is right, and an undo right away
// puts the same rows back.
func TestAnyOrderOfMergesOfPeople(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		h := newHouse(t, db)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			w := &walk{h: h, clock: clock, n: n}
			for i := range 3 {
				w.themes = append(w.themes, h.theme(fmt.Sprintf("theme %d of walk %d", i, n)))
			}
			for i := range 4 {
				w.people = append(w.people, h.person(w.email(i)))
			}
			rt.Repeat(map[string]func(*rapid.T){
				"file": w.file, "vote": w.vote, "unvote": w.unvote, "assign": w.assign, "mergeThemes": w.mergeThemes, "tell": w.tell,
				"merge": w.merge, "mergeAndUndo": w.mergeAndUndo, "undo": w.undo, "": func(rt *rapid.T) { h.sound(rt) },
			})
		})
	})
}

type walk struct {
	h                         *house
	clock                     *modelstest.Clock
	n                         int
	rev                       int64
	themes, people, said, did []string
}

func (w *walk) email(i int) string { return fmt.Sprintf("p%d.%d@x.test", i, w.n) }

func (w *walk) one(t *rapid.T, of []string, label string) string {
	if len(of) == 0 {
		t.Skip("none yet")
	}
	return rapid.SampledFrom(of).Draw(t, label)
}

func (w *walk) try(t *rapid.T, act string, err error) string {
	w.clock.Add(time.Minute)
	if err != nil {
		if models.KindOf(err) == "" {
			t.Fatalf("not a refusal: %v", err)
		}
		return ""
	}
	if act != "" {
		w.did = append(w.did, act)
	}
	return act
}

func (w *walk) file(t *rapid.T) {
	text := fmt.Sprintf("%s (walk %d)", rapid.SampledFrom([]string{"dark mode please", "export is slow", "fees are wrong"}).Draw(t, "text"), w.n)
	w.said = append(w.said, w.h.file(text, w.email(rapid.IntRange(0, 3).Draw(t, "who"))).Suggestion.ID)
	w.clock.Add(time.Minute)
}

func (w *walk) vote(t *rapid.T) {
	_, err := w.h.th.Vote(ctx, pm, w.one(t, w.themes, "theme"), w.one(t, w.people, "who"))
	w.try(t, "", err)
}

func (w *walk) unvote(t *rapid.T) {
	_, err := w.h.th.Unvote(ctx, pm, w.one(t, w.themes, "theme"), w.one(t, w.people, "who"))
	w.try(t, "", err)
}

func (w *walk) assign(t *rapid.T) {
	act, _, err := w.h.th.Assign(ctx, pm, []string{w.one(t, w.said, "said")}, themes.Assignment{Theme: w.one(t, w.themes, "theme")})
	w.try(t, act, err)
}

func (w *walk) mergeThemes(t *rapid.T) {
	act, _, err := w.h.th.Merge(ctx, pm, w.one(t, w.themes, "theme"), w.one(t, w.themes, "into"))
	w.try(t, act, err)
}

func (w *walk) tell(t *rapid.T) {
	th, err := w.h.th.Get(ctx, pm, w.one(t, w.themes, "theme"))
	if err != nil {
		t.Skip("gone")
	}
	w.rev++
	w.h.tell(th.ID, 1000+w.rev, rapid.SampledFrom([][]string{{"waiting"}, {"ready", "waiting"}, {"sent", "ready"}, {"no_channel", "ready", "waiting"}}).Draw(t, "states")...)
	w.clock.Add(time.Minute)
}

func (w *walk) merge(t *rapid.T) {
	act, _, err := w.h.p.Merge(ctx, pm, w.one(t, w.people, "who"), w.one(t, w.people, "into"))
	w.try(t, act, err)
}

func (w *walk) mergeAndUndo(t *rapid.T) {
	before := w.h.stand()
	act, _, err := w.h.p.Merge(ctx, pm, w.one(t, w.people, "who"), w.one(t, w.people, "into"))
	if w.try(t, act, err) == "" {
		if after := w.h.stand(); after != before {
			t.Fatalf("a refusal changed\n%s\nto\n%s", before, after)
		}
		return
	}
	w.h.sound(t)
	made, err := w.h.th.Undo(ctx, pm, act)
	if err != nil {
		t.Fatalf("undo at once: %v", err)
	}
	if after := w.h.stand(); after != before {
		t.Fatalf("undo changed\n%s\nto\n%s", before, after)
	}
	w.did = append(w.did, made)
}

func (w *walk) undo(t *rapid.T) {
	act, err := w.h.th.Undo(ctx, pm, w.one(t, w.did, "what"))
	w.try(t, act, err)
}
