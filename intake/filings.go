package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// MaxAsks is how many things one conversation may ask for at once.
const MaxAsks = 20

// Said is one of several things that a person asked for in one conversation: their
// words, what the agent makes of them, and the kind, "" to be told from the words.
type Said struct{ Quote, Summary, Kind string }

// Several makes of one submission one for each ask: all else is the same, and each
// has the external id followed by #1, #2 and so on; none without one.
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

// CommitAll stores several prepared submissions, each in a transaction of its own:
// several in one would hold what others wait for, in an order that nobody chose. A
// call that broke off is finished by repeating it, as their external ids tell what
// is there. What does not fit into the token's limits as a whole is refused before
// anything is stored.
func (in *Intake) CommitAll(ctx context.Context, a auth.Actor, all []*Prepared) ([]Filed, error) {
	if len(all) > 1 {
		if err := in.fits(ctx, a, all); err != nil {
			return nil, err
		}
	}
	out := make([]Filed, 0, len(all))
	for _, p := range all {
		f, err := in.Commit(ctx, a, p)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// errFits ends a transaction that only asked.
var errFits = errors.New("it fits")

// fits asks whether what is not there yet would pass the token's limits.
func (in *Intake) fits(ctx context.Context, a auth.Actor, all []*Prepared) error {
	err := in.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		fresh := 0
		for _, p := range all {
			var n int64
			if p.row.ExternalID != "" {
				if err := tx.Model(&models.Suggestion{}).Where("source = ? AND external_id = ?", p.row.Source, p.row.ExternalID).Count(&n).Error; err != nil {
					return err
				}
			}
			if n == 0 {
				fresh++
			}
		}
		if fresh > 0 {
			if err := auth.Spend(tx, in.db.Now(), a, fresh); err != nil {
				return err
			}
		}
		return errFits
	})
	if errors.Is(err, errFits) {
		return nil
	}
	return err
}

// OnceApart is Once for work that is several transactions, each of which does
// nothing twice: the answer is remembered when all are done, and the first that is
// remembered is everybody's.
func (in *Intake) OnceApart(ctx context.Context, a auth.Actor, key string, request []byte, w Work) (ans Answer, replayed bool, err error) {
	if len(key) > MaxShort {
		return Answer{}, false, models.BadField("Idempotency-Key", "too_long", MaxShort, len(key))
	}
	k := newKeyed(a, key, request)
	if key != "" {
		if ans, replayed, err := in.answered(in.db.Read(ctx), k); err != nil || replayed {
			return ans, replayed, err
		}
	}
	if w.Before != nil {
		if err := w.Before(ctx); err != nil {
			return Answer{}, false, err
		}
	}
	if ans, err = w.Do(ctx); err != nil || key == "" {
		return ans, false, err
	}
	done := ans
	return in.Once(ctx, a, key, request, Work{Do: func(context.Context) (Answer, error) { return done, nil }})
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
// person of the team: an agent's model. It has no secrets, addresses, transactions
// or amounts.
func (in *Intake) Outside(s string) string {
	return redact.WithoutChips(in.redact.Clean(s))
}
