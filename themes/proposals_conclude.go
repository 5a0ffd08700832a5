package themes

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/dedup/cluster"
	"github.com/heedhq/heed/models"
)

// mostProposals is how many proposals one look makes at most, the strongest.
const mostProposals = 100

// conclude turns what a look found into proposals, withdraws those that it does
// not bear out, and forgets its steps.
func (t *Themes) conclude(ctx context.Context, v *view, p progress) error {
	all, err := t.steps(ctx, p.Run)
	if err != nil {
		return err
	}
	x := all.sides(v)
	drafts, err := t.drafts(ctx, x, all)
	if err != nil {
		return err
	}
	made := 0
	for i := range drafts {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		new, err := t.propose(ctx, &drafts[i], made < mostProposals)
		if err != nil {
			return err
		}
		if new {
			made++
		}
	}
	if err := t.withdrawUnless(ctx, drafts, x); err != nil {
		return err
	}
	slog.Info("proposals: looked at the suggestions in themes, the latest first", "suggestions", p.Seen, "most", LookedAt, "new", made)
	return t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("run = ?", p.Run).Delete(&models.ProposalStep{}).Error
	})
}

// sides groups the items that were looked at.
func (l looked) sides(v *view) *sides {
	x := &sides{of: map[string][]int{}, theme: l.Themes, han: l.Han, alike: alikeWords}
	o := cluster.Options{Least: leastWords}
	if v.reader != nil {
		x.alike, o.Least, o.Together = alikeMeant, leastMeant, togetherMeant
	}
	x.graph, x.fair = cluster.NewGraph(len(l.Items), o), cluster.NewGraph(len(l.Items), cluster.Options{})
	number := make(map[int64]int, len(l.Items))
	for i, id := range l.Items {
		number[models.Digest(id, "")] = i
		x.of[l.Themes[i]] = append(x.of[l.Themes[i]], i)
	}
	for i, near := range l.Near {
		ns := make([]cluster.Neighbour, 0, len(near))
		for _, n := range near {
			if j, ok := number[n.Item]; ok {
				ns = append(ns, cluster.Neighbour{Item: j, S: float64(n.S)})
			}
		}
		x.graph.Near(i, ns)
		for k := range ns {
			if v.reader != nil && l.Han[i] != l.Han[ns[k].Item] {
				ns[k].S *= acrossTongues
			}
		}
		x.fair.Near(i, ns)
	}
	x.groups = x.graph.Clusters()
	return x
}

// drafts are the proposals that a look would make, the strongest first of each
// kind.
func (t *Themes) drafts(ctx context.Context, x *sides, l looked) ([]models.Proposal, error) {
	out := []models.Proposal{}
	links := x.merges()
	ids := make([]string, 0, 2*len(links))
	for _, k := range links {
		ids = append(ids, k.a, k.b)
	}
	ths, err := t.byID(ctx, ids)
	if err != nil {
		return nil, err
	}
	goes := map[string]bool{}
	for _, k := range links {
		from, into := ths[k.a], ths[k.b]
		if from == nil || into == nil {
			continue
		}
		if stays(from, into) {
			from, into = into, from
		}
		if goes[from.ID] || goes[into.ID] || !mergeable(from, into) {
			continue
		}
		goes[from.ID] = true
		out = append(out, draftMerge(x, &k, from, into, l))
	}
	for _, c := range x.splits() {
		out = append(out, draftSplit(&c, l))
	}
	return out, nil
}

// stays reports whether a is the one of two themes that others go into:
// confirmed, with more suggestions, or there before.
func stays(a, b *models.Theme) bool {
	if ca, cb := a.Status == models.StatusCandidate, b.Status == models.StatusCandidate; ca != cb {
		return cb
	}
	if a.SuggestionsCount != b.SuggestionsCount {
		return a.SuggestionsCount > b.SuggestionsCount
	}
	return a.ID < b.ID
}

func (t *Themes) byID(ctx context.Context, ids []string) (map[string]*models.Theme, error) {
	out := map[string]*models.Theme{}
	for from := 0; from < len(ids); from += 500 {
		var ths []models.Theme
		if err := t.db.Read(ctx).Find(&ths, "id IN ? AND merged_into = '' AND gone_at IS NULL", ids[from:min(from+500, len(ids))]).Error; err != nil {
			return nil, fmt.Errorf("read themes: %w", err)
		}
		for i := range ths {
			out[ths[i].ID] = &ths[i]
		}
	}
	return out, nil
}

func draftMerge(x *sides, k *link, from, into *models.Theme, l looked) models.Proposal {
	items := models.ProposalItems{Of: from.SuggestionsCount, Among: into.SuggestionsCount}
	for _, b := range k.best {
		i, j := b.a, b.b
		if l.Themes[i] != from.ID {
			i, j = j, i
		}
		items.Move, items.Keep = also(items.Move, suggestionOf(l.Items[i])), also(items.Keep, suggestionOf(l.Items[j]))
	}
	for _, i := range x.of[from.ID][:min(shownSaid, len(x.of[from.ID]))] {
		items.Move = some(items.Move, suggestionOf(l.Items[i]))
	}
	for _, i := range x.of[into.ID][:min(shownSaid, len(x.of[into.ID]))] {
		items.Keep = some(items.Keep, suggestionOf(l.Items[i]))
	}
	return models.Proposal{Kind: models.ProposeMerge, Key: mergeKey(from.ID, into.ID), ThemeID: from.ID, OtherID: into.ID,
		Items: models.AsJSON(items), Strength: k.strength()}
}

func draftSplit(c *cut, l looked) models.Proposal {
	items := models.ProposalItems{Of: len(c.move), Among: len(c.keep)}
	for _, i := range c.move {
		items.Move = also(items.Move, suggestionOf(l.Items[i]))
	}
	for _, i := range c.keep[:min(len(c.keep), 50)] {
		items.Keep = also(items.Keep, suggestionOf(l.Items[i]))
	}
	return models.Proposal{Kind: models.ProposeSplit, Key: fmt.Sprintf("split:%s:%016x", c.theme, uint64(models.Digest(strings.Join(items.Move, " "), ""))),
		ThemeID: c.theme, Items: models.AsJSON(items), Strength: c.strength}
}

func suggestionOf(item string) string {
	id, _, _ := strings.Cut(item, "|")
	return id
}

// some adds an id while a proposal names less than it may.
func some(ids []string, id string) []string {
	if len(ids) >= shownSaid {
		return ids
	}
	return also(ids, id)
}

func also(ids []string, id string) []string {
	for _, x := range ids {
		if x == id {
			return ids
		}
	}
	return append(ids, id)
}

// reasonsFor are the words that what goes shares with where it would go, or, of a
// split, among itself.
func (t *Themes) reasonsFor(ctx context.Context, p *models.Proposal) ([]models.Reason, error) {
	var s models.Suggestion
	if err := t.db.Read(ctx).First(&s, "id = ?", p.Items.V.Move[0]).Error; err != nil {
		return nil, fmt.Errorf("read suggestion: %w", err)
	}
	where := p.ThemeID
	if p.OtherID != "" {
		where = p.OtherID
	}
	v, vec := t.index.ask(ctx, s.Title, s.Text)
	found := v.index.Match(dedup.Query{Title: s.Title, Text: s.Text, Vector: vec, Limit: 1, Except: s.ID, Allow: func(theme string) bool { return theme == where }})
	if len(found) == 0 {
		return []models.Reason{}, nil
	}
	return convert(found)[0].Reasons, nil
}

// propose makes a proposal, or brings the open one up to date, unless it does not
// hold or was answered before; another one only when more may be made. It reports
// whether there is one more than before.
func (t *Themes) propose(ctx context.Context, p *models.Proposal, more bool) (made bool, err error) {
	var known models.Proposal
	res := t.db.Read(ctx).Limit(1).Find(&known, "key = ?", p.Key)
	if res.Error != nil {
		return false, fmt.Errorf("read proposal: %w", res.Error)
	}
	fresh := res.RowsAffected == 0 || known.State == models.ProposalWithdrawn
	if fresh && !more || known.State == models.ProposalAccepted || known.State == models.ProposalDismissed {
		return false, nil
	}
	reasons, err := t.reasonsFor(ctx, p)
	if err != nil {
		return false, err
	}
	p.Reasons = models.AsJSON(reasons)
	err = t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		made = false
		now := t.db.Now()
		row := *p
		row.ID, row.State, row.CreatedAt, row.UpdatedAt = known.ID, models.ProposalOpen, now, now
		if row.ID == "" {
			row.ID = models.NewID(models.PrefixProposal)
		}
		if holds, err := t.weigh(tx, row); err != nil || holds[0] == nil {
			return err
		}
		if err := t.keepSaid(tx, &row); err != nil {
			return err
		}
		if err := upsertProposal(tx, &row); err != nil {
			return err
		}
		made = fresh
		return nil
	})
	return made, err
}

// upsertProposal stores an open proposal, unless a person has answered the one
// with its key.
func upsertProposal(tx *gorm.DB, p *models.Proposal) error {
	err := tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"theme_id", "other_id", "items", "reasons", "strength", "state", "updated_at"}),
		Where:     clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "proposals.state IN ('open', 'withdrawn')"}}},
	}).Create(p).Error
	if err != nil {
		return fmt.Errorf("store proposal: %w", err)
	}
	return nil
}

// withdrawUnless withdraws the open merges and splits of themes that were looked
// at but are not among the drafts: they changed. What was said on GitHub stands until it is
// taken back there.
func (t *Themes) withdrawUnless(ctx context.Context, drafts []models.Proposal, x *sides) error {
	still := map[string]bool{}
	for _, d := range drafts {
		still[d.Key] = true
	}
	var open []models.Proposal
	if err := t.db.Read(ctx).Find(&open, "state = ? AND kind <> ?", models.ProposalOpen, models.ProposeReopen).Error; err != nil {
		return fmt.Errorf("read proposals: %w", err)
	}
	var gone []string
	for _, p := range open {
		seen := len(x.of[p.ThemeID]) > 0 && (p.OtherID == "" || len(x.of[p.OtherID]) > 0)
		if seen && !still[p.Key] && !isSaid(&p) {
			gone = append(gone, p.ID)
		}
	}
	return t.withdraw(ctx, gone)
}

// withdraw takes back open proposals that do not hold any more.
func (t *Themes) withdraw(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return t.takeAway(tx, ids) })
	if err != nil {
		return fmt.Errorf("withdraw proposals: %w", err)
	}
	return nil
}

func (t *Themes) takeAway(tx *gorm.DB, ids []string) error {
	return tx.Model(&models.Proposal{}).Where("id IN ? AND state = ?", ids, models.ProposalOpen).
		Updates(map[string]any{"state": models.ProposalWithdrawn, "updated_at": t.db.Now()}).Error
}
