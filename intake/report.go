package intake

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// SourceFollowUp is where a report comes from that answers a mail of ours.
const SourceFollowUp = "follow_up"

// PrepareReport is Prepare for what a person says of a theme that shipped and does not
// solve it for them: it waits in the inbox beside that theme. instead stands for it where
// they say nothing: those words are ours, and alarm nobody whatever the theme is called.
// Commit stores it.
func (in *Intake) PrepareReport(ctx context.Context, a auth.Actor, th *models.Theme, text, instead string) (*Prepared, error) {
	s := Submission{Text: text, Kind: string(models.KindProblem), Product: th.Product, Version: th.Version}
	if s.Text == "" {
		s.Text, s.ours = instead, true
	}
	return in.prepareFollowUp(ctx, a, th, s)
}

func (in *Intake) prepareFollowUp(ctx context.Context, a auth.Actor, th *models.Theme, s Submission) (*Prepared, error) {
	p, err := in.Prepare(ctx, a, s)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p.row.Source = SourceFollowUp
	if p.cause == "" {
		p.match = themes.FollowUpOf(th)
	}
	return p, nil
}

// PrepareNote is for what a person says beside the answer that it is solved: the words
// without their secrets, to be kept with the answer; or, of an emergency, what Commit
// stores as a confidential suggestion in their place. Errors: Invalid too_long.
func (in *Intake) PrepareNote(ctx context.Context, a auth.Actor, th *models.Theme, text string) (masked string, private *Prepared, err error) {
	if err := clean("text", &text, MaxReply); err != nil {
		return "", nil, err
	}
	masked, _, why := in.danger(text, nil)
	if why == "" {
		if why, err = in.sameAlarm(in.db.Read(ctx), th.Product, saidAlone(masked)); err != nil || why == "" {
			return masked, nil, err
		}
	}
	private, err = in.PrepareReport(ctx, a, th, text, "")
	return "", private, err
}
