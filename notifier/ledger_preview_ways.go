package notifier

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// byReceipt stands in a count for suggestions of nobody in particular, and throughWay
// before the name of the channel through whose webhook people are told.
const (
	byReceipt  = "receipt"
	throughWay = SkipChannel + ":"
)

// maxReceipts bounds how many suggestions of nobody in particular are counted.
const maxReceipts = 10000

// ways are the channels with an endpoint that is on; never empty, for SQL's sake.
func (n *Notifier) ways(ctx context.Context) ([]string, error) {
	if n.o.Webhooks == nil {
		return []string{""}, nil
	}
	es, err := n.o.Webhooks.Channels(ctx)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return append(slices.Sorted(maps.Keys(es)), ""), nil
}

// wayOf is the SQL for how a person (v) who has no address for mail is told: through
// the first of @ways where they are known, as speakOnChannels goes, or by hand.
func wayOf(skip string) string {
	return `CASE WHEN ` + skip + ` = 'no_channel' THEN COALESCE((SELECT '` + throughWay + `' || MIN(a.channel) FROM addresses a WHERE a.person_id = v.person_id AND a.channel IN @ways), 'no_channel') ELSE ` + skip + ` END`
}

// receipts counts suggestions of these themes that are nobody's in particular.
func (n *Notifier) receipts(ctx context.Context, themes ...string) (count int, err error) {
	err = n.db.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id
		WHERE x.theme_id IN ? AND s.person_id = '' LIMIT ?) x`, themes, maxReceipts).Scan(&count).Error
	return count, err
}

// tally adds a preview up.
type tally struct {
	Preview
	n       *Notifier
	notify  bool
	skipped map[string]int
}

func (n *Notifier) tally(notify bool) *tally {
	return &tally{Preview: Preview{ByLocale: map[string]int{}, Channels: map[string]int{}, CountedAt: n.db.Now()}, n: n, notify: notify, skipped: map[string]int{}}
}

// add adds people who are alike: why they get no mail ("": they do), what they read, and
// whether they lack a text in it.
func (t *tally) add(people int, skip, stored string, lacks func(locale string) bool) {
	if skip == byReceipt {
		t.Receipts += people
		return
	}
	t.People += people
	channel, isWay := strings.CutPrefix(skip, throughWay)
	switch {
	case !t.notify:
		skip = SkipQuiet
	case isWay:
		t.Channels[channel] += people
		skip = SkipChannel
	case skip == SkipNoChannel:
		t.ByHand += people
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
