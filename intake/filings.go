package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// MaxAsks is how many things one conversation may ask for at once.
const MaxAsks = 20

// Said is one of several things that a person asked for in one conversation: their
// words, what the agent makes of them, and the kind, "" to be told from the words.
type Said struct{ Quote, Summary, Kind string }

// Several makes of one submission one for each ask: all else is the same, and each
// has the external id followed by #1, #2 and so on. The words of a submission
// without an external id are told apart by nothing, so none are given ids.
func Several(s Submission, asks []Said) ([]Submission, error) {
	if len(asks) == 0 {
		return []Submission{s}, nil
	}
	if len(asks) > MaxAsks {
		return nil, models.BadField("asks", "asks_many", MaxAsks, len(asks))
	}
	if strings.Contains(s.ExternalID, "#") {
		return nil, models.BadField("external_id", "stem_taken")
	}
	out := make([]Submission, 0, len(asks))
	for i, ask := range asks {
		one := s
		if one.Text = ask.Quote; strings.TrimSpace(ask.Quote) == "" {
			return nil, models.BadField(fmt.Sprintf("asks/%d/quote", i), "text_required")
		}
		one.Quote, one.Summary = "", ask.Summary
		if ask.Kind != "" {
			one.Kind = ask.Kind
		}
		if s.ExternalID != "" {
			one.ExternalID = fmt.Sprintf("%s#%d", s.ExternalID, i+1)
		}
		out = append(out, one)
	}
	return out, nil
}

// PrepareAll prepares several submissions; an error names the ask it is about.
func (in *Intake) PrepareAll(ctx context.Context, a auth.Actor, all []Submission) ([]*Prepared, error) {
	out := make([]*Prepared, 0, len(all))
	for i, s := range all {
		p, err := in.Prepare(ctx, a, s)
		if err != nil {
			if e, ok := asError(err); ok && e.Field != "" && len(all) > 1 {
				e.Field = fmt.Sprintf("asks/%d/%s", i, strings.Replace(e.Field, "text", "quote", 1))
				return nil, e
			}
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// CommitAll stores several prepared submissions in one transaction: all of them or
// none.
func (in *Intake) CommitAll(ctx context.Context, a auth.Actor, all []*Prepared) ([]Filed, error) {
	var out []Filed
	err := in.db.Write(ctx, func(ctx context.Context, _ *gorm.DB) error {
		out = out[:0]
		for _, p := range all {
			f, err := in.Commit(ctx, a, p)
			if err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.Clip(out), nil
}

// Words cleans and masks what an agent writes for the team or for people, before
// it is stored. most is in characters.
func (in *Intake) Words(field, s string, most int) (string, error) {
	if err := clean(field, &s, most); err != nil {
		return "", err
	}
	masked, _ := in.redact.Mask(s)
	return masked, nil
}

// Spend counts one write of a token that files nothing.
func (in *Intake) Spend(ctx context.Context, a auth.Actor) error {
	return in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return auth.Spend(tx, in.db.Now(), a, 1) })
}

// Left is what the actor's token may still write; see auth.Left.
func (in *Intake) Left(ctx context.Context, a auth.Actor) (most, left, seconds int, err error) {
	most, left, again, err := auth.Left(in.db.Read(ctx), in.db.Now(), a)
	return most, left, int(again.Seconds()) + 1, err
}

func asError(err error) (*models.Error, bool) { return errors.AsType[*models.Error](err) }

// Outside is a stored text as it may leave the console, for a reader that is no
// person of the team: an agent's model.
func (in *Intake) Outside(s string) string {
	masked, _ := in.redact.Mask(s)
	return masked
}
