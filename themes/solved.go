package themes

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Solved counts what people say of a theme that shipped.
type Solved struct{ Yes, No int }

// SolvedOf counts the answers to the shipping that holds; older ones stand in the
// timeline. Needs auth.ReadAll.
func (t *Themes) SolvedOf(ctx context.Context, a auth.Actor, theme string) (s Solved, err error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return s, err
	}
	var last []string
	db := t.db.Read(ctx)
	if last, err = lastShipping(db, theme); err != nil || len(last) == 0 {
		return s, err
	}
	err = db.Raw(`SELECT COUNT(DISTINCT CASE WHEN solved THEN person_id END) AS yes, COUNT(DISTINCT CASE WHEN NOT solved THEN person_id END) AS no
		FROM solved_answers WHERE theme_id = ? AND shipping = ?`, theme, last[0]).Scan(&s).Error
	if err != nil {
		return s, fmt.Errorf("count answers: %w", err)
	}
	return s, nil
}

// lastShipping is the activity that shipped a theme last and holds, none when it never
// shipped.
func lastShipping(tx *gorm.DB, theme string) (ids []string, err error) {
	err = tx.Raw(`SELECT id FROM activities WHERE theme_id = ? AND verb = ? AND undone_by = '' AND snapshot LIKE '%"after":%"status":"shipped"%'
		ORDER BY seq DESC LIMIT 1`, theme, models.ThemeStatus).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("read shipping: %w", err)
	}
	return ids, nil
}

// Answered is what a person said of a shipping, nil for nothing yet.
func (t *Themes) Answered(ctx context.Context, theme, shipping, person string) (*models.SolvedAnswer, error) {
	return answered(t.db.Read(ctx), theme, shipping, person)
}

func answered(tx *gorm.DB, theme, shipping, person string) (*models.SolvedAnswer, error) {
	var s models.SolvedAnswer
	res := tx.Order("id").Limit(1).Find(&s, "theme_id = ? AND shipping = ? AND person_id = ?", theme, shipping, person)
	if res.Error != nil {
		return nil, fmt.Errorf("read answer: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	return &s, nil
}

// Shipping reads what a link of a mail is about: the theme as it stands now, and
// whether the shipping was taken back or the theme opened again since.
func (t *Themes) Shipping(ctx context.Context, theme, shipping string) (th *models.Theme, over bool, err error) {
	if th, err = t.live(t.db.Read(ctx), theme); err != nil {
		return nil, false, err
	}
	var act models.Activity
	if err := t.db.Read(ctx).First(&act, "id = ?", shipping).Error; err != nil {
		return nil, false, fmt.Errorf("read shipping: %w", err)
	}
	return th, act.UndoneBy != "" || th.Status != models.StatusShipped, nil
}

// Verdict is what a person says of a shipping. Words go with a yes, in Lang, and have no
// secrets any more; Report files what came back and returns it: a no, or words that are an
// emergency. It runs inside of the Write and may be nil.
type Verdict struct {
	Solved bool
	Words  string
	Lang   string
	Report func(context.Context, *gorm.DB, *models.Theme) (*models.Suggestion, error)
}

// Answer records what a person says of a shipping, once: again says that they had
// answered before, and changes nothing.
func (t *Themes) Answer(ctx context.Context, a auth.Actor, theme, shipping string, v Verdict) (made *models.SolvedAnswer, again bool, err error) {
	if a.PersonID == "" {
		return nil, false, models.Fail(models.Unauthenticated, "sign_in_first")
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, err := t.live(tx, theme)
		if err != nil {
			return err
		}
		if err := t.db.Lock(tx, "solved:"+th.ID+":"+a.PersonID); err != nil {
			return err
		}
		if made, err = answered(tx, th.ID, shipping, a.PersonID); err != nil || made != nil {
			again = made != nil
			return err
		}
		made = &models.SolvedAnswer{ID: models.NewID(models.PrefixAnswer), ThemeID: th.ID, PersonID: a.PersonID, Shipping: shipping, Solved: v.Solved, Words: v.Words, Lang: v.Lang, CreatedAt: t.db.Now()}
		if v.Report != nil {
			s, err := v.Report(ctx, tx, th)
			if err != nil {
				return err
			}
			if s != nil {
				made.SuggestionID = s.ID
				if !v.Solved && !s.Confidential && th.Status == models.StatusShipped {
					if err := t.proposeReopening(tx, th, s); err != nil {
						return err
					}
				}
			}
		}
		if err := tx.Create(made).Error; err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.SolvedAnswered, ThemeID: th.ID, PersonID: a.PersonID, SuggestionID: made.SuggestionID,
			Snapshot: models.Change{Solved: &v.Solved}.Encode()})
	})
	return made, again, err
}

// Add keeps what a person says after their answer, which stands as it is: say files it,
// or adds it to what was filed with the answer before ("" for nothing), and returns where
// it is. It runs inside of the Write.
func (t *Themes) Add(ctx context.Context, a auth.Actor, answer *models.SolvedAnswer, say func(ctx context.Context, filed string) (string, error)) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := t.db.Lock(tx, "solved:"+answer.ThemeID+":"+a.PersonID); err != nil {
			return err
		}
		var row models.SolvedAnswer
		if err := tx.First(&row, "id = ?", answer.ID).Error; err != nil {
			return fmt.Errorf("add to an answer: %w", err)
		}
		filed, err := say(ctx, row.SuggestionID)
		if err != nil || filed == row.SuggestionID {
			return err
		}
		if err := tx.Model(&row).Update("suggestion_id", filed).Error; err != nil {
			return fmt.Errorf("add to an answer: %w", err)
		}
		answer.SuggestionID = filed
		return nil
	})
}

// FollowUpOf is what matching finds for a report that came back about a theme: it
// waits in the inbox beside that theme, for a person to say.
func FollowUpOf(th *models.Theme) Matched {
	return Matched{Suggest: true, Candidates: []models.Candidate{{Theme: th.ID, Score: 1, Reasons: []models.Reason{}}}}
}

// SolvedWord is an answer with who gave it.
type SolvedWord struct {
	models.SolvedAnswer
	Name string
	// Confidential: the report is for those alone who may read what is.
	Confidential bool
}

// SolvedWords lists the answers to the shipping that holds which have words beside them
// or made a report, newest first, at most limit. Needs auth.ReadAll.
func (t *Themes) SolvedWords(ctx context.Context, a auth.Actor, theme string, limit int) ([]SolvedWord, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	db, out := t.db.Read(ctx), []SolvedWord{}
	last, err := lastShipping(db, theme)
	if err != nil || len(last) == 0 {
		return out, err
	}
	err = db.Raw(`SELECT w.*, COALESCE(p.name, '') AS name, COALESCE(s.confidential, FALSE) AS confidential FROM solved_answers w
		LEFT JOIN people p ON p.id = w.person_id LEFT JOIN suggestions s ON s.id = w.suggestion_id AND w.suggestion_id <> ''
		WHERE w.theme_id = ? AND w.shipping = ? AND (w.words <> '' OR w.suggestion_id <> '') ORDER BY w.id DESC LIMIT ?`, theme, last[0], page(limit)).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	if auth.Can(a, auth.ReadGuarded) != nil { // that there was one is theirs to know, too
		for i := range out {
			if out[i].Confidential {
				out[i].SuggestionID = ""
			}
		}
		out = slices.DeleteFunc(out, func(w SolvedWord) bool { return w.Words == "" && w.SuggestionID == "" })
	}
	return out, nil
}
