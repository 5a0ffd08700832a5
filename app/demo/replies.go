package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
)

// reply stops the first-reply clock of what is older than two days, mostly in time; what
// came since waits, so that there is something to see.
func (t *teller) reply(ctx context.Context, s models.Suggestion, daysAgo float64) error {
	if daysAgo < 2 || s.ReplyDueAt == nil {
		return nil
	}
	h := fnv.New32a()
	fmt.Fprint(h, s.Text)
	took := time.Duration(float64(s.ReplyDueAt.Sub(s.CreatedAt)) * (0.1 + float64(h.Sum32()%110)/100))
	return t.DB.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.Suggestion{}).Where("id = ?", s.ID).Updates(map[string]any{"first_replied_at": models.Milli(s.CreatedAt.Add(took)), "reply_next_at": nil}).Error
	})
}

// team makes the teams that answer for payments and for hardware, and the rule that
// sends payments to theirs.
func (t *teller) team(ctx context.Context, members []string) error {
	for _, team := range []models.Team{{Key: "payments", Name: models.Text{EN: "Payments", ZH: "支付组"}}, {Key: "hardware", Name: models.Text{EN: "Hardware desk", ZH: "硬件组"}}} {
		if _, err := t.Intake.SaveTeam(ctx, auth.System(), intake.TeamOf{Team: team, Members: members}); err != nil {
			return err
		}
	}
	_, _, err := t.Intake.AddRule(ctx, auth.System(), intake.RuleDraft{Outcome: models.RuleThen{Team: "payments"}, Position: 1,
		Conditions: models.RuleIf{Words: []string{"refund*", "fee*", "charged", "pending", "退款", "手续费", "扣款", "处理中", "到账"}}})
	return err
}
