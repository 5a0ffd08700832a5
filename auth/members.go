package auth

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

const maxName = 100

// Roles lists every role, from most to least.
func Roles() []models.Role {
	return []models.Role{models.RoleOwner, models.RoleAdmin, models.RolePM, models.RoleSupport}
}

// AddMember makes the address a member's. For a member it changes role and,
// unless empty, name, lets a disabled one in again, and ends their sessions
// where the role changes. The last owner stays one (Conflict last_owner).
// Callers ask Can(actor, Administer) first; the command line is trusted.
func (a *Auth) AddMember(ctx context.Context, email string, role models.Role, name string) (models.Member, error) {
	var m models.Member
	email, err := NormalEmail(email)
	if err != nil {
		return m, err
	}
	if !slices.Contains(Roles(), role) {
		return m, models.BadField("role", "role_unknown")
	}
	if name = strings.TrimSpace(name); utf8.RuneCountInString(name) > maxName {
		return m, models.BadField("name", "too_long", maxName)
	}
	if a.isSecret(name) {
		return m, models.BadField("name", "secret_in_name")
	}
	err = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := a.db.Lock(tx, "members"); err != nil {
			return err
		}
		m = models.Member{}
		if err := tx.Limit(1).Find(&m, "email = ?", email).Error; err != nil {
			return err
		}
		if m.ID == "" {
			m = models.Member{ID: models.NewID(models.PrefixMember), Email: email, Name: name, Role: role, CreatedAt: a.db.Now()}
			return tx.Create(&m).Error
		}
		return a.changeMember(tx, &m, role, name)
	})
	a.tokens.clear() // they carry their member's role
	return m, wrap("add member", err)
}

func (a *Auth) changeMember(tx *gorm.DB, m *models.Member, role models.Role, name string) error {
	if m.Role == models.RoleOwner && role != models.RoleOwner {
		var others int64
		err := tx.Model(&models.Member{}).Where("role = ? AND disabled_at IS NULL AND id <> ?", models.RoleOwner, m.ID).Count(&others).Error
		if err != nil {
			return err
		}
		if others == 0 {
			return models.Fail(models.Conflict, "last_owner")
		}
	}
	if m.Role != role {
		if err := tx.Delete(&models.Session{}, "member_id = ?", m.ID).Error; err != nil {
			return err
		}
	}
	m.Role, m.DisabledAt = role, nil
	if name != "" {
		m.Name = name
	}
	return tx.Save(m).Error
}

// FirstOwner makes the address an owner's when there are no members yet, and
// reports whether it did; otherwise it returns the oldest owner.
func (a *Auth) FirstOwner(ctx context.Context, email string) (m models.Member, created bool, err error) {
	email, err = NormalEmail(email)
	if err != nil {
		return m, false, err
	}
	err = a.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := a.db.Lock(tx, "members"); err != nil {
			return err
		}
		m, created = models.Member{}, false
		if err := tx.Order("created_at, id").Limit(1).Find(&m, "role = ?", models.RoleOwner).Error; err != nil || m.ID != "" {
			return err
		}
		m, created = models.Member{ID: models.NewID(models.PrefixMember), Email: email, Role: models.RoleOwner, CreatedAt: a.db.Now()}, true
		return tx.Create(&m).Error
	})
	return m, created, wrap("first owner", err)
}

// MemberByEmail returns the member with the address, disabled or not; NotFound
// member_unknown.
func (a *Auth) MemberByEmail(ctx context.Context, email string) (models.Member, error) {
	var m models.Member
	email, err := NormalEmail(email)
	if err != nil {
		return m, err
	}
	if err := a.db.Read(ctx).Limit(1).Find(&m, "email = ?", email).Error; err != nil {
		return m, wrap("member by e-mail", err)
	}
	if m.ID == "" {
		return m, models.Fail(models.NotFound, "member_unknown", email)
	}
	return m, nil
}

// Members lists the members, oldest first.
func (a *Auth) Members(ctx context.Context) ([]models.Member, error) {
	ms := []models.Member{}
	err := a.db.Read(ctx).Order("created_at, id").Find(&ms).Error
	return ms, wrap("list members", err)
}

// account is who an address belongs to: a member, a person, both or nobody yet.
type account struct {
	member models.Member // ID "" for none; never a disabled one
	person models.Person // ID "" for none
}

// accountOf asks both tables whatever the first says, so that the work is the
// same for an address that nobody has.
func accountOf(tx *gorm.DB, email string) (account, error) {
	var acc account
	if err := tx.Limit(1).Find(&acc.member, "email = ? AND disabled_at IS NULL", email).Error; err != nil {
		return acc, err
	}
	err := tx.Limit(1).Find(&acc.person, "id = (SELECT person_id FROM addresses WHERE channel = ? AND value = ?)", models.ChannelEmail, email).Error
	return acc, err
}

func (acc account) locale(other string) string {
	for _, l := range []string{acc.member.Locale, acc.person.Locale, other} {
		if l != "" {
			return l
		}
	}
	return ""
}

func memberActor(m models.Member, personID string) Actor {
	name := m.Name
	if name == "" {
		name, _, _ = strings.Cut(m.Email, "@")
	}
	return Actor{Kind: models.ActorMember, ID: m.ID, Name: name, Email: m.Email, Locale: m.Locale, Role: m.Role, PersonID: personID}
}

func personActor(p models.Person, email string) Actor {
	return Actor{Kind: models.ActorPerson, ID: p.ID, Name: p.Name, Email: email, Locale: p.Locale, PersonID: p.ID}
}
