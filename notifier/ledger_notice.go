package notifier

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// alertLife is how long an alert is worth sending: the next one says the same.
const alertLife = 24 * time.Hour

// advise queues the safety advice for the person of an emergency, in the lane that
// waits for nothing. Somebody whose address others type into forms gets it once a
// day for each cause.
func (n *Notifier) advise(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	al, err := act.Alarm()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	if act.PersonID == "" || adviceSteps[al.Cause] == 0 {
		return nil
	}
	people, err := reach(tx, []string{act.PersonID})
	if err != nil {
		return err
	}
	p := people[act.PersonID]
	if p.Email == "" {
		return nil // the page has told them
	}
	d := n.newDelivery(KindSafety, models.LaneNow, p.Email, string(n.localeOf(cmp.Or(p.Locale, al.Lang))), n.db.Now(), mailLife)
	d.DedupKey = fmt.Sprintf("%s/%s/%s/%s", KindSafety, act.PersonID, al.Cause, act.CreatedAt.UTC().Format(time.DateOnly))
	d.PersonID = act.PersonID
	return n.queueNotice(ctx, tx, d, Notice{Cause: al.Cause})
}

// alert queues one alert of the team to each who is on call.
func (n *Notifier) alert(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	al, err := act.Alarm()
	if err != nil {
		return fmt.Errorf("activity %s: %w", act.ID, err)
	}
	var rows []struct {
		models.Emergency
		Receipt string
	}
	err = tx.Raw("SELECT e.*, s.receipt FROM emergencies e JOIN suggestions s ON s.id = e.suggestion_id WHERE e.suggestion_id IN ? ORDER BY e.created_at DESC, e.suggestion_id DESC", al.Suggestions).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("read emergencies: %w", err)
	}
	note := Notice{Open: max(al.Open, len(rows))}
	for _, r := range rows {
		note.Items = append(note.Items, NoticeItem{Cause: r.Cause, Receipt: r.Receipt, Since: r.CreatedAt.UTC()})
	}
	if len(note.Items) == 0 {
		return nil // erased meanwhile
	}
	to, err := n.onCall(tx)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		slog.Error("an emergency, and nobody to alert: no member has a role or address of emergency.alert_to", "open", note.Open)
	}
	for _, m := range to {
		d := n.newDelivery(KindEscalation, models.LaneNow, m.Email, string(n.localeOf(m.Locale)), n.db.Now(), alertLife)
		d.DedupKey = fmt.Sprintf("%s/%s/%s", KindEscalation, act.ID, m.Email)
		if err := n.queueNotice(ctx, tx, d, note); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notifier) queueNotice(ctx context.Context, tx *gorm.DB, d models.Delivery, note Notice) (err error) {
	if d.Content, err = note.encode(); err != nil {
		return err
	}
	var there int64 // told before: today, or by another node
	if err := tx.Model(&models.Delivery{}).Where("dedup_key = ?", d.DedupKey).Count(&there).Error; err != nil || there > 0 {
		return err
	}
	if err := tx.Create(&d).Error; err != nil {
		return fmt.Errorf("queue a notice: %w", err)
	}
	n.db.AfterCommit(ctx, n.now.nudge)
	return nil
}

// onCall are the members whom AlertTo names, by role or by address, and the
// addresses it names that are no member's.
func (n *Notifier) onCall(tx *gorm.DB) ([]models.Member, error) {
	var members, out []models.Member
	if err := tx.Order("created_at, id").Find(&members, "disabled_at IS NULL").Error; err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	named := map[string]bool{}
	for _, m := range members {
		if slices.Contains(n.o.AlertTo, string(m.Role)) || slices.Contains(n.o.AlertTo, strings.ToLower(m.Email)) {
			out, named[strings.ToLower(m.Email)] = append(out, m), true
		}
	}
	for _, to := range n.o.AlertTo {
		if strings.Contains(to, "@") && !named[to] {
			out = append(out, models.Member{Email: to})
		}
	}
	return out, nil
}

// readNotice reads what a delivery says.
func readNotice(d models.Delivery) (*Notice, error) {
	n := &Notice{}
	if err := json.Unmarshal([]byte(d.Content), n); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	return n, nil
}
