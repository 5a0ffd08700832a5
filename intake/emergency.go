package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// An emergency is a suggestion whose person is in danger, or endangers others: a
// recovery phrase was sent, assets were stolen, the product can be attacked. It is
// confidential for ever, stands in no theme and is compared with nothing; the team
// is alerted, and again, until one of them acknowledges.

const (
	// atOnce is how many emergencies that nobody has acknowledged alert by
	// themselves; further ones come with the next repetition, so that a flood does
	// not bury the team in mail.
	atOnce = 3
	// alarmNames is how many emergencies an alert names.
	alarmNames = 10
)

// Alarms say how emergencies are handled. A zero duration switches off.
type Alarms struct {
	ReplyWithin time.Duration // the clock of an emergency's first reply
	Realert     time.Duration // how long after an alert the next one comes, until acknowledged
}

// SetAlarms sets how emergencies are handled; call it before anything is filed.
func (in *Intake) SetAlarms(a Alarms) { in.alarms = a }

// controlsFunds are the rules whose secrets give away what somebody owns.
var controlsFunds = []string{"seed_phrase", "private_key", "keystore"}

// causeFor tells why what was sent is an emergency, "" when it is none: for what was
// found in it, for what it says, or because the same was said in one. Words that Heed
// put there itself say nothing of the person.
func (in *Intake) causeFor(ctx context.Context, s Submission, p *Prepared) (models.Cause, error) {
	found := cmp.Or(s.cause, causeOf(append(p.files.findings(), p.findings...)))
	if found != "" || s.ours {
		return found, nil
	}
	r := &p.row
	if says := alarming(r.Title + "\n" + r.Text + "\n" + r.Quote + "\n" + r.Summary); says != "" {
		return says, nil
	}
	return in.sameAlarm(in.db.Read(ctx), r.Product, textKey(r))
}

// causeOf tells why what was masked makes an emergency, "" when it does not.
func causeOf(findings []models.Finding) models.Cause {
	for _, f := range findings {
		if f.Kind == models.FindingMasked && slices.Contains(controlsFunds, f.Rule) {
			return models.CauseSecret
		}
	}
	return ""
}

// escalate makes an emergency of a suggestion that is stored already, for what its
// person has sent since: "" is no cause and changes nothing. What stands in a theme,
// or beside others who say the same, stays there: its words are clean. Everything
// else becomes confidential.
func (in *Intake) escalate(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, c models.Cause) error {
	if c == "" {
		return nil
	}
	if there, err := in.alarmAgain(ctx, tx, a, s, c); err != nil || there {
		return err
	}
	if s.Confidential { // it is being filed, and its alarm follows
		return nil
	}
	own := *s
	own.CreatedAt = in.db.Now()
	in.guard(&own, c)
	s.Urgency, s.Rev, s.UpdatedAt = own.Urgency, s.Rev+1, own.CreatedAt
	if s.FirstRepliedAt == nil {
		s.ReplyDueAt, s.ReplyNextAt = own.ReplyDueAt, own.ReplyNextAt
	}
	if s.ThemesCount == 0 && s.EchoOf == "" && s.Echoes == 0 {
		s.Confidential, s.ExactHash, s.Candidates, s.Asks, s.LikelyTheme = true, "", own.Candidates, own.Asks, ""
		if err := tx.Delete(&models.ExactText{}, "suggestion_id = ?", s.ID).Error; err != nil {
			return fmt.Errorf("escalate: %w", err)
		}
	}
	err := tx.Model(s).Select("Urgency", "ReplyDueAt", "ReplyNextAt", "Confidential", "ExactHash", "Candidates", "Asks", "LikelyTheme", "Rev", "UpdatedAt").Updates(s).Error
	if err != nil {
		return fmt.Errorf("escalate: %w", err)
	}
	return in.alarm(ctx, tx, a, s, c)
}

// guard makes a suggestion confidential and starts its clock; "" is no cause and
// changes nothing.
func (in *Intake) guard(s *models.Suggestion, c models.Cause) {
	if c == "" {
		return
	}
	s.Confidential, s.Urgency, s.ExactHash = true, models.UrgencyCritical, ""
	if in.alarms.ReplyWithin > 0 {
		s.ReplyDueAt = new(s.CreatedAt.Add(in.alarms.ReplyWithin))
		s.ReplyNextAt = s.ReplyDueAt
	}
	s.Action, s.Waiting = models.ActionSuggested, true
	s.Candidates, s.Asks = models.AsJSON([]models.Candidate{}), models.AsJSON([]models.Ask{})
}

// sameAlarm is the cause of an emergency in which the same was said before, ""
// for none.
func (in *Intake) sameAlarm(tx *gorm.DB, product, key string) (models.Cause, error) {
	if key == "" {
		return "", nil
	}
	var row models.Emergency
	err := tx.Where("text_key = ? AND text_key <> '' AND product = ?", key, product).Order("created_at").Limit(1).Find(&row).Error
	if err != nil {
		return "", fmt.Errorf("find the same emergency: %w", err)
	}
	return row.Cause, nil
}

// alarmAgain reports whether a suggestion is an emergency already; one that somebody
// takes care of alerts anew, for its person is in danger again.
func (in *Intake) alarmAgain(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, c models.Cause) (bool, error) {
	if err := in.db.LockRecord(tx); err != nil {
		return false, err
	}
	var e models.Emergency
	res := tx.Limit(1).Find(&e, "suggestion_id = ?", s.ID)
	if res.Error != nil || res.RowsAffected == 0 || e.AcknowledgedAt == nil {
		return res.RowsAffected > 0, res.Error
	}
	e.AcknowledgedAt, e.AcknowledgedBy, e.AcknowledgedName, e.AlertAt = nil, "", "", new(in.db.Now())
	if err := tx.Select("AcknowledgedAt", "AcknowledgedBy", "AcknowledgedName", "AlertAt").Updates(&e).Error; err != nil {
		return true, fmt.Errorf("alarm again: %w", err)
	}
	opened := &models.Activity{Verb: models.EmergencyOpened, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: models.Alarm{Cause: c, Lang: s.Lang}.Encode()}
	if err := in.db.Record(ctx, tx, a.By(), opened); err != nil {
		return true, err
	}
	return true, in.alert(ctx, tx)
}

// textKey is that of the masked text, whatever was found in it.
func textKey(s *models.Suggestion) string { return dedup.ExactKey(s.Title, s.Text) }

// saidKey is the textKey where the words themselves alarm: beside a secret anything
// may be said.
func saidKey(s *models.Suggestion) string {
	if alarming(s.Title+"\n"+s.Text) == "" {
		return ""
	}
	return textKey(s)
}

// alarm writes down that a suggestion which was just stored is an emergency, and
// alerts the team: at once, or with the next repetition when enough wait.
func (in *Intake) alarm(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, c models.Cause) error {
	if err := in.db.LockRecord(tx); err != nil {
		return err
	}
	now := in.db.Now()
	var open []models.Emergency
	if err := in.openAlarms(tx).Where("emergencies.alerts > 0").Order("alert_at").Limit(atOnce).Find(&open).Error; err != nil {
		return fmt.Errorf("count emergencies: %w", err)
	}
	e := models.Emergency{SuggestionID: s.ID, Cause: c, Product: s.Product, TextKey: saidKey(s), AlertAt: &now, CreatedAt: now}
	if len(open) == atOnce {
		e.AlertAt = open[0].AlertAt // nil without repetition: it stands on the page
	}
	if err := tx.Create(&e).Error; err != nil {
		return fmt.Errorf("store emergency: %w", err)
	}
	opened := &models.Activity{Verb: models.EmergencyOpened, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: models.Alarm{Cause: c, Lang: s.Lang}.Encode()}
	if err := in.db.Record(ctx, tx, a.By(), opened); err != nil {
		return err
	}
	if e.AlertAt == nil || e.AlertAt.After(now) {
		return nil
	}
	return in.alert(ctx, tx)
}

// openAlarms are the emergencies that nobody has acknowledged, and whose suggestion
// nobody has closed.
func (in *Intake) openAlarms(tx *gorm.DB) *gorm.DB {
	return tx.Model(&models.Emergency{}).Where("acknowledged_at IS NULL AND EXISTS (SELECT 1 FROM suggestions s WHERE s.id = emergencies.suggestion_id AND s.state <> 'closed')")
}

// alert is one alert of the team for all open emergencies, in the transaction that
// moves their next one: what is due is alerted once, whatever crashes.
func (in *Intake) alert(ctx context.Context, tx *gorm.DB) error {
	var ids []string
	if err := in.openAlarms(tx).Order("created_at DESC, suggestion_id DESC").Pluck("suggestion_id", &ids).Error; err != nil {
		return fmt.Errorf("read emergencies: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	now := in.db.Now()
	var next *time.Time
	if in.alarms.Realert > 0 {
		next = new(now.Add(in.alarms.Realert))
	}
	for some := range slices.Chunk(ids, 500) {
		err := tx.Model(&models.Emergency{}).Where("suggestion_id IN ?", some).
			Updates(map[string]any{"alert_at": next, "alerted_at": now, "alerts": gorm.Expr("alerts + 1")}).Error
		if err != nil {
			return fmt.Errorf("alert: %w", err)
		}
	}
	act := &models.Activity{Verb: models.EmergencyAlerted, SuggestionID: ids[0],
		Snapshot: models.Alarm{Open: len(ids), Suggestions: ids[:min(len(ids), alarmNames)]}.Encode()}
	return in.db.Record(ctx, tx, auth.System().By(), act)
}

// TickAlerts is the cron job emergency: it alerts again where nobody acknowledged
// in time. When that is stands in the rows.
func (in *Intake) TickAlerts(ctx context.Context, _ models.Job) error {
	due := func(tx *gorm.DB) (n int64, err error) {
		err = in.openAlarms(tx).Where("alert_at <= ?", in.db.Now()).Count(&n).Error
		return n, err
	}
	if n, err := due(in.db.Read(ctx)); err != nil || n == 0 {
		return err
	}
	return in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := in.db.LockRecord(tx); err != nil {
			return err
		}
		if n, err := due(tx); err != nil || n == 0 { // another node was faster
			return err
		}
		return in.alert(ctx, tx)
	})
}

// Acknowledge says that a member has seen emergencies and takes care: alerts stop.
// What was acknowledged before stays with who did. Needs auth.ReadGuarded and
// auth.Triage; NotFound emergency_not_found.
func (in *Intake) Acknowledge(ctx context.Context, a auth.Actor, suggestions ...string) error {
	for _, act := range []auth.Action{auth.ReadGuarded, auth.Triage} {
		if err := auth.Can(a, act); err != nil {
			return err
		}
	}
	return in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		n, err := in.takeCare(ctx, tx, a.By(), suggestions...)
		if err == nil && n == 0 {
			return models.Fail(models.NotFound, "emergency_not_found")
		}
		return err
	})
}

// takeCare stops the alerts of those emergencies among the suggestions that nobody
// took care of before, inside the Write that says who does now: whoever answers the
// person or hands them over has seen it. It returns how many are emergencies.
func (in *Intake) takeCare(ctx context.Context, tx *gorm.DB, by models.By, suggestions ...string) (int, error) {
	if err := in.db.LockRecord(tx); err != nil {
		return 0, err
	}
	var rows []models.Emergency
	if err := tx.Order("suggestion_id").Find(&rows, "suggestion_id IN ?", suggestions).Error; err != nil {
		return 0, fmt.Errorf("acknowledge: %w", err)
	}
	var acts []*models.Activity
	for i := range rows {
		e := &rows[i]
		if e.AcknowledgedAt != nil {
			continue
		}
		e.AcknowledgedAt, e.AcknowledgedBy, e.AcknowledgedName, e.AlertAt = new(in.db.Now()), by.ID, by.Name, nil
		if err := tx.Select("AcknowledgedAt", "AcknowledgedBy", "AcknowledgedName", "AlertAt").Updates(e).Error; err != nil {
			return 0, fmt.Errorf("acknowledge: %w", err)
		}
		acts = append(acts, &models.Activity{Verb: models.EmergencyAnswered, SuggestionID: e.SuggestionID})
	}
	return len(rows), in.db.Record(ctx, tx, by, acts...)
}

// answeredAlarm is takeCare for a member's step or reply; most suggestions are no
// emergency, and those hold nothing.
func (in *Intake) answeredAlarm(ctx context.Context, tx *gorm.DB, a auth.Actor, s string) error {
	if a.Kind != models.ActorMember || a.TokenID != "" { // a program's reply is no eye on it
		return nil
	}
	var n int64
	if err := tx.Model(&models.Emergency{}).Where("suggestion_id = ? AND acknowledged_at IS NULL", s).Count(&n).Error; err != nil || n == 0 {
		return err
	}
	_, err := in.takeCare(ctx, tx, a.By(), s)
	return err
}

// Alarmed is an emergency with its suggestion and what was found in it.
type Alarmed struct {
	models.Emergency
	Filed
}

// Emergencies lists those that are open (or, with all, every one), the newest
// first, at most limit, and counts the open ones. Needs auth.ReadGuarded.
func (in *Intake) Emergencies(ctx context.Context, a auth.Actor, all bool, limit int) (rows []Alarmed, open int64, err error) {
	if err := auth.Can(a, auth.ReadGuarded); err != nil {
		return nil, 0, err
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	if err := in.openAlarms(in.db.Read(ctx)).Count(&open).Error; err != nil {
		return nil, 0, fmt.Errorf("count emergencies: %w", err)
	}
	q := in.openAlarms(in.db.Read(ctx))
	if all {
		q = in.db.Read(ctx).Model(&models.Emergency{})
	}
	var es []models.Emergency
	if err := q.Order("created_at DESC, suggestion_id DESC").Limit(limit).Find(&es).Error; err != nil {
		return nil, 0, fmt.Errorf("list emergencies: %w", err)
	}
	ids := make([]string, len(es))
	for i, e := range es {
		ids[i] = e.SuggestionID
	}
	var ss []models.Suggestion
	if len(ids) > 0 {
		if err := in.db.Read(ctx).Find(&ss, "id IN ?", ids).Error; err != nil {
			return nil, 0, fmt.Errorf("list emergencies: %w", err)
		}
	}
	filed, err := in.Complete(ctx, a, ss)
	if err != nil {
		return nil, 0, err
	}
	byID := map[string]Filed{}
	for _, f := range filed {
		byID[f.Suggestion.ID] = f
	}
	for _, e := range es {
		rows = append(rows, Alarmed{e, byID[e.SuggestionID]})
	}
	return rows, open, nil
}

// OpenEmergencies counts what nobody has acknowledged, 0 for who may not know.
func (in *Intake) OpenEmergencies(ctx context.Context, a auth.Actor) (n int64, err error) {
	if auth.Can(a, auth.ReadGuarded) != nil {
		return 0, nil
	}
	err = in.openAlarms(in.db.Read(ctx)).Count(&n).Error
	return n, err
}

// guarded leaves out of a list what the actor may not know of.
func guarded(a auth.Actor, q *gorm.DB) *gorm.DB {
	if auth.Can(a, auth.ReadGuarded) != nil {
		return q.Where("confidential = FALSE")
	}
	return q
}
