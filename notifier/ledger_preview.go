package notifier

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

const (
	countedAtOnce = 5000      // people who are counted while somebody waits for the answer to a change
	countedAnew   = time.Hour // how old the count of more may be
)

// Skip is how many people are not told, for one reason.
type Skip struct {
	Reason string
	Count  int
}

// Preview is who would hear of a change: People stand behind the theme, Mails
// of them get one, ByLocale in these languages; LackingLanguage of those find
// the title or the reason in another language than theirs. CountedAt is when they
// were counted.
type Preview struct {
	People          int
	Mails           int
	Skipped         []Skip
	ByLocale        map[string]int
	LackingLanguage int
	CountedAt       time.Time
}

// Preview counts who would hear of a status with this reason, one by one. Like the
// announcement it precedes, it needs auth.Announce. NotFound theme_not_found.
func (n *Notifier) Preview(ctx context.Context, a auth.Actor, themeID string, reason models.Text, notify bool) (Preview, error) {
	return n.preview(ctx, a, KindStatus, themeID, reason, notify, n.count)
}

// Estimate is Preview for who does not want to wait: where very many follow a theme
// they stand as they were last counted, within the hour.
func (n *Notifier) Estimate(ctx context.Context, a auth.Actor, themeID string, reason models.Text, notify bool) (Preview, error) {
	return n.preview(ctx, a, KindStatus, themeID, reason, notify, n.lastCount)
}

// EstimateOf is Estimate of something of another kind; those who are very many stand as
// they were last counted for a status.
func (n *Notifier) EstimateOf(ctx context.Context, a auth.Actor, kind Kind, themeID string, text models.Text, notify bool) (Preview, error) {
	return n.preview(ctx, a, kind, themeID, text, notify, n.lastCount)
}

type counting func(context.Context, Kind, models.Theme) ([]models.Audience, error)

func (n *Notifier) preview(ctx context.Context, a auth.Actor, kind Kind, themeID string, text models.Text, notify bool, count counting) (Preview, error) {
	t := n.tally(notify)
	if err := auth.Can(a, auth.Announce); err != nil {
		return t.Preview, err
	}
	var th models.Theme
	err := n.db.Read(ctx).Select("id", "public_title", "people_count").First(&th, "id = ?", themeID).Error
	if models.IsNotFound(err) {
		return t.Preview, models.Fail(models.NotFound, "theme_not_found")
	}
	if err != nil {
		return t.Preview, fmt.Errorf("preview: %w", err)
	}
	rows, err := count(ctx, kind, th)
	if err != nil {
		return t.Preview, fmt.Errorf("preview: %w", err)
	}
	for _, r := range rows {
		t.CountedAt = r.CountedAt
		t.add(r.People, r.SkipReason, r.Locale, func(locale string) bool { return text.Lacks(locale) || th.PublicTitle.Lacks(locale) })
	}
	return t.done(), nil
}

// tally adds a preview up.
type tally struct {
	Preview
	n       *Notifier
	notify  bool
	skipped map[string]int
}

func (n *Notifier) tally(notify bool) *tally {
	return &tally{Preview: Preview{ByLocale: map[string]int{}, CountedAt: n.db.Now()}, n: n, notify: notify, skipped: map[string]int{}}
}

// add adds people who are alike: why they are not told ("": they are), what they read, and
// whether they lack a text in it.
func (t *tally) add(people int, skip, stored string, lacks func(locale string) bool) {
	t.People += people
	if !t.notify {
		skip = SkipQuiet
	}
	if skip != "" {
		t.skipped[skip] += people
		return
	}
	locale := string(t.n.localeOf(stored))
	t.Mails += people
	t.ByLocale[locale] += people
	if lacks(locale) {
		t.LackingLanguage += people
	}
}

func (t *tally) done() Preview {
	for reason, count := range t.skipped {
		t.Skipped = append(t.Skipped, Skip{reason, count})
	}
	slices.SortFunc(t.Skipped, func(a, b Skip) int { return cmp.Compare(a.Reason, b.Reason) })
	return t.Preview
}

// count counts everybody behind a theme, and remembers it where they are many and it is
// of a status.
func (n *Notifier) count(ctx context.Context, kind Kind, th models.Theme) ([]models.Audience, error) {
	now := n.db.Now()
	var rows []models.Audience
	err := n.db.Read(ctx).Raw(`SELECT @theme AS theme_id, locale, skip_reason, COUNT(*) AS people FROM (
			SELECT `+skipOf()+` AS skip_reason, p.locale AS locale FROM votes v JOIN people p ON p.id = v.person_id WHERE v.theme_id = @theme
		) audience GROUP BY skip_reason, locale`, map[string]any{"theme": th.ID, "went": "", "kind": string(kind), "now": now}).Scan(&rows).Error
	for i := range rows {
		rows[i].CountedAt = now
	}
	if err != nil || th.PeopleCount <= countedAtOnce || kind != KindStatus {
		return rows, err
	}
	return rows, n.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := n.db.Lock(tx, "audience:"+th.ID); err != nil {
			return err
		}
		if err := tx.Delete(&models.Audience{}, "theme_id = ?", th.ID).Error; err != nil {
			return err
		}
		return tx.Create(&rows).Error
	})
}

// lastCount is the remembered count of those who are many.
func (n *Notifier) lastCount(ctx context.Context, kind Kind, th models.Theme) ([]models.Audience, error) {
	var rows []models.Audience
	if th.PeopleCount > countedAtOnce {
		if err := n.db.Read(ctx).Find(&rows, "theme_id = ?", th.ID).Error; err != nil || len(rows) > 0 {
			return rows, err
		}
		kind = KindStatus // to be remembered
	}
	return n.count(ctx, kind, th)
}

// recount counts one of the large audiences anew whose count is old.
func (n *Notifier) recount(ctx context.Context) error {
	var ths []models.Theme
	err := n.db.Read(ctx).Raw(`SELECT t.id, t.people_count FROM themes t WHERE t.people_count > ? AND t.merged_into = '' AND t.gone_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM audiences c WHERE c.theme_id = t.id AND c.counted_at > ?) ORDER BY t.people_count DESC LIMIT 1`,
		countedAtOnce, n.db.Now().Add(-countedAnew)).Scan(&ths).Error
	for _, th := range ths {
		_, err = n.count(ctx, KindStatus, th)
	}
	return wrapLedger("count audiences", err)
}
