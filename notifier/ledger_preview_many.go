package notifier

import (
	"context"
	"fmt"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// PreviewOf counts who would hear of something of a kind about these themes, each
// person once: text is what they would read, and those who find it or a theme's title
// in another language than theirs are counted as lacking it. Needs auth.Announce.
func (n *Notifier) PreviewOf(ctx context.Context, a auth.Actor, kind Kind, themes []models.Theme, text models.Text, notify bool) (Preview, error) {
	t := n.tally(notify)
	if err := auth.Can(a, auth.Announce); err != nil {
		return t.Preview, err
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
		return t.Preview, nil
	}
	ways, err := n.ways(ctx)
	if err != nil {
		return t.Preview, err
	}
	args := map[string]any{"themes": ids, "theme": "", "went": "", "en": lacks["en"], "zh": lacks["zh"], "kind": string(kind), "now": n.db.Now(), "ways": ways}
	err = n.inParts(ctx, ids, args, func(part string) error {
		var rows []struct {
			Skip, Locale     string
			LacksEn, LacksZh int
			N                int
		}
		err := n.db.Read(ctx).Raw(`SELECT `+wayOf("skip")+` AS skip, locale, lacks_en, lacks_zh, COUNT(*) AS n FROM (
				SELECT CASE WHEN v.muted > 0 THEN 'muted' ELSE `+skipOf()+` END AS skip, v.locale, v.lacks_en, v.lacks_zh, v.person_id FROM (
					SELECT b.person_id, MAX(p.locale) AS locale, MAX(CASE WHEN b.theme_id IN @en THEN 1 ELSE 0 END) AS lacks_en, MAX(CASE WHEN b.theme_id IN @zh THEN 1 ELSE 0 END) AS lacks_zh,
						MIN(CASE WHEN EXISTS (SELECT 1 FROM theme_mutes q WHERE q.person_id = b.person_id AND q.theme_id = b.theme_id) THEN 1 ELSE 0 END) AS muted
					FROM votes b JOIN people p ON p.id = b.person_id WHERE b.theme_id IN @themes AND `+part+` GROUP BY b.person_id) v
			) v GROUP BY 1, locale, lacks_en, lacks_zh`, args).Scan(&rows).Error
		for _, r := range rows {
			t.add(r.N, r.Skip, r.Locale, func(locale string) bool {
				return text.Lacks(locale) || locale == string(i18n.EN) && r.LacksEn > 0 || locale == string(i18n.ZH) && r.LacksZh > 0
			})
		}
		return err
	})
	if err != nil {
		return t.Preview, fmt.Errorf("preview: %w", err)
	}
	receipts, err := n.receipts(ctx, ids...)
	t.Receipts = receipts
	return t.done(), err
}
