package notifier

import (
	"context"
	"fmt"
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
// the title or the reason in another language than theirs. Of those who have no address
// for mail, Channels are told through the webhook of their channel, by its name, and
// ByHand stand on the list of those whom a member tells; both are in Skipped as well.
// Receipts counts suggestions of nobody in particular, up to 10,000, whose senders look
// the answer up; they are none of People. CountedAt is when they were counted.
type Preview struct {
	People          int
	Mails           int
	Skipped         []Skip
	Channels        map[string]int
	ByHand          int
	Receipts        int
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

// count counts everybody behind a theme, and remembers it where they are many and it is
// of a status.
func (n *Notifier) count(ctx context.Context, kind Kind, th models.Theme) ([]models.Audience, error) {
	now := n.db.Now()
	ways, err := n.ways(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := n.countBehind(ctx, th.ID, map[string]any{"theme": th.ID, "went": "", "kind": string(kind), "now": now, "ways": ways})
	if err != nil {
		return nil, err
	}
	receipts, err := n.receipts(ctx, th.ID)
	if receipts > 0 {
		rows = append(rows, models.Audience{ThemeID: th.ID, SkipReason: byReceipt, People: receipts})
	}
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
		if len(rows) == 0 { // everybody has left meanwhile
			return nil
		}
		return tx.Create(&rows).Error
	})
}

// countBehind counts who stands behind one theme, by what they would hear and in which language.
func (n *Notifier) countBehind(ctx context.Context, theme string, args map[string]any) ([]models.Audience, error) {
	type group struct{ skip, locale string }
	people := map[group]int{}
	err := n.inParts(ctx, []string{theme}, args, func(part string) error {
		var rows []models.Audience
		err := n.db.Read(ctx).Raw(`SELECT locale, skip_reason, COUNT(*) AS people FROM (
				SELECT `+wayOf("v.skip")+` AS skip_reason, v.locale FROM (
					SELECT `+skipOf()+` AS skip, p.locale AS locale, v.person_id FROM votes v JOIN people p ON p.id = v.person_id WHERE v.theme_id = @theme AND `+part+`) v
			) audience GROUP BY skip_reason, locale`, args).Scan(&rows).Error
		for _, r := range rows {
			people[group{r.SkipReason, r.Locale}] += r.People
		}
		return err
	})
	var rows []models.Audience
	for g, many := range people {
		rows = append(rows, models.Audience{ThemeID: theme, SkipReason: g.skip, Locale: g.locale, People: many})
	}
	return rows, err
}

// partSize people behind a theme are counted at a time: sorting a million by what they would
// hear takes memory that is not given back.
const partSize = 500

// inParts calls count for one part after the other of those who stand behind the themes. A part
// is a condition on person_id, of which args then has the ends.
func (n *Notifier) inParts(ctx context.Context, themes []string, args map[string]any, count func(part string) error) error {
	for from, last := "", false; !last; {
		var end string
		err := n.db.Read(ctx).Raw(`SELECT COALESCE(MIN(e), '') FROM (SELECT (SELECT v.person_id FROM votes v WHERE v.theme_id = t.id AND v.person_id > ?
			ORDER BY v.person_id LIMIT 1 OFFSET ?) AS e FROM themes t WHERE t.id IN ?) x`, from, partSize-1, themes).Scan(&end).Error
		if err != nil {
			return err
		}
		part := "person_id > @from"
		args["from"] = from
		if last = end == ""; !last {
			from, args["to"], part = end, end, part+" AND person_id <= @to"
		}
		if err := count(part); err != nil {
			return err
		}
	}
	return nil
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
