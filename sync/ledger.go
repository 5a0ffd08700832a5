package issuesync

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// LedgerFilter narrows the ledger. Which is "" for all, "open" (planned, sent or failed),
// "failed" or "conflict". Cursor is the next of an earlier answer.
type LedgerFilter struct {
	Theme, Link, Which, Cursor string
	Limit                      int // 0 is 50
}

// LedgerRow is a field that was brought to the other side, or is to be, with its issue.
type LedgerRow struct {
	models.IssueOp
	Repository string
	Number     int
	URL        string
}

// Ledger lists what went between themes and issues, the latest first. Errors: Invalid for
// which and cursor, and those of auth.Can.
func (s *Sync) Ledger(ctx context.Context, a auth.Actor, f LedgerFilter) (rows []LedgerRow, next string, err error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.Cursor != "" && !models.IsID(models.PrefixIssueOp, f.Cursor) {
		return nil, "", models.BadField("cursor", "cursor_unreadable")
	}
	q := s.db.Read(ctx).Table("issue_ops o").Select("o.*, COALESCE(l.repository, '') AS repository, COALESCE(l.number, 0) AS number, COALESCE(l.url, '') AS url").
		Joins("LEFT JOIN issue_links l ON l.id = o.link_id").Order("o.id DESC").Limit(f.Limit + 1)
	switch f.Which {
	case "":
	case "open":
		q = q.Where("o.done_at IS NULL")
	case "failed":
		q = q.Where("o.state = ?", models.OpFailed)
	case "conflict":
		q = q.Where("o.conflict = ?", true)
	default:
		return nil, "", models.BadField("which", "ledger_which", f.Which)
	}
	if f.Theme != "" { // and what went on before others were merged into it
		q = q.Where("o.theme_id IN ("+familyOf+")", f.Theme)
	}
	if f.Link != "" {
		q = q.Where("o.link_id = ?", f.Link)
	}
	if f.Cursor != "" {
		q = q.Where("o.id < ?", f.Cursor)
	}
	if err := q.Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("read the ledger: %w", err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = rows[f.Limit-1].ID
	}
	return rows, next, nil
}

// Health is how the connection to GitHub is. SilentUntil is when GitHub may be asked again,
// zero for now; Waiting counts the issues that are still to be made or written to, which will
// be so at Until, if nothing comes in between. HookAt is when the last webhook came.
type Health struct {
	Configured   bool
	SilentUntil  time.Time
	Waiting      int
	Until        time.Time
	HookAt       *time.Time
	App          *HookHealth // the App's own webhook, nil where there is no App
	Repositories []RepositoryHealth
}

// RepositoryHealth counts the links of a repository, and those that need a person.
// CheckedAt is when its changes were read last.
type RepositoryHealth struct {
	Repository string
	Linked     int
	Troubled   int
	CheckedAt  *time.Time
	LastError  string
	Trouble    string      // for ExplainNote: what keeps issues out of it
	Hook       *HookHealth `gorm:"-"` // nil until its webhook was looked at
}

// Health reads it from the database; GitHub is asked nothing.
func (s *Sync) Health(ctx context.Context, a auth.Actor) (h Health, err error) {
	s = s.now()
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return h, err
	}
	h.Configured = s.Configured()
	now, db := s.db.Now(), s.db.Read(ctx)
	until, err := s.lane.silent(ctx)
	if err != nil {
		return h, err
	}
	if until.After(now) {
		h.SilentUntil = until
	}
	err = db.Raw(`SELECT COALESCE(r.name, x.name) AS repository, x.linked, x.troubled, r.checked_at, COALESCE(r.last_error, '') AS last_error, COALESCE(r.trouble, '') AS trouble FROM (
			SELECT at, MAX(repository) AS name, COUNT(*) AS linked, SUM(CASE WHEN ` + isTroubled + ` THEN 1 ELSE 0 END) AS troubled
			FROM (SELECT *, COALESCE(NULLIF(repository_id, 0), (SELECT MAX(g.id) FROM github_repositories g WHERE LOWER(g.name) = LOWER(l.repository)), 0) AS at FROM issue_links l) y
			GROUP BY at, CASE WHEN at = 0 THEN LOWER(repository) ELSE '' END) x
		LEFT JOIN github_repositories r ON r.id = x.at ORDER BY 1, x.at`).Scan(&h.Repositories).Error
	if err != nil {
		return h, fmt.Errorf("read the connection's health: %w", err)
	}
	var hook models.HookDelivery
	if res := db.Order("received_at DESC").Limit(1).Find(&hook); res.Error != nil || res.RowsAffected == 1 {
		h.HookAt, err = &hook.ReceivedAt, res.Error
	}
	if err != nil {
		return h, err
	}
	if err := h.hooks(db, now); err != nil {
		return h, fmt.Errorf("read the webhooks' health: %w", err)
	}
	return h, s.backlog(db, &h)
}

// backlog counts what waits and says until when: a pause after each write, and so many new
// issues in an hour.
func (s *Sync) backlog(db *gorm.DB, h *Health) error {
	now := s.db.Now()
	var n struct{ Create, Edit, Hour int }
	err := db.Raw(`SELECT (SELECT COUNT(*) FROM issue_links WHERE state IN ('wanted', 'creating', 'uncertain')) AS "create",
			(SELECT COUNT(*) FROM (`+onTheWay+`) w WHERE w.link_id NOT IN (SELECT id FROM issue_links WHERE state IN ('wanted', 'creating', 'uncertain'))) AS edit,
			(SELECT COUNT(*) FROM issue_ops WHERE (field IN ('issue', 'milestone') OR field LIKE 'comment:%') AND sent_at > ?) AS hour`, now.Add(-time.Hour)).Scan(&n).Error
	if h.Waiting = n.Create + n.Edit; err != nil || h.Waiting == 0 {
		return err
	}
	h.Until = later(now, h.SilentUntil).Add(time.Duration(h.Waiting) * s.opts.Pace.WriteGap)
	if over := n.Hour + n.Create - s.lane.most; over > 0 {
		h.Until = later(h.Until, now.Add(time.Duration((over+s.lane.most-1)/s.lane.most)*time.Hour))
	}
	return nil
}
