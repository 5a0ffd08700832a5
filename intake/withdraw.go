package intake

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// withdrawMinutes is how long a filing may be taken back by who made it.
const withdrawMinutes = 10

// Withdraw takes a filing back: it leaves its themes and is closed, and its
// external id is free again. Only who filed it may, for ten minutes.
func (in *Intake) Withdraw(ctx context.Context, a auth.Actor, id string) (models.Suggestion, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return models.Suggestion{}, err
	}
	var s models.Suggestion
	err := in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		held, err := in.themes.HoldSuggestion(tx, id)
		if err != nil {
			return err
		}
		s = *held
		if s.FilerKind != a.Kind || s.FilerID != a.ID {
			return models.Fail(models.Forbidden, "not_your_filing")
		}
		if in.db.Now().Sub(s.CreatedAt).Minutes() > withdrawMinutes {
			return models.Fail(models.Conflict, "withdraw_too_late", withdrawMinutes)
		}
		if s.FirstRepliedAt != nil {
			return models.Fail(models.Conflict, "withdraw_answered")
		}
		if s.ExternalID != "" {
			if err := tx.Model(&s).Update("external_id", "").Error; err != nil {
				return err
			}
		}
		ths, err := in.themes.Of(ctx, id)
		if err != nil {
			return err
		}
		var leave []string
		for _, th := range ths {
			leave = append(leave, th.ID)
		}
		if len(leave) > 0 {
			if _, _, err := in.themes.Assign(ctx, a, []string{id}, themes.Assignment{Remove: leave}); err != nil {
				return err
			}
		}
		_, err = in.themes.Close(ctx, a, []string{id})
		return err
	})
	if err != nil {
		return s, fmt.Errorf("withdraw: %w", err)
	}
	return s, nil
}

// Withdrawable gives what the actor filed in the last ten minutes and may still
// take back, newest first, at most limit.
func (in *Intake) Withdrawable(ctx context.Context, a auth.Actor, limit int) ([]models.Suggestion, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return nil, err
	}
	var rows []models.Suggestion
	err := in.db.Read(ctx).Where("filer_id <> '' AND filer_kind = ? AND filer_id = ?", a.Kind, a.ID).Order("id DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read own filings: %w", err)
	}
	return slices.DeleteFunc(rows, func(s models.Suggestion) bool {
		return s.State == models.StateClosed || s.FirstRepliedAt != nil || in.db.Now().Sub(s.CreatedAt).Minutes() > withdrawMinutes
	}), nil
}

// Masked is a text without its secrets, and NameOf a name, "" where it holds one or reads
// like a recovery phrase with a slip. Nothing is stored.
func (in *Intake) Masked(text string) string { return in.redact.Clean(text) }

// NameOf: see Masked.
func (in *Intake) NameOf(name string) string { kept, _ := in.redact.Name(name); return kept }

// Unsaid is a word of what somebody sent as an answer may repeat it: as it stands, or dots
// where it holds a secret or reads like a recovery phrase with a slip.
func (in *Intake) Unsaid(s string) string {
	if in.isSecret(s) {
		return "···"
	}
	return s
}

// Findings says what would be masked in a text, without storing anything.
func (in *Intake) Findings(text string) []models.Finding {
	m := masking{in: in}
	m.mask("text", text)
	return m.findings
}
