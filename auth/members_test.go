package auth_test

import (
	"context"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func TestAddressesHaveOneForm(t *testing.T) {
	for in, want := range map[string]string{
		" Ann@Example.COM\n":           "ann@example.com",
		"a+b@x.test":                   "a+b@x.test",
		"o'neil@x.test":                "o'neil@x.test",
		"owner@localhost":              "owner@localhost",
		"小王@例子.测试":                     "小王@例子.测试",
		"e\u0301va@x.test":             "\u00e9va@x.test",
		strings.Repeat("a", 64) + "@b": strings.Repeat("a", 64) + "@b",
	} {
		got, err := auth.NormalEmail(in)
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
	for in, code := range map[string]string{
		"": "required", "  ": "required", "ann": "email_invalid", "@x.test": "email_invalid", "ann@": "email_invalid",
		"Ann <ann@x.test>": "email_invalid", "<ann@x.test>": "email_invalid", "a@x.test, b@x.test": "email_invalid", "a b@x.test": "email_invalid",
		`"a b"@x.test`: "email_invalid", "a@x.test (c)": "email_invalid", "a@[127.0.0.1]": "email_invalid", "a@x.test\nBcc: b@x.test": "email_invalid",
		"a@b@x.test": "email_invalid", "a\x00@x.test": "email_invalid", strings.Repeat("a", 65) + "@b": "email_invalid",
		"a@" + strings.Repeat("b", 253): "too_long",
	} {
		_, err := auth.NormalEmail(in)
		fails(t, in, err, code)
	}
}

func TestMembersAreAddedChangedAndFound(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		first, created, err := a.FirstOwner(ctx, "Owner@X.test")
		if err != nil || !created || first.Role != models.RoleOwner || first.Email != "owner@x.test" {
			t.Fatalf("%+v %v %v", first, created, err)
		}
		if again, created, err := a.FirstOwner(ctx, "other@x.test"); err != nil || created || again.ID != first.ID {
			t.Errorf("a second first owner: %+v %v %v", again, created, err)
		}
		pm := must[models.Member](t)(a.AddMember(ctx, "PM@x.test ", models.RolePM, "小王"))
		changed := must[models.Member](t)(a.AddMember(ctx, "pm@x.test", models.RoleAdmin, ""))
		if changed.ID != pm.ID || changed.Role != models.RoleAdmin || changed.Name != "小王" {
			t.Errorf("changed: %+v", changed)
		}
		if got := must[models.Member](t)(a.MemberByEmail(ctx, "PM@X.TEST")); got.ID != pm.ID || got.Role != models.RoleAdmin {
			t.Errorf("found: %+v", got)
		}
		if ms := must[[]models.Member](t)(a.Members(ctx)); len(ms) != 2 {
			t.Errorf("%d members", len(ms))
		}
		for what, c := range map[string]struct {
			email, name, code string
			role              models.Role
		}{
			"last owner":   {"owner@x.test", "", "last_owner", models.RolePM},
			"unknown role": {"a@x.test", "", "role_unknown", "root"},
			"no role":      {"a@x.test", "", "role_unknown", ""},
			"no address":   {"a", "", "email_invalid", models.RolePM},
			"long name":    {"a@x.test", strings.Repeat("王", 101), "too_long", models.RolePM},
		} {
			_, err := a.AddMember(ctx, c.email, c.role, c.name)
			fails(t, what, err, c.code)
		}
		must[models.Member](t)(a.AddMember(ctx, "second@x.test", models.RoleOwner, ""))
		if m, err := a.AddMember(ctx, "owner@x.test", models.RoleSupport, ""); err != nil || m.Role != models.RoleSupport {
			t.Errorf("with another owner: %v", err)
		}
		_, err = a.MemberByEmail(ctx, "a@x.test")
		fails(t, "unknown", err, "member_unknown")
	})
}

func TestOfManyFirstOwnersThereIsOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		made := together(20, func(i int) bool {
			_, created, err := a.FirstOwner(ctx, "owner"+string(rune('a'+i))+"@x.test")
			if err != nil {
				t.Error(err)
			}
			return created
		})
		if n := count(t, db, &models.Member{}); made != 1 || n != 1 {
			t.Errorf("%d made, %d stored", made, n)
		}
	})
}

// A member whose role changes, or who is disabled, is no longer what their
// open sessions said.
func TestSessionsFollowTheMember(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, p := newAuth(db)
		m := must[models.Member](t)(a.AddMember(ctx, "m@x.test", models.RolePM, ""))
		enter := func() (string, auth.Actor) {
			b := must[string](t)(a.Ask(ctx, m.Email, "10.0.0.1", ""))
			s, actor, err := a.Confirm(ctx, m.Email, p.code(m.Email), b)
			if err != nil {
				t.Fatal(err)
			}
			return s, actor
		}
		s, _ := enter()
		must[models.Member](t)(a.AddMember(ctx, m.Email, models.RolePM, "New name"))
		if actor, err := a.BySession(ctx, s); err != nil || actor.Name != "New name" {
			t.Errorf("a new name ended the session: %+v %v", actor, err)
		}
		must[models.Member](t)(a.AddMember(ctx, m.Email, models.RoleSupport, ""))
		_, err := a.BySession(ctx, s)
		fails(t, "after the role changed", err, "session_over")
		s, _ = enter()
		if err := db.Write(ctx, disable(db, m.ID)); err != nil {
			t.Fatal(err)
		}
		_, err = a.BySession(ctx, s)
		fails(t, "disabled", err, "session_over")
		if _, actor := enter(); actor.Kind != models.ActorPerson || actor.IsStaff() {
			t.Errorf("a disabled member came in as %+v", actor)
		}
	})
}

func TestAMemberWhoIsAPersonTooIsBoth(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, p := newAuth(db)
		person := addPerson(t, db, "both@x.test", "zh")
		must[models.Member](t)(a.AddMember(ctx, "both@x.test", models.RolePM, ""))
		b := must[string](t)(a.Ask(ctx, "both@x.test", "10.0.0.1", "en"))
		s, actor, err := a.Confirm(ctx, "both@x.test", p.code("both@x.test"), b)
		if err != nil || actor.Kind != models.ActorMember || actor.Role != models.RolePM || actor.PersonID != person || actor.Name != "both" {
			t.Errorf("%+v %v", actor, err)
		}
		if again, err := a.BySession(ctx, s); err != nil || again.PersonID != person || again.ID != actor.ID || again.Name != actor.Name {
			t.Errorf("by session: %+v %v", again, err)
		}
		if p.last["both@x.test"].locale != "zh" {
			t.Errorf("mailed in %q", p.last["both@x.test"].locale)
		}
	})
}

func addPerson(t *testing.T, db *models.DB, email, locale string) string {
	t.Helper()
	p := models.Person{ID: models.NewID(models.PrefixPerson), Locale: locale, CreatedAt: db.Now(), UpdatedAt: db.Now()}
	err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&p).Error; err != nil {
			return err
		}
		return tx.Create(&models.Address{Channel: models.ChannelEmail, Value: email, PersonID: p.ID, CreatedAt: db.Now()}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func disable(db *models.DB, id string) func(context.Context, *gorm.DB) error {
	return func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.Member{}).Where("id = ?", id).Update("disabled_at", db.Now()).Error
	}
}

// However the demotions fall together, somebody keeps the keys.
func TestOfManyOwnersDemotedAtOnceOneStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		a, _ := newAuth(db)
		email := func(i int) string { return string(rune('a'+i)) + "@x.test" }
		for i := range 10 {
			must[models.Member](t)(a.AddMember(ctx, email(i), models.RoleOwner, ""))
		}
		demoted := together(10, func(i int) bool {
			_, err := a.AddMember(ctx, email(i), models.RolePM, "")
			if err != nil {
				fails(t, "the last", err, "last_owner")
			}
			return err == nil
		})
		if n := count(t, db, &models.Member{}, "role = ?", models.RoleOwner); demoted != 9 || n != 1 {
			t.Errorf("%d demoted, %d owners left", demoted, n)
		}
		added := together(10, func(int) bool {
			_, err := a.AddMember(ctx, "new@x.test", models.RolePM, "")
			return err == nil
		})
		if n := count(t, db, &models.Member{}, "email = 'new@x.test'"); added != 10 || n != 1 {
			t.Errorf("added %d times, %d stored", added, n)
		}
	})
}
