package issuesync

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

// Delivery is a webhook as it arrived: the headers X-GitHub-Delivery,
// X-GitHub-Event and X-Hub-Signature-256, and the body, of at most 25 MB (the
// caller sees to it).
type Delivery struct {
	GUID         string
	Event        string
	Signature256 string
	Body         []byte
}

// Outcome is what became of a delivery. All of them are a success to GitHub.
type Outcome string

// The outcomes.
const (
	Queued     Outcome = "queued"     // a link's issue will be read
	Ignored    Outcome = "ignored"    // nothing of ours, or an event not known yet
	Duplicate  Outcome = "duplicate"  // this delivery came before
	Unreadable Outcome = "unreadable" // well signed, but not what an event looks like
)

// hint is all that is read of a payload: where to look. go-github's parser
// refuses some payloads that GitHub sends.
type hint struct {
	Action string `json:"action"`
	Issue  struct {
		Number int `json:"number"`
	} `json:"issue"`
	Repository struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// Receive takes a webhook. It believes nothing of the payload but where to
// look, so late, doubled and reordered deliveries do no harm. Errors:
// Unauthenticated for a wrong or missing signature, Invalid without a GUID.
func (s *Sync) Receive(ctx context.Context, d Delivery) (Outcome, error) {
	if !s.signed(d) {
		return "", models.Fail(models.Unauthenticated, "webhook_signature")
	}
	if d.GUID == "" {
		return "", models.BadField("X-GitHub-Delivery", "webhook_guid_required")
	}
	var h hint
	unreadable := json.Unmarshal(d.Body, &h) != nil
	sum := sha256.Sum256(d.Body)
	var out Outcome
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		row := models.HookDelivery{GUID: clip(d.GUID, 100), Event: clip(d.Event, 100), Action: clip(h.Action, 100), Repository: clip(h.Repository.FullName, 200),
			Number: h.Issue.Number, BodyHash: hex.EncodeToString(sum[:]), ReceivedAt: s.db.Now()}
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if out = Duplicate; res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		var err error
		if out = Unreadable; !unreadable {
			if out, err = s.enqueuePulls(ctx, tx, d.Event, h); err != nil {
				return err
			}
		}
		return tx.Model(&row).Update("outcome", string(out)).Error
	})
	if err != nil {
		return "", fmt.Errorf("receive webhook: %w", err)
	}
	return out, nil
}

// signed checks the signature in constant time.
func (s *Sync) signed(d Delivery) bool {
	if s.opts.WebhookSecret == "" {
		return false
	}
	return hmac.Equal([]byte("sha256="+signature(s.opts.WebhookSecret, d.Body)), []byte(d.Signature256))
}

func signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// enqueuePulls lets the links of the issue be read, whatever happened to it.
func (s *Sync) enqueuePulls(ctx context.Context, tx *gorm.DB, event string, h hint) (Outcome, error) {
	if h.Issue.Number == 0 || h.Repository.ID == 0 {
		return Ignored, nil
	}
	switch {
	case event == "issues":
		return s.enqueueFor(ctx, tx, h.Repository.ID, h.Issue.Number, PullJob)
	case event == "issue_comment" && s.commentsIn():
		return s.enqueueFor(ctx, tx, h.Repository.ID, h.Issue.Number, OverhearJob)
	}
	return Ignored, nil
}

func (s *Sync) enqueueFor(ctx context.Context, tx *gorm.DB, repositoryID int64, number int, kind string) (Outcome, error) {
	var ids []string
	err := tx.Model(&models.IssueLink{}).Where("repository_id = ? AND number = ? AND state IN ?", repositoryID, number,
		[]models.LinkState{models.LinkLinked, models.LinkGone}).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return Ignored, err
	}
	for _, id := range ids {
		if err := s.queue.Enqueue(ctx, kind, id, "", s.db.Now()); err != nil {
			return "", err
		}
	}
	return Queued, nil
}
