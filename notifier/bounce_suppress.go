package notifier

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	suppressAgain = 180 * 24 * time.Hour // after the trial bounced, too
	trialTime     = 24 * time.Hour       // how long the trial's bounce is waited for
)

// suppress stops mail to a delivery's address, because the mail came back: for 30 days, after
// which one mail goes as a trial; for 180 days when that comes back, too; then for good. What was
// sent before the address was suppressed does not count again. It returns why, as a
// report's reason.
func suppress(tx *gorm.DB, d models.Delivery, answer string, now time.Time) (reason string, err error) {
	var s models.Suppression
	res := tx.Limit(1).Find(&s, "address = ? AND scope = ?", d.Address, models.ScopeAllMail)
	if res.Error != nil {
		return "", res.Error
	}
	until := now.Add(suppressFor)
	if res.RowsAffected == 0 {
		s = models.Suppression{Address: d.Address, Scope: models.ScopeAllMail, Reason: clip(bounce+answer, maxAnswerText), Until: &until, Strikes: 1, CreatedAt: now}
		return bounceNoMailbox, tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&s).Error // another sender may just have
	}
	if s.Until == nil || s.Until.After(now) && s.Trial != d.ID {
		return bounceAlready, nil
	}
	s.Strikes, s.Trial, s.Reason = s.Strikes+1, "", clip(bounce+answer, maxAnswerText)
	switch {
	case s.Strikes == 2:
		until, reason = now.Add(suppressAgain), bounceTrialFailed
		s.Until = &until
	default:
		s.Until, reason = nil, bounceForGood
	}
	return reason, tx.Save(&s).Error
}

// startTrial makes a delivery the one mail that goes to an address whose time is over: until
// its bounce would have come, others are stopped. A trial that was sent and did not come
// back ends the suppression.
func startTrial(tx *gorm.DB, d models.Delivery, now time.Time) error {
	args := map[string]any{"address": d.Address, "id": d.ID, "now": now, "until": now.Add(trialTime)}
	const over = " WHERE address = @address AND scope = 'all' AND until <= @now"
	err := tx.Exec("DELETE FROM suppressions"+over+" AND trial <> '' AND EXISTS (SELECT 1 FROM deliveries t WHERE t.id = suppressions.trial AND t.state = 'sent')", args).Error
	if err != nil {
		return err
	}
	return tx.Exec("UPDATE suppressions SET trial = @id, until = @until"+over, args).Error
}
