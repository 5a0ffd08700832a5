package people_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

func TestTwoPeopleWhoAreOneCountOnceAndTwiceAgainAfterUndo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, ann2 := h.person("ann@x.test"), h.person("ann@home.test")
		export, dark := h.theme("Export"), h.theme("Dark mode")
		h.vote(export, ann)
		h.vote(export, ann2)
		h.vote(dark, ann2)
		first := h.file("Please let me export a board as a picture", "ann@x.test").Suggestion.ID
		h.file("Please let me export a board as a picture", "ann@home.test")
		h.file("Please let me export a board as a picture", "bo@x.test")
		before := h.stand()

		c, err := h.p.Foresee(ctx, support, ann2, ann)
		if err != nil || c.Suggestions != 1 || c.Votes != 2 || c.InCommon != 1 || c.Addresses != 1 {
			t.Fatalf("foreseen: %+v, %v", c, err)
		}
		act := h.merge(ann2, ann)
		if h.peopleOf(export) != 1 || h.peopleOf(dark) != 1 {
			t.Errorf("counted %d and %d", h.peopleOf(export), h.peopleOf(dark))
		}
		if f, err := h.in.Get(ctx, pm, first); err != nil || f.Suggestion.EchoPeople != 2 {
			t.Errorf("behind the line stand %d, want 2", f.Suggestion.EchoPeople)
		}
		if h.person("ann@home.test") != ann {
			t.Error("the other address is another person still")
		}
		h.sound(t)

		undone := h.undo(act)
		if after := h.stand(); after != before {
			t.Errorf("not the same rows:\n%s\nwere\n%s", after, before)
		}
		again := h.undo(undone)
		if h.peopleOf(export) != 1 || h.person("ann@home.test") != ann {
			t.Error("merged again, they are two")
		}
		h.undo(again)
		if after := h.stand(); after != before {
			t.Errorf("not the same rows the second time:\n%s", after)
		}
	})
}

func TestWhatIsRefusedOfMerges(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo, cy := h.person("ann@x.test"), h.person("bo@x.test"), h.person("cy@x.test")
		refused := func(what, code, field string, err error) {
			t.Helper()
			e, ok := err.(*models.Error)
			if !ok || e.Code != code || e.Field != field {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, _, err := h.p.Merge(ctx, pm, ann, ann)
		refused("itself", "merge_person_itself", "into", err)
		_, _, err = h.p.Merge(ctx, pm, "per_nobody", ann)
		refused("nobody", "person_not_found", "", err)
		_, _, err = h.p.Merge(ctx, pm, ann, "per_nobody")
		refused("into nobody", "person_unknown", "into", err)
		first := h.merge(ann, bo)
		_, _, err = h.p.Merge(ctx, pm, ann, cy)
		refused("who is another already", "person_merged", "", err)
		_, _, err = h.p.Merge(ctx, pm, bo, ann)
		refused("into who is oneself", "merge_person_itself", "into", err)

		second := h.merge(bo, cy) // a chain
		if h.person("ann@x.test") != cy {
			t.Error("the chain does not end in who stands")
		}
		h.sound(t)
		_, err = h.th.Undo(ctx, pm, first)
		refused("the earlier first", "changed_since", "", err)
		h.undo(second)
		h.undo(first)
		if h.person("ann@x.test") != ann || h.person("bo@x.test") != bo {
			t.Error("taken apart, they are not who they were")
		}
		_, err = h.th.Undo(ctx, pm, first)
		refused("twice", "already_undone", "", err)
		for name, a := range map[string]auth.Actor{
			"person": {Kind: models.ActorPerson, ID: ann, PersonID: ann}, "anonymous": auth.Anonymous(),
			"agent": {Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: auth.Scopes()},
		} {
			if _, _, err := h.p.Merge(ctx, a, ann, bo); models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.Unauthenticated {
				t.Errorf("%s may merge people: %v", name, err)
			}
		}
	})
}

// Of two rows for one event one is left, and of mail that waits one goes.
func TestNobodyIsToldTwiceBecauseTheyAreOneNow(t *testing.T) {
	for _, states := range [][]string{{"waiting", "waiting"}, {"ready", "ready"}, {"ready", "waiting"}, {"waiting", "sent"}, {"sent", "ready"}, {"no_channel", "waiting"},
		{"waiting", "preference"}, {"no_channel", "no_channel"}} {
		t.Run(fmt.Sprint(states), func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
				th := h.theme("Export")
				h.vote(th, ann)
				h.vote(th, bo)
				h.tell(th, 9, states...)
				before := h.stand()
				act := h.merge(ann, bo)
				var items []models.FollowUpItem
				h.db.Read(ctx).Find(&items)
				var open int64
				h.db.Read(ctx).Raw(`SELECT (SELECT COUNT(*) FROM deliveries WHERE state IN ('ready', 'sent')) + (SELECT COUNT(*) FROM follow_up_items WHERE delivery_id = '' AND skip_reason = '')`).Scan(&open)
				want := int64(1)
				if states[0] == "no_channel" && states[1] == "no_channel" {
					want = 0
				}
				if len(items) != 1 || items[0].PersonID != bo || open != want {
					t.Errorf("%d rows, %d mails to come or gone", len(items), open)
				}
				h.sound(t)
				h.undo(act)
				if after := h.stand(); after != before {
					t.Errorf("not the same rows:\n%s\nwere\n%s", after, before)
				}
			})
		})
	}
}

func TestWishesSessionsAndWhatIsKnownComeAlongAndGoBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
		now := h.db.Now()
		err := h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			for _, row := range []any{
				&models.Preference{PersonID: ann, Kind: models.AllKinds, Mode: models.ModeOff, UpdatedAt: now},
				&models.Preference{PersonID: bo, Kind: models.AllKinds, Mode: models.ModeInstant, UpdatedAt: now},
				&models.Session{Hash: "h", PersonID: ann, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour)},
			} {
				if err := tx.Create(row).Error; err != nil {
					return err
				}
			}
			return tx.Exec("UPDATE people SET name = 'Ann', phrase = 'blue otters' WHERE id = ?", ann).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		before := h.stand()
		act := h.merge(ann, bo)
		var p models.Person
		h.db.Read(ctx).First(&p, "id = ?", bo)
		var w models.Preference
		h.db.Read(ctx).First(&w, "person_id = ?", bo)
		if p.Name != "Ann" || p.Phrase != "blue otters" || w.Mode != models.ModeOff {
			t.Errorf("%+v, %+v: who wants no mail at one address wants none", p, w)
		}
		err = h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			at := now.Add(time.Second)
			return tx.Create(&models.Session{Hash: "since", PersonID: bo, CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(time.Hour)}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		h.undo(act) // whoever signed in as both may be either
		if after := h.stand(); after != before {
			t.Errorf("not the same rows:\n%s\nwere\n%s", after, before)
		}
	})
}

// What the team does between a merge and its undo stands; the undo gives either
// their votes where their words are now.
func TestAnUndoFollowsWhatTheTeamDidSince(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
		export, picture, other := h.theme("Export"), h.theme("Picture"), h.theme("Other")
		h.vote(export, ann)
		said := h.file("Quite another thing that ann asks for here", "ann@x.test").Suggestion.ID
		act := h.merge(ann, bo)
		if _, _, err := h.th.Assign(ctx, pm, []string{said}, themes.Assignment{Theme: other}); err != nil {
			t.Fatal(err)
		}
		moved, _, err := h.th.Merge(ctx, pm, export, picture)
		if err != nil {
			t.Fatal(err)
		}
		h.sound(t)
		h.undo(act)
		h.sound(t)
		for theme, who := range map[string]string{picture: ann, other: ann} {
			var voters []string
			h.db.Read(ctx).Model(&models.Vote{}).Where("theme_id = ?", theme).Pluck("person_id", &voters)
			if len(voters) != 1 || voters[0] != who {
				t.Errorf("behind %s stand %v, want %s", theme, voters, who)
			}
		}
		h.undo(moved)
		h.sound(t)
	})
}

// An undo of what the team did before a merge finds whose votes they are now.
func TestTheTeamTakesBackWhatItDidBeforeAMerge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
		export, picture := h.theme("Export"), h.theme("Picture")
		h.vote(export, ann)
		h.vote(picture, ann)
		moved, _, err := h.th.Merge(ctx, pm, export, picture)
		if err != nil {
			t.Fatal(err)
		}
		act := h.merge(ann, bo)
		h.undo(moved)
		h.sound(t)
		var voters []string
		h.db.Read(ctx).Model(&models.Vote{}).Where("theme_id IN ?", []string{export, picture}).Pluck("person_id", &voters)
		if len(voters) != 2 || voters[0] != bo || voters[1] != bo {
			t.Errorf("behind both stand %v, want %s", voters, bo)
		}
		h.undo(act)
		h.sound(t)
	})
}

// What was taken back before two became one may be done again after it: they stand
// behind the theme once.
func TestTheTeamDoesAgainWhatItTookBackBeforeAMerge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ann, bo := h.person("ann@x.test"), h.person("bo@x.test")
		export, picture := h.theme("Export"), h.theme("Picture")
		h.vote(export, ann)
		moved, _, err := h.th.Merge(ctx, pm, export, picture)
		if err != nil {
			t.Fatal(err)
		}
		back, err := h.th.Undo(ctx, pm, moved)
		if err != nil {
			t.Fatal(err)
		}
		h.vote(picture, bo)
		act := h.merge(bo, ann)
		if _, err := h.th.Undo(ctx, pm, back); err != nil {
			t.Fatal(err)
		}
		h.sound(t)
		if n := h.peopleOf(picture); n != 1 {
			t.Errorf("%d stand behind it, want 1", n)
		}
		h.undo(act)
		h.sound(t)
	})
}
