package people_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/people"
)

// refusedAs fails the test unless err has that code and field.
func refusedAs(t *testing.T, what string, err error, code, field string) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != code || e.Field != field {
		t.Errorf("%s: %v, want %s on %q", what, err, code, field)
	}
}

func TestStaffChangeWhatIsKnownOfAPerson(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.person("ann@x.test")
		w, err := h.p.Edit(ctx, support, id, people.Patch{Name: new(" Ann \u202e\n Lee "), Locale: new("zh"), TimeZone: new("Asia/Shanghai"), Segment: new("Pro"), Rev: 1})
		if err != nil || w.Name != "Ann Lee" || w.Locale != "zh" || w.TimeZone != "Asia/Shanghai" || w.Segment != "Pro" || w.Rev != 2 {
			t.Fatalf("%+v, %v", w.Person, err)
		}
		_, err = h.p.Edit(ctx, pm, id, people.Patch{Name: new("Late"), Rev: 1})
		refusedAs(t, "a revision of before", err, "person_changed", "")
		for field, c := range map[string]struct {
			patch people.Patch
			code  string
		}{
			"name": {people.Patch{Name: new(strings.Repeat("长", people.MaxName+1))}, "too_long"}, "locale": {people.Patch{Locale: new("fr")}, "locale_unknown"},
			"time_zone": {people.Patch{TimeZone: new("Mars/Olympus")}, "time_zone_unknown"}, "account": {people.Patch{Account: new("acc_none")}, "account_unknown"},
			"segment": {people.Patch{Segment: new("\x00")}, "not_utf8"},
		} {
			_, err := h.p.Edit(ctx, pm, id, c.patch)
			refusedAs(t, field, err, c.code, field)
		}
		_, err = h.p.Edit(ctx, pm, "per_nobody", people.Patch{})
		refusedAs(t, "nobody", err, "person_not_found", "")
		if _, err := h.p.Edit(ctx, auth.Actor{Kind: models.ActorPerson, ID: id, PersonID: id}, id, people.Patch{Name: new("x")}); models.KindOf(err) != models.Forbidden {
			t.Errorf("a person edits as staff do: %v", err)
		}
	})
}

func TestAPersonHasSeveralAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, other := h.person("ann@x.test"), h.person("bo@x.test")
		w, err := h.p.AddAddress(ctx, support, id, "Telegram", " @ann ")
		if err != nil || len(w.Addresses) != 2 || w.Addresses[1].Channel != "telegram" || w.Addresses[1].Value != "@ann" {
			t.Fatalf("%+v, %v", w.Addresses, err)
		}
		_, err = h.p.AddAddress(ctx, support, other, "telegram", "@ann")
		refusedAs(t, "another's", err, "address_taken", "")
		_, err = h.p.AddAddress(ctx, support, id, "email", "not an address")
		refusedAs(t, "no address", err, "email_invalid", "email")
		_, err = h.p.AddAddress(ctx, support, id, "tele gram", "x")
		refusedAs(t, "no channel", err, "channel_invalid", "channel")
		if _, err := h.p.RemoveAddress(ctx, support, id, "email", "ann@x.test"); err != nil {
			t.Fatal(err)
		}
		_, err = h.p.RemoveAddress(ctx, support, id, "telegram", "@ann")
		refusedAs(t, "the last", err, "address_last", "")
		_, err = h.p.RemoveAddress(ctx, support, id, "telegram", "@bo")
		refusedAs(t, "not theirs", err, "address_not_found", "")
		if h.person("ann@x.test") == id {
			t.Error("a removed address leads to whose it was")
		}
	})
}

func TestThePhraseIsThePersonsAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.person("ann@x.test")
		self := auth.Actor{Kind: models.ActorPerson, ID: id, PersonID: id, Email: "ann@x.test"}
		if err := h.p.SetOwn(ctx, self, people.Own{Phrase: new("  7 blue   otters "), Locale: new("en")}); err != nil {
			t.Fatal(err)
		}
		me, err := h.p.Self(ctx, self)
		if err != nil || me.Phrase != "7 blue otters" {
			t.Errorf("%q, %v", me.Phrase, err)
		}
		w, err := h.p.Get(ctx, pm, id)
		if err != nil || w.Phrase != "" || !w.HasPhrase {
			t.Errorf("staff read it: %+v, %v", w, err)
		}
		for text, code := range map[string]string{
			"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about": "phrase_is_secret",
			"abc": "phrase_too_short", "see https://x.test": "phrase_is_link", "www.heed.test": "phrase_is_link", strings.Repeat("x", people.MaxPhrase+1): "too_long",
		} {
			refusedAs(t, text, h.p.SetOwn(ctx, self, people.Own{Phrase: &text}), code, "phrase")
		}
		if w, err = h.p.Edit(ctx, support, id, people.Patch{ClearPhrase: true}); err != nil || w.HasPhrase {
			t.Errorf("taken away: %+v, %v", w, err)
		}
		var acts []models.Activity
		h.db.Read(ctx).Find(&acts, "verb = ?", models.PersonEdited)
		for _, a := range acts {
			if strings.Contains(a.Snapshot, "otters") || strings.Contains(a.Snapshot, "ann@") {
				t.Errorf("the change feed holds %s", a.Snapshot)
			}
		}
	})
}

func TestAccountsTakeInWhoseAddressIsTheirs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mei, jo, out := h.person("mei@acme.com"), h.person("jo@mail.acme.com"), h.person("out@acme.com")
		acme, err := h.p.SaveAccount(ctx, pm, "", people.AccountPatch{Name: new("Acme 银行"), Plan: new("Enterprise"), Revenue: new(int64(120_000)), Weight: new(5.5),
			Domains: &[]string{" @ACME.com", "acme.com", ""}})
		if err != nil || !slices.Equal(acme.Domains, []string{"acme.com"}) || acme.Weight != 5.5 {
			t.Fatalf("%+v, %v", acme, err)
		}
		h.index()
		in := func(id, want string) {
			t.Helper()
			w, err := h.p.Get(ctx, pm, id)
			if err != nil || w.AccountID != want {
				t.Errorf("%v is in %q, want %q (%v)", w.Addresses, w.AccountID, want, err)
			}
		}
		in(mei, acme.ID)
		in(jo, "")
		in(out, acme.ID)
		if _, err := h.p.Edit(ctx, pm, out, people.Patch{Account: new("")}); err != nil {
			t.Fatal(err)
		}
		h.index()
		in(out, "") // staff took them out, and so they stay
		late := h.person("late@acme.com")
		h.index()
		in(late, acme.ID)
		if hits, _ := h.p.SearchPeople(ctx, pm, "银行", 9); len(hits) != 2 {
			t.Errorf("found by account: %+v", hits)
		}
		refusedAs(t, "in use", h.p.DeleteAccount(ctx, pm, acme.ID), "account_in_use", "")
		if _, err := h.p.SaveAccount(ctx, pm, acme.ID, people.AccountPatch{Domains: &[]string{"mail.acme.com"}, Rev: acme.Rev}); err != nil {
			t.Fatal(err)
		}
		h.index()
		in(mei, "")
		in(jo, acme.ID)
		_, err = h.p.SaveAccount(ctx, pm, acme.ID, people.AccountPatch{Name: new("x"), Rev: acme.Rev})
		refusedAs(t, "a revision of before", err, "account_changed", "")
		for what, c := range map[string]struct {
			patch       people.AccountPatch
			code, field string
		}{
			"taken":      {people.AccountPatch{Name: new("B"), Domains: &[]string{"mail.acme.com"}}, "domain_taken", "domains"},
			"everybodys": {people.AccountPatch{Name: new("B"), Domains: &[]string{"qq.com"}}, "domain_everybodys", "domains"},
			"no domain":  {people.AccountPatch{Name: new("B"), Domains: &[]string{"acme"}}, "domain_invalid", "domains"},
			"nameless":   {people.AccountPatch{Name: new("  ")}, "required", "name"},
			"heavy":      {people.AccountPatch{Name: new("B"), Weight: new(101.0)}, "weight_invalid", "weight"},
			"nan":        {people.AccountPatch{Name: new("B"), Weight: new(math.NaN())}, "weight_invalid", "weight"},
			"owing":      {people.AccountPatch{Name: new("B"), Revenue: new(int64(-1))}, "revenue_invalid", "revenue"},
		} {
			_, err := h.p.SaveAccount(ctx, pm, "", c.patch)
			refusedAs(t, what, err, c.code, c.field)
		}
		if _, err := h.p.SaveAccount(ctx, support, "", people.AccountPatch{Name: new("B")}); models.KindOf(err) != models.Forbidden {
			t.Errorf("support weighs: %v", err)
		}
	})
}

func TestSegmentsHaveWeights(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.person("ann@x.test")
		if _, err := h.p.Edit(ctx, pm, id, people.Patch{Segment: new("高净值")}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.p.SetSegment(ctx, pm, "Pro", 3, 0); err != nil {
			t.Fatal(err)
		}
		rows, err := h.p.Segments(ctx, support)
		if err != nil || len(rows) != 2 || rows[0] != (people.SegmentRow{Name: "Pro", Weight: 3, Rev: 1, Listed: true}) || rows[1] != (people.SegmentRow{Name: "高净值", Weight: 1, People: 1}) {
			t.Fatalf("%+v, %v", rows, err)
		}
		if s, err := h.p.SetSegment(ctx, pm, "Pro", 0, 1); err != nil || s.Weight != 0 || s.Rev != 2 {
			t.Errorf("%+v, %v", s, err)
		}
		_, err = h.p.SetSegment(ctx, pm, "Pro", 2, 1)
		refusedAs(t, "a revision of before", err, "segment_changed", "")
		refusedAs(t, "in use", h.p.DeleteSegment(ctx, pm, "高净值"), "segment_in_use", "")
		if err := h.p.DeleteSegment(ctx, pm, "Pro"); err != nil {
			t.Error(err)
		}
		refusedAs(t, "gone", h.p.DeleteSegment(ctx, pm, "Pro"), "segment_not_found", "")
	})
}

func TestListsAreWhole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var all []string
		for i := range 7 {
			all = append(all, somebody(t, h.db, "Person "+string(rune('A'+i)), "p"+string(rune('a'+i))+"@x.test"))
		}
		h.index()
		_ = h.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE people SET segment = 'Pro' WHERE id IN ?", all[:3]).Error
		})
		gone := h.merge(all[6], all[5])
		for name, c := range map[string]struct {
			f    people.Filter
			want int
		}{"all": {people.Filter{Limit: 2}, 6}, "sought": {people.Filter{Query: "person", Limit: 2}, 6}, "segment": {people.Filter{Segment: "Pro", Limit: 2}, 3},
			"both": {people.Filter{Query: "pers", Segment: "Pro", Limit: 2}, 3}, "none": {people.Filter{Query: "nobody"}, 0}} {
			seen := map[string]bool{}
			for cursor, pages := "", 0; ; pages++ {
				c.f.Cursor = cursor
				rows, next, err := h.p.List(ctx, support, c.f)
				if err != nil || pages > 9 {
					t.Fatal(name, err)
				}
				for _, r := range rows {
					if seen[r.ID] {
						t.Errorf("%s: %s twice", name, r.Name)
					}
					seen[r.ID] = true
				}
				if cursor = next; next == "" {
					break
				}
			}
			if len(seen) != c.want || seen[all[6]] {
				t.Errorf("%s: %d people, want %d", name, len(seen), c.want)
			}
		}
		h.undo(gone)
		_, _, err := h.p.List(ctx, pm, people.Filter{Cursor: "x"})
		refusedAs(t, "cursor", err, "cursor_unreadable", "cursor")
		_, _, err = h.p.List(ctx, pm, people.Filter{Query: "a", Cursor: "-1"})
		refusedAs(t, "cursor", err, "cursor_unreadable", "cursor")
	})
}
