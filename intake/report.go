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
// solve it for them: it waits in the inbox beside that theme. Commit stores it.
func (in *Intake) PrepareReport(ctx context.Context, a auth.Actor, th *models.Theme, text string) (*Prepared, error) {
	p, err := in.Prepare(ctx, a, Submission{Text: text, Kind: string(models.KindProblem), Product: th.Product, Version: th.Version})
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p.row.Source = SourceFollowUp
	if p.cause == "" {
		p.match = themes.FollowUpOf(th)
	}
	return p, nil
}
