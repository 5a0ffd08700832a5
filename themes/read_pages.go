package themes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Reads that pages need and no program asks for.

// Live resolves ids to the themes that stand for them now, by the id asked
// for, in one read and another per step of merging. Unknown and gone ones are
// missing.
func (t *Themes) Live(ctx context.Context, a auth.Actor, ids []string) (map[string]models.Theme, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	out, want := map[string]models.Theme{}, map[string][]string{} // where to look: who asks
	for _, id := range ids {
		want[id] = append(want[id], id)
	}
	for step := 0; len(want) > 0 && step < 32; step++ {
		keys := make([]string, 0, len(want))
		for id := range want {
			keys = append(keys, id)
		}
		var rows []models.Theme
		if err := t.db.Read(ctx).Find(&rows, "id IN ?", keys).Error; err != nil {
			return nil, fmt.Errorf("read themes: %w", err)
		}
		next := map[string][]string{}
		for _, th := range rows {
			for _, asked := range want[th.ID] {
				switch {
				case th.MergedInto != "":
					next[th.MergedInto] = append(next[th.MergedInto], asked)
				case th.GoneAt == nil:
					out[asked] = th
				}
			}
		}
		want = next
	}
	return out, nil
}

// Named finds live themes by a part of what they are called, by the team or in
// public, those with most people first.
func (t *Themes) Named(ctx context.Context, a auth.Actor, query string, limit int) ([]models.Theme, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	q := t.db.Read(ctx).Where("merged_into = '' AND gone_at IS NULL")
	for _, word := range strings.Fields(strings.ToLower(query)) {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(word) + "%"
		q = q.Where(`(LOWER(title) LIKE ? ESCAPE '\' OR LOWER(public_title) LIKE ? ESCAPE '\')`, like, like)
	}
	ths := []models.Theme{}
	if err := q.Order("people_count DESC, id DESC").Limit(page(limit)).Find(&ths).Error; err != nil {
		return nil, fmt.Errorf("find themes by name: %w", err)
	}
	return ths, nil
}

// Recent gives the themes that the actor assigned to last, then those that
// changed last.
func (t *Themes) Recent(ctx context.Context, a auth.Actor, limit int) ([]models.Theme, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var ids []string
	err := t.db.Read(ctx).Raw(`SELECT theme_id FROM (SELECT theme_id, seq FROM activities
		WHERE seq > (SELECT n FROM counters WHERE name = 'activity') - 5000 AND actor_id = ? AND verb = ? AND theme_id <> ''
		ORDER BY seq DESC LIMIT 200) x GROUP BY theme_id ORDER BY MAX(seq) DESC LIMIT ?`, a.ID, models.SuggestionAssigned, limit).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("recent themes: %w", err)
	}
	live, err := t.Live(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	changed, _, err := t.List(ctx, a, Filter{Sort: "updated", Limit: limit})
	if err != nil {
		return nil, err
	}
	out, seen := []models.Theme{}, map[string]bool{}
	add := func(th models.Theme) {
		if !seen[th.ID] && len(out) < limit {
			seen[th.ID] = true
			out = append(out, th)
		}
	}
	for _, id := range ids {
		if th, ok := live[id]; ok {
			add(th)
		}
	}
	for _, th := range changed {
		add(th)
	}
	return out, nil
}

// Count is how many live themes there are, of one status or of all.
func (t *Themes) Count(ctx context.Context, a auth.Actor, status models.Status) (int64, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return 0, err
	}
	q := t.db.Read(ctx).Model(&models.Theme{}).Where("merged_into = '' AND gone_at IS NULL")
	if status != "" {
		q = q.Where("status = ?", status)
	}
	var n int64
	err := q.Count(&n).Error
	return n, err
}

// FirstIssues gives each theme's oldest issue link, by theme.
func (t *Themes) FirstIssues(ctx context.Context, a auth.Actor, ids []string) (map[string]models.IssueLink, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	out := map[string]models.IssueLink{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []models.IssueLink
	if err := t.db.Read(ctx).Order("created_at DESC, id DESC").Find(&rows, "theme_id IN ?", ids).Error; err != nil {
		return nil, fmt.Errorf("read issue links: %w", err)
	}
	for _, l := range rows { // the oldest comes last
		out[l.ThemeID] = l
	}
	return out, nil
}

const mostToldEchoes = 3 // of one text, each with its undo; a crowd is told of where it stands

// Story is Timeline without a crowd of echoes that joined, and with what stands with the
// themes that went into this one: the merges themselves, and what was written and said
// below those themes, which is read below this one now. Names has what those are called.
func (t *Themes) Story(ctx context.Context, a auth.Actor, theme string, limit int) ([]models.Activity, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	family := []string{}
	err := t.db.Read(ctx).Model(&models.Theme{}).Where("merged_into = ? AND merged_into <> ''", theme).Limit(MaxPage).Pluck("id", &family).Error
	acts := []models.Activity{}
	if err == nil {
		within := `theme_id IN (` + families + `SELECT id FROM family)`
		err = t.db.Read(ctx).Where("(theme_id = @theme OR theme_id IN @direct AND verb = @merged OR verb IN @written AND "+within+")", map[string]any{"theme": theme, "ids": []string{theme},
			"direct": append(family, ""), "merged": models.ThemeMerged, "written": []models.Verb{models.ThemeUpdated, models.CommentAdded, models.CommentSettled}}).
			Where("NOT (verb = ? AND EXISTS (SELECT 1 FROM suggestions s JOIN suggestions l ON l.id = s.echo_of WHERE s.id = activities.suggestion_id AND s.echo_of <> '' AND l.echoes > ?))",
				models.SuggestionAttached, mostToldEchoes).
			Order("seq DESC").Limit(page(limit)).Find(&acts).Error
	}
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	return acts, nil
}

// Names is what the themes are called in a locale, by their ids, also those that were
// merged since.
func (t *Themes) Names(ctx context.Context, a auth.Actor, ids []string) (map[string]string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	var ths []models.Theme
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	if err := t.db.Read(ctx).Find(&ths, "id IN ?", ids).Error; err != nil {
		return nil, fmt.Errorf("read themes: %w", err)
	}
	for i := range ths {
		out[ths[i].ID] = ths[i].NameFor(a.Locale)
	}
	return out, nil
}

// Joined is what a merge would make.
type Joined struct {
	People, Suggestions int
	Both                int // people behind both, who count once
}

// TryMerge says what Merge would make, without merging.
func (t *Themes) TryMerge(ctx context.Context, a auth.Actor, id, into string) (*models.Theme, Joined, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return nil, Joined{}, err
	}
	var j Joined
	tx := t.db.Read(ctx)
	from, err := t.live(tx, id)
	if err != nil {
		return nil, j, err
	}
	target, err := t.named(tx, "into", into)
	if err != nil {
		return nil, j, err
	}
	if from.ID == target.ID {
		return nil, j, models.BadField("into", "merge_itself")
	}
	common := 0
	if err := tx.Raw("SELECT COUNT(*) FROM votes a JOIN votes b ON b.person_id = a.person_id WHERE a.theme_id = ? AND b.theme_id = ?", from.ID, target.ID).Scan(&j.Both).Error; err != nil {
		return nil, j, err
	}
	if err := tx.Raw("SELECT COUNT(*) FROM suggestion_themes a JOIN suggestion_themes b ON b.suggestion_id = a.suggestion_id WHERE a.theme_id = ? AND b.theme_id = ?", from.ID, target.ID).Scan(&common).Error; err != nil {
		return nil, j, err
	}
	j.People = from.PeopleCount + target.PeopleCount - j.Both
	j.Suggestions = from.SuggestionsCount + target.SuggestionsCount - common
	return target, j, nil
}

// Voted says which of the themes a person stands behind.
func (t *Themes) Voted(ctx context.Context, person string, ids []string) (map[string]bool, error) {
	if person == "" || len(ids) == 0 {
		return map[string]bool{}, nil
	}
	var there []string
	if err := t.db.Read(ctx).Model(&models.Vote{}).Where("person_id = ? AND theme_id IN ?", person, ids).Pluck("theme_id", &there).Error; err != nil {
		return nil, fmt.Errorf("read votes: %w", err)
	}
	return set(there), nil
}

// Step is a public step of a theme.
type Step struct {
	At     time.Time
	Status models.Status
	Reason models.Text
}

// Steps gives the public steps of a published theme, newest first: what was
// taken back is not among them, nor who did it.
func (t *Themes) Steps(ctx context.Context, theme string) ([]Step, error) {
	th, err := t.Get(ctx, auth.Anonymous(), theme)
	if err != nil {
		return nil, err
	}
	var acts []models.Activity
	err = t.db.Read(ctx).Where("theme_id = ? AND verb IN ? AND undone_by = ''", th.ID, []models.Verb{models.ThemeStatus, models.ThemeConfirmed}).
		Order("seq DESC").Limit(MaxPage).Find(&acts).Error
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	steps := []Step{}
	for i := len(acts) - 1; i >= 0; i-- {
		c, err := acts[i].Change()
		if err != nil {
			return nil, fmt.Errorf("read steps: %w", err)
		}
		if c.After == nil || c.After.Status == models.StatusCandidate {
			continue
		}
		s := Step{At: acts[i].CreatedAt, Status: c.After.Status, Reason: c.After.Reason}
		if n := len(steps); n > 0 && steps[n-1].Status == s.Status && steps[n-1].Reason == s.Reason {
			continue // an undo led back here
		}
		steps = append(steps, s)
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps, nil
}
