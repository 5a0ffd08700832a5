package themes

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

func fromMillis(n int64) time.Time { return time.UnixMilli(n).UTC() }

// Vote says that a person stands behind a theme; twice is once. A person votes
// for themselves, staff for others.
func (t *Themes) Vote(ctx context.Context, a auth.Actor, theme, person string) (*models.Theme, error) {
	return t.vote(ctx, a, theme, person, models.VoteAdded)
}

// Unvote takes a vote back.
func (t *Themes) Unvote(ctx context.Context, a auth.Actor, theme, person string) (*models.Theme, error) {
	return t.vote(ctx, a, theme, person, models.VoteRemoved)
}

func (t *Themes) vote(ctx context.Context, a auth.Actor, theme, person string, verb models.Verb) (*models.Theme, error) {
	need := auth.Vote
	if person != a.PersonID {
		need = auth.OnBehalf
	}
	if err := auth.Can(a, need); err != nil {
		return nil, err
	}
	if person == "" {
		return nil, models.BadField("person", "person_required")
	}
	var th *models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if person, err = models.StandingPerson(tx, person); err != nil {
			return err
		}
		if th, err = t.held(tx, theme); err != nil {
			return err
		}
		if !th.Public && auth.Can(a, auth.ReadAll) != nil {
			return models.Fail(models.NotFound, "theme_not_found")
		}
		res := countVote(tx, th.ID, person, verb, t.db.Now())
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		step := map[models.Verb]int{models.VoteAdded: 1, models.VoteRemoved: -1}[verb]
		if err := tx.Raw("UPDATE themes SET people_count = people_count + ? WHERE id = ? RETURNING people_count", step, th.ID).Scan(&th.PeopleCount).Error; err != nil {
			return err
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{Verb: verb, ThemeID: th.ID, PersonID: person})
	})
	if err != nil {
		return nil, fmt.Errorf("vote: %w", err)
	}
	return th, nil
}

func countVote(tx *gorm.DB, theme, person string, verb models.Verb, now time.Time) *gorm.DB {
	if verb == models.VoteRemoved {
		return tx.Exec("DELETE FROM votes WHERE theme_id = ? AND person_id = ?", theme, person)
	}
	return tx.Exec("INSERT INTO votes (theme_id, person_id, origin, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (theme_id, person_id) DO NOTHING",
		theme, person, models.VoteByHand, now)
}
