package people

import (
	"context"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// SegmentRow is a segment with how many people are in it. Listed is false for one
// that people came in with and nobody gave a weight: it weighs 1.
type SegmentRow struct {
	Name   string
	Weight float64
	Rev    int64
	People int
	Listed bool
}

// Segments lists the segments by name, those that only people name too. Needs
// auth.ReadPeople.
func (p *People) Segments(ctx context.Context, a auth.Actor) ([]SegmentRow, error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, err
	}
	out := []SegmentRow{}
	err := p.db.Read(ctx).Raw(`SELECT n.name, COALESCE(s.weight, 1) AS weight, COALESCE(s.rev, 0) AS rev, s.name IS NOT NULL AS listed, SUM(n.people) AS people FROM (
			SELECT segment AS name, COUNT(*) AS people FROM people WHERE segment <> '' AND merged_into = '' GROUP BY segment
			UNION ALL SELECT name, 0 FROM segments) n
		LEFT JOIN segments s ON s.name = n.name GROUP BY n.name, s.name, s.weight, s.rev ORDER BY n.name LIMIT 1000`).Scan(&out).Error
	return out, wrap("list segments", err)
}

// SetSegment gives a segment a weight, making it where there is none. rev, where
// not 0, is the revision that was seen. Needs auth.EditAccounts. Errors: Conflict
// segment_changed; Invalid on name, weight.
func (p *People) SetSegment(ctx context.Context, a auth.Actor, name string, weight float64, rev int64) (s models.Segment, err error) {
	if err := auth.Can(a, auth.EditAccounts); err != nil {
		return s, err
	}
	if name, err = p.line("name", name, MaxSegment); err != nil {
		return s, err
	}
	if name == "" {
		return s, models.BadField("name", "required")
	}
	if err := isWeight(weight); err != nil {
		return s, err
	}
	err = p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		s = models.Segment{}
		if err := p.db.Hold(tx).Limit(1).Find(&s, "name = ?", name).Error; err != nil {
			return err
		}
		if rev != 0 && rev != s.Rev {
			return models.Fail(models.Conflict, "segment_changed")
		}
		now := p.db.Now()
		err := tx.Raw(`INSERT INTO segments (name, weight, rev, created_at, updated_at) VALUES (@name, @weight, 1, @now, @now)
			ON CONFLICT (name) DO UPDATE SET weight = excluded.weight, rev = segments.rev + 1, updated_at = excluded.updated_at RETURNING *`,
			map[string]any{"name": name, "weight": weight, "now": now}).Scan(&s).Error
		if err != nil {
			return err
		}
		return p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.SegmentEdited, Snapshot: models.Change{Title: name}.Encode()})
	})
	return s, wrap("set segment", err)
}

// DeleteSegment removes a segment that nobody is in any more. Needs
// auth.EditAccounts. Errors: NotFound segment_not_found, Conflict segment_in_use.
func (p *People) DeleteSegment(ctx context.Context, a auth.Actor, name string) error {
	if err := auth.Can(a, auth.EditAccounts); err != nil {
		return err
	}
	err := p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&models.Person{}).Where("segment = ? AND segment <> '' AND merged_into = ''", name).Count(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return models.Fail(models.Conflict, "segment_in_use", int(n))
		}
		res := tx.Delete(&models.Segment{}, "name = ?", name)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return models.Fail(models.NotFound, "segment_not_found")
		}
		return p.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.SegmentEdited, Snapshot: models.Change{Title: name, Action: "deleted"}.Encode()})
	})
	return wrap("delete segment", err)
}
