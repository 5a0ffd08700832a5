package intake

import (
	"cmp"
	"context"
	"fmt"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// danger is a person's word without its secrets, what was found in it, and why it is an
// emergency, "" for none. who is as whom they said it, nil for nobody named.
func (in *Intake) danger(text string, who *PersonInput) (masked string, found []models.Finding, why models.Cause) {
	m := masking{in: in}
	masked = m.mask("text", text)
	m.warn("text", masked)
	m.person(who)
	return masked, m.findings, cmp.Or(causeOf(m.findings), alarming(masked))
}

// saidAlone is the key under which an emergency of these words alone is kept.
func saidAlone(masked string) string { return dedup.ExactKey("", masked) }

// Endangered reads a suggestion that is an emergency, with its Cause; Cause is "" for
// one that is none, and for none. It asks nobody who they are: it is for the page that
// somebody opens by a link of theirs, and carries the advice alone.
func (in *Intake) Endangered(ctx context.Context, suggestion string) (f Filed, err error) {
	if suggestion == "" {
		return f, nil
	}
	var e models.Emergency
	db := in.db.Read(ctx)
	if err := db.Limit(1).Find(&e, "suggestion_id = ?", suggestion).Error; err != nil || e.SuggestionID == "" {
		return f, err
	}
	if err := db.First(&f.Suggestion, "id = ?", suggestion).Error; err != nil {
		return f, fmt.Errorf("read emergency: %w", err)
	}
	f.Cause = e.Cause
	return f, nil
}
