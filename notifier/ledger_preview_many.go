package notifier

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// PreviewOf counts who would hear of something of a kind about these themes, each
// person once: text is what they would read, and those who find it or a theme's title
// in another language than theirs are counted as lacking it. Needs auth.Announce.
func (n *Notifier) PreviewOf(ctx context.Context, a auth.Actor, kind Kind, themes []models.Theme, text models.Text, notify bool) (Preview, error) {
	p := Preview{ByLocale: map[string]int{}, CountedAt: n.db.Now()}
	if err := auth.Can(a, auth.Announce); err != nil {
		return p, err
	}
	ids, lacks := []string{}, map[string][]string{"en": {""}, "zh": {""}}
	for _, th := range themes {
		ids = append(ids, th.ID)
		for locale := range lacks {
			if th.PublicTitle.Lacks(locale) {
				lacks[locale] = append(lacks[locale], th.ID)
			}
		}
	}
	if len(ids) == 0 {
		return p, nil
	}
	var rows []struct {
		Skip, Locale     string
		LacksEn, LacksZh int
		N                int
	}
	err := n.db.Read(ctx).Raw(`SELECT skip, locale, lacks_en, lacks_zh, COUNT(*) AS n FROM (
			SELECT CASE WHEN v.muted > 0 THEN 'muted' ELSE `+skipOf()+` END AS skip, v.locale, v.lacks_en, v.lacks_zh FROM (
				SELECT b.person_id, MAX(p.locale) AS locale, MAX(CASE WHEN b.theme_id IN @en THEN 1 ELSE 0 END) AS lacks_en, MAX(CASE WHEN b.theme_id IN @zh THEN 1 ELSE 0 END) AS lacks_zh,
					MIN(CASE WHEN EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = b.person_id AND q.theme_id = b.theme_id) THEN 1 ELSE 0 END) AS muted
				FROM votes b JOIN people p ON p.id = b.person_id WHERE b.theme_id IN @themes GROUP BY b.person_id) v
		) audience GROUP BY skip, locale, lacks_en, lacks_zh`,
		map[string]any{"themes": ids, "theme": "", "en": lacks["en"], "zh": lacks["zh"], "kind": string(kind), "now": n.db.Now()}).Scan(&rows).Error
	if err != nil {
		return p, fmt.Errorf("preview: %w", err)
	}
	skipped := map[string]int{}
	for _, r := range rows {
		p.People += r.N
		if !notify {
			r.Skip = SkipQuiet
		}
		if r.Skip != "" {
			skipped[r.Skip] += r.N
			continue
		}
		locale := n.localeOf(r.Locale)
		p.Mails += r.N
		p.ByLocale[string(locale)] += r.N
		if text.Lacks(string(locale)) || locale == i18n.EN && r.LacksEn > 0 || locale == i18n.ZH && r.LacksZh > 0 {
			p.LackingLanguage += r.N
		}
	}
	for reason, count := range skipped {
		p.Skipped = append(p.Skipped, Skip{reason, count})
	}
	slices.SortFunc(p.Skipped, func(a, b Skip) int { return cmp.Compare(a.Reason, b.Reason) })
	return p, nil
}
