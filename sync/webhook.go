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
	PullRequest struct {
		Number int `json:"number"`
	} `json:"pull_request"`
	Milestone struct {
		Number int `json:"number"`
	} `json:"milestone"`
	Repository struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// Receive takes a webhook. It believes nothing of the payload but where to
// look, so late, doubled and reordered deliveries do no harm. Errors:
// Unauthenticated for a wrong or missing signature, Invalid without a GUID.
func (s *Sync) Receive(ctx context.Context, d Delivery) (Outcome, error) {
	s = s.now()
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
	err := s.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		now := s.db.Now()
		row := models.HookDelivery{GUID: clip(d.GUID, 100), Event: clip(d.Event, 100), Action: clip(h.Action, 100), Repository: clip(h.Repository.FullName, 200),
			RepositoryID: h.Repository.ID, Number: h.Issue.Number, BodyHash: hex.EncodeToString(sum[:]), ReceivedAt: now}
		if out = Unreadable; !unreadable {
			if out, err = s.concerns(ctx, tx, h, &row); err != nil {
				return err
			}
		}
		waits := out == Queued && s.hintOf(d.Event) != ""
		if row.Outcome = string(out); !waits {
			row.TakenAt = &now
		}
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			out = Duplicate
		} else if waits {
			s.db.AfterCommit(ctx, s.hooked)
		}
		return nil
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

// hintOf is the job that a webhook asks for, "" for none. Whatever happened to an issue, it is
// read.
func (s *Sync) hintOf(event string) string {
	switch event {
	case "issues":
		return PullJob
	case "issue_comment":
		return OverhearJob
	}
	return ""
}

// concerns says whether a webhook is about something of ours. Those about issues wait to be
// acted upon together; others have their jobs at once, which a doubled one only asks for again.
func (s *Sync) concerns(ctx context.Context, tx *gorm.DB, h hint, d *models.HookDelivery) (Outcome, error) {
	switch {
	case d.RepositoryID == 0:
		return Ignored, nil
	case d.Event == "milestone":
		return s.enqueueMilestone(ctx, tx, h)
	case d.Event == "pull_request":
		return s.enqueueMerged(ctx, h)
	case d.Event == "release":
		return s.hintOfRelease(ctx, tx, h)
	case d.Event == "repository", d.Event == "public":
		return s.lookBefore(ctx, tx, d.RepositoryID)
	case d.Number == 0 || s.hintOf(d.Event) == "":
		return Ignored, nil
	}
	if d.Event == "issue_comment" && !s.commentsIn() {
		n, err := duplicatesAt(tx, d.RepositoryID, d.Number)
		if err != nil || n == 0 {
			return Ignored, err
		}
		return Queued, nil
	}
	ids, err := linksAt(tx, d.RepositoryID, d.Number)
	if err != nil || len(ids) == 0 {
		return Ignored, err
	}
	return Queued, nil
}

// linksAt are the links of an issue, by its number.
func linksAt(tx *gorm.DB, repositoryID int64, number int) (ids []string, err error) {
	err = tx.Model(&models.IssueLink{}).Where("repository_id = ? AND number = ? AND state IN ?", repositoryID, number,
		[]models.LinkState{models.LinkLinked, models.LinkGone}).Pluck("id", &ids).Error
	return ids, err
}

// enqueueFor lets the links of an issue have a job.
func (s *Sync) enqueueFor(ctx context.Context, tx *gorm.DB, repositoryID int64, number int, kind string) error {
	ids, err := linksAt(tx, repositoryID, number)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.queue.Enqueue(ctx, kind, id, "", s.db.Now()); err != nil {
			return err
		}
	}
	return nil
}
