package intake

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// TeamOf is a team with its members' ids.
type TeamOf struct {
	models.Team
	Members []string
}

var teamKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Teams gives every team, by key, for who may read all.
func (in *Intake) Teams(ctx context.Context, a auth.Actor) ([]TeamOf, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	return teamsOf(in.db.Read(ctx))
}

// teamCalled is the key of the team that is called so, by key or by name; "" is none.
func teamCalled(db *gorm.DB, name string) (string, error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", nil
	}
	all, err := teamsOf(db)
	if err != nil {
		return "", err
	}
	for _, t := range all {
		for _, s := range []string{t.Key, t.Name.EN, t.Name.ZH, t.Name.Any} {
			if strings.EqualFold(s, name) {
				return t.Key, nil
			}
		}
	}
	return "", models.BadField("team", "team_unknown", name)
}

func teamsOf(db *gorm.DB) ([]TeamOf, error) {
	var rows []models.Team
	if err := db.Order("key").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read teams: %w", err)
	}
	var members []models.TeamMember
	if err := db.Order("team, member_id").Find(&members).Error; err != nil {
		return nil, fmt.Errorf("read teams: %w", err)
	}
	out := make([]TeamOf, 0, len(rows))
	for _, r := range rows {
		t := TeamOf{Team: r, Members: []string{}}
		for _, m := range members {
			if m.Team == r.Key {
				t.Members = append(t.Members, m.MemberID)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// MyTeams are the keys of the teams that the actor belongs to.
func (in *Intake) MyTeams(ctx context.Context, a auth.Actor) ([]string, error) {
	id := a.MemberID
	if a.Kind == models.ActorMember {
		id = a.ID
	}
	keys := []string{}
	if id == "" {
		return keys, nil
	}
	err := in.db.Read(ctx).Model(&models.TeamMember{}).Where("member_id = ?", id).Order("team").Pluck("team", &keys).Error
	return keys, err
}

// SaveTeam makes a team, or gives it another name and other members.
func (in *Intake) SaveTeam(ctx context.Context, a auth.Actor, t TeamOf) (string, error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return "", err
	}
	t.Key = strings.ToLower(strings.TrimSpace(t.Key))
	if !teamKey.MatchString(t.Key) {
		return "", models.BadField("key", "team_key")
	}
	for name, s := range map[string]*string{"name/en": &t.Name.EN, "name/zh": &t.Name.ZH, "name": &t.Name.Any} {
		if err := clean(name, s, MaxShort); err != nil {
			return "", err
		}
		*s = oneLine(*s)
		if in.isSecret(*s) {
			return "", models.BadField(name, "secret_in_name")
		}
	}
	if t.Name.IsEmpty() {
		return "", models.BadField("name", "team_name")
	}
	slices.Sort(t.Members)
	t.Members = append([]string{}, slices.Compact(t.Members)...)
	return in.changeTeam(ctx, a, t.Key, &t, "")
}

// RemoveTeam takes a team away: what it was to answer is everybody's. Rules that still
// name it keep it: Conflict team_in_use.
func (in *Intake) RemoveTeam(ctx context.Context, a auth.Actor, key string) (string, error) {
	if err := auth.Can(a, auth.EditRouting); err != nil {
		return "", err
	}
	return in.changeTeam(ctx, a, key, nil, "")
}

func (in *Intake) changeTeam(ctx context.Context, a auth.Actor, key string, after *TeamOf, undoes string) (act string, err error) {
	err = in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := in.db.Lock(tx, "routing"); err != nil {
			return err
		}
		before, err := teamAt(tx, key)
		if err != nil {
			return err
		}
		if before == nil && after == nil {
			return models.Fail(models.NotFound, "team_not_found", key)
		}
		act = models.NewID(models.PrefixActivity)
		if after == nil {
			if err := in.leaveTeam(tx, act, key); err != nil {
				return err
			}
		}
		if err := in.putTeam(tx, key, before, after); err != nil {
			return err
		}
		if before == nil && undoes != "" {
			if err := returnToTeam(tx, undoes, key); err != nil {
				return err
			}
		}
		return in.recordSetting(ctx, tx, a, &models.Activity{ID: act, Verb: models.TeamChanged, Snapshot: settingStep(before, after, undoes)})
	})
	if err != nil {
		return "", fmt.Errorf("change team: %w", err)
	}
	return act, nil
}

func (in *Intake) putTeam(tx *gorm.DB, key string, before, after *TeamOf) error {
	if err := tx.Delete(&models.TeamMember{}, "team = ?", key).Error; err != nil {
		return err
	}
	if after == nil {
		return tx.Delete(&models.Team{}, "key = ?", key).Error
	}
	row := models.Team{Key: key, Name: after.Name, CreatedAt: in.db.Now()}
	if before != nil {
		row.CreatedAt = before.CreatedAt
	}
	if err := tx.Save(&row).Error; err != nil {
		return err
	}
	for _, id := range after.Members {
		var n int64
		if err := tx.Model(&models.Member{}).Where("id = ?", id).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			return models.BadField("members", "team_member_unknown", id)
		}
		if err := tx.Create(&models.TeamMember{Team: key, MemberID: id}).Error; err != nil {
			return err
		}
	}
	return nil
}

// leaveTeam gives what waits for a team back to everybody, and notes what that was.
func (in *Intake) leaveTeam(tx *gorm.DB, activity, key string) error {
	var rules []models.RoutingRule
	if err := tx.Order("position").Find(&rules).Error; err != nil {
		return err
	}
	for _, r := range rules {
		if r.Outcome.V.Team == key {
			return models.Fail(models.Conflict, "team_in_use", r.Position)
		}
	}
	err := tx.Exec(`INSERT INTO moves (activity_id, what, row_id, from_theme, to_theme) SELECT ?, 'team', id, team, '' FROM suggestions
		WHERE team = ? AND first_replied_at IS NULL AND reply_due_at IS NOT NULL`, activity, key).Error
	if err != nil {
		return err
	}
	return tx.Exec("UPDATE suggestions SET team = '' WHERE id IN (SELECT row_id FROM moves WHERE activity_id = ? AND what = 'team')", activity).Error
}

// returnToTeam gives a team back what its removal took from it and nobody has given to
// another since.
func returnToTeam(tx *gorm.DB, removal, key string) error {
	return tx.Exec("UPDATE suggestions SET team = ? WHERE team = '' AND id IN (SELECT row_id FROM moves WHERE activity_id = ? AND what = 'team')", key, removal).Error
}

func teamAt(tx *gorm.DB, key string) (*TeamOf, error) {
	all, err := teamsOf(tx)
	for i := range all {
		if all[i].Key == key {
			return &all[i], err
		}
	}
	return nil, err
}

func teamExists(tx *gorm.DB, key string) error {
	var n int64
	if err := tx.Model(&models.Team{}).Where("key = ?", key).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return models.BadField("team", "team_unknown", key)
	}
	return nil
}

// Staff gives the members who are still here, for who may read all.
func (in *Intake) Staff(ctx context.Context, a auth.Actor) ([]models.Member, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var rows []models.Member
	if err := in.db.Read(ctx).Where("disabled_at IS NULL").Order("name, email").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return rows, nil
}
