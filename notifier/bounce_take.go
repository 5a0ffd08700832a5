package notifier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Why a report led to what it did. Each has words in both languages.
const (
	bounceNoMailbox    = "no_mailbox"       // hard: suppressed for a while
	bounceTrialFailed  = "trial_failed"     // hard again, when it was tried: longer
	bounceForGood      = "for_good"         // hard once more: for good
	bounceFiveSoft     = "five_soft"        // the fifth soft bounce in 14 days
	bounceSoft         = "soft"             // counted
	bounceAlready      = "already"          // the address gets no mail as it is
	bouncePolicy       = "policy"           // about us or our mail, not about the address
	bounceNotFinal     = "not_final"        // delayed, relayed, delivered
	bounceRepeated     = "repeated"         // reported before
	bounceComplaint    = "complaint"        // the reader called it spam
	bounceNotSpam      = "not_spam"         // the reader took that back, or means another thing
	bounceNoProof      = "no_proof"         // nothing shows that it is about a mail of ours
	bounceWrongProof   = "wrong_proof"      // a mark that Heed did not write: forged
	bounceUnknown      = "unknown_delivery" // marked by us, but no such mail is kept
	bounceNeverSent    = "never_sent"       // of a mail that was not handed to the relay
	bounceOtherAddress = "other_address"    // of a mail of ours that went to another address
	bounceAutoReply    = "auto_reply"       // a machine's answer
	bounceLetter       = "letter"           // a person wrote to the bounce address
	bounceUnreadable   = "unreadable"
	bounceNoRecipient  = "no_recipient" // a status notification without a recipient
)

const (
	softLimit  = 5
	softWindow = 14 * 24 * time.Hour
	keepBounce = 180 * 24 * time.Hour
)

// ReceiveBounce takes a report that a mail server hands over by HTTP: the raw message,
// and whom its envelope was for ("" when the server does not say). Errors:
// Unauthenticated bounce_secret when the secret is not the configured one, or none is;
// Invalid body_required.
func (n *Notifier) ReceiveBounce(ctx context.Context, secret, envelopeTo string, raw []byte) (models.BounceReport, error) {
	if n.o.BounceSecret == "" || !equalMarks(secret, n.o.BounceSecret) {
		return models.BounceReport{}, models.Fail(models.Unauthenticated, "bounce_secret")
	}
	if len(raw) == 0 {
		return models.BounceReport{}, models.BadField("body", "body_required")
	}
	return n.TakeBounce(ctx, models.BounceByHook, envelopeTo, raw)
}

// TakeBounce reads a report, decides what follows, and writes both down together. The same
// message again changes nothing and returns the first row. What a report says counts only
// where it is shown to be about a mail of ours; the address is always the one
// that our mail went to, never one that the report names.
func (n *Notifier) TakeBounce(ctx context.Context, via, envelopeTo string, raw []byte) (models.BounceReport, error) {
	sum := sha256.Sum256(raw)
	row := models.BounceReport{ID: models.NewID(models.PrefixBounce), Hash: hex.EncodeToString(sum[:]), Via: via}
	r, unreadable := parseReport(raw)
	r.envelopes = append(r.envelopes, addressesIn(envelopeTo)...)
	row.Kind = r.kind
	err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		// One at a time: two reports about one address must see each other.
		if err := n.db.Lock(tx, "bounces"); err != nil {
			return err
		}
		var before models.BounceReport
		if res := tx.Limit(1).Find(&before, "hash = ?", row.Hash); res.Error != nil || res.RowsAffected > 0 {
			row = before
			return res.Error
		}
		j := judging{n: n, tx: tx, r: r, row: &row, now: n.db.Now()}
		row.CreatedAt = j.now
		if unreadable != nil {
			j.say(models.BounceIgnored, bounceUnreadable)
		} else if err := j.judge(); err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	return row, wrapLedger("take a bounce", err)
}

// judging decides on one report, inside its transaction.
type judging struct {
	n   *Notifier
	tx  *gorm.DB
	r   report
	row *models.BounceReport
	d   models.Delivery
	now time.Time
}

func (j *judging) say(outcome, reason string) { j.row.Outcome, j.row.Reason = outcome, reason }

func (j *judging) judge() error {
	if j.r.kind == models.BounceKindOther {
		j.say(models.BounceIgnored, bounceLetter)
		if j.r.automatic {
			j.say(models.BounceIgnored, bounceAutoReply)
		}
		return nil
	}
	for _, x := range j.r.recipients { // what it claims, until it is proven
		if len(x.addresses) > 0 && j.row.Address == "" {
			j.row.Address = x.addresses[0]
		}
	}
	if j.r.kind == models.BounceKindComplaint {
		j.row.Status = j.r.feedback
	}
	proven, err := j.prove()
	if err != nil || !proven {
		if x, ok := j.recipient(); ok && err == nil {
			j.describe(x)
		}
		return err
	}
	j.row.DeliveryID, j.row.Address = j.d.ID, j.d.Address
	if j.r.kind == models.BounceKindComplaint {
		return j.complaint()
	}
	return j.bounce()
}

// prove finds the mail of ours that the report is about. By its mark where there is one;
// without a bounce address, and for complaints, which come from a provider and not to
// the envelope's sender, by a Message-ID that only the reader's side can know, if the
// mail went to the address that the report names.
func (j *judging) prove() (bool, error) {
	var id string
	wrong := false
	for _, e := range j.r.envelopes {
		delivery, marked := j.n.readMark(e)
		if delivery != "" {
			id = delivery
			break
		}
		wrong = wrong || marked
	}
	byMessage := false
	var where string
	switch {
	case id != "":
		where = id
	case wrong:
		j.say(models.BounceRefused, bounceWrongProof)
		return false, nil
	case len(j.r.messageIDs) > 0 && (!j.n.bounces.isSet() || j.r.kind == models.BounceKindComplaint):
		where, byMessage = j.r.messageIDs[0], true
	default:
		j.say(models.BounceRefused, bounceNoProof)
		return false, nil
	}
	column := "id"
	if byMessage {
		column = "message_id"
	}
	res := j.tx.Limit(1).Find(&j.d, column+" = ?", where)
	if res.Error != nil {
		return false, res.Error
	}
	switch {
	case res.RowsAffected == 0 && byMessage:
		j.say(models.BounceRefused, bounceNoProof)
	case res.RowsAffected == 0:
		j.say(models.BounceRefused, bounceUnknown)
	case j.d.SentAt == nil && j.d.Attempts == 0 && j.d.State != models.DeliverySending:
		j.say(models.BounceRefused, bounceNeverSent)
	case byMessage && !j.names(j.d.Address):
		j.say(models.BounceRefused, bounceOtherAddress)
	default:
		return true, nil
	}
	j.d = models.Delivery{}
	return false, nil
}

// names reports whether the report is about that address.
func (j *judging) names(address string) bool {
	return slices.ContainsFunc(j.r.recipients, func(x reportedRecipient) bool {
		return slices.ContainsFunc(x.addresses, func(a string) bool { return sameAddress(a, address) })
	})
}

// sameAddress compares as servers report: the case of letters and how a domain is
// written do not count.
func sameAddress(a, b string) bool {
	la, da, erra := splitAddress(strings.ToLower(a))
	lb, db, errb := splitAddress(strings.ToLower(b))
	return erra == nil && errb == nil && la == lb && da == db
}

func (j *judging) complaint() error {
	if j.r.feedback == "not-spam" || j.r.feedback == "auth-failure" {
		j.say(models.BounceNoted, bounceNotSpam)
		return nil
	}
	j.say(models.BounceUnsubscribed, bounceComplaint)
	return j.tx.Exec(`INSERT INTO suppressions (address, scope, reason, until, created_at) VALUES (?, ?, ?, NULL, ?)
		ON CONFLICT (address, scope) DO UPDATE SET reason = excluded.reason, until = NULL`,
		j.d.Address, models.ScopeFollowUps, "complaint: "+j.r.feedback, j.now).Error
}

// recipient is what the report says of our address: of the one we sent to, else of the
// first that failed – mail is forwarded.
func (j *judging) recipient() (reportedRecipient, bool) {
	rs := j.r.recipients
	for _, fits := range []func(reportedRecipient) bool{
		func(x reportedRecipient) bool {
			return slices.ContainsFunc(x.addresses, func(a string) bool { return sameAddress(a, j.d.Address) })
		},
		func(x reportedRecipient) bool { return x.action == "failed" },
		func(reportedRecipient) bool { return true },
	} {
		if i := slices.IndexFunc(rs, fits); i >= 0 {
			return rs[i], true
		}
	}
	return reportedRecipient{}, false
}

func (j *judging) describe(x reportedRecipient) {
	if j.r.kind == models.BounceKindBounce {
		j.row.Status, j.row.Diagnostic = x.status, x.diagnostic
	}
}

func (j *judging) bounce() error {
	x, ok := j.recipient()
	if !ok {
		j.say(models.BounceNoted, bounceNoRecipient)
		return nil
	}
	j.describe(x)
	if x.action != "failed" {
		j.say(models.BounceNoted, bounceNotFinal)
		return nil
	}
	var before int64
	err := j.tx.Model(&models.BounceReport{}).Where("delivery_id <> '' AND delivery_id = ? AND kind = ? AND reason <> ?", j.d.ID, models.BounceKindBounce, bounceNotFinal).Count(&before).Error
	if err != nil {
		return err
	}
	if before > 0 {
		j.say(models.BounceNoted, bounceRepeated)
		return nil
	}
	if err := j.fail(x); err != nil {
		return err
	}
	switch {
	case slices.Contains(noSuchMailbox, x.status):
		reason, err := suppress(j.tx, j.d, x.status+" "+x.diagnostic, j.now)
		j.say(models.BounceSuppressed, reason)
		if reason == bounceAlready {
			j.say(models.BounceNoted, reason)
		}
		return err
	case isSoft(x.status):
		return j.soft(x)
	}
	j.say(models.BounceNoted, bouncePolicy)
	return nil
}

// fail writes down that the mail did not arrive after all, and keeps what the relay said
// when it took it. One that was in doubt was sent, as we know now.
func (j *judging) fail(x reportedRecipient) error {
	err := j.tx.Exec(`INSERT INTO attempts (delivery_id, n, outcome, answer, created_at) SELECT id, attempts, 'sent', answer, COALESCE(sent_at, updated_at) FROM deliveries
		WHERE id = ? AND state = 'sent' ON CONFLICT DO NOTHING`, j.d.ID).Error // an earlier version wrote it down at once
	if err != nil {
		return err
	}
	answer := clip(strings.Join(strings.Fields("bounced: "+x.status+" "+x.diagnostic), " "), maxAnswerText)
	res := j.tx.Exec(`UPDATE deliveries SET state = 'failed', attempts = attempts + 1, answer = ?, sent_at = NULL, content = '', updated_at = ?
		WHERE id = ? AND state IN ('sent', 'in_doubt')`, answer, j.now, j.d.ID)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	return j.tx.Exec("INSERT INTO attempts (delivery_id, n, outcome, answer, created_at) SELECT id, attempts, 'bounced', ?, ? FROM deliveries WHERE id = ?",
		answer, j.now, j.d.ID).Error
}

// isSoft: what speaks of the mailbox, its system or the way there, and may pass. What
// speaks of policy (5.7.x), the protocol or the content is about us.
func isSoft(status string) bool {
	if len(status) < 3 {
		return false
	}
	subject := status[2]
	return (status[0] == '4' || status[0] == '5') && subject >= '1' && subject <= '4'
}

// soft counts: five mails that bounced softly within two weeks suppress the address.
func (j *judging) soft(x reportedRecipient) error {
	j.say(models.BounceCounted, bounceSoft)
	var others int64
	err := j.tx.Model(&models.BounceReport{}).Where("address = ? AND outcome = ? AND created_at > ?", j.d.Address, models.BounceCounted, j.now.Add(-softWindow)).Count(&others).Error
	if err != nil || others+1 < softLimit {
		return err
	}
	reason, err := suppress(j.tx, j.d, "soft: "+x.status+" "+x.diagnostic, j.now)
	if j.say(models.BounceSuppressed, bounceFiveSoft); reason == bounceAlready {
		j.say(models.BounceNoted, reason)
	}
	return err
}

// forgetBounces removes reports that are half a year old.
func (n *Notifier) forgetBounces(ctx context.Context) error {
	err := n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Delete(&models.BounceReport{}, "created_at < ?", n.db.Now().Add(-keepBounce)).Error
	})
	return wrapLedger("forget bounces", err)
}
