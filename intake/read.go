package intake

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Filter narrows a list of suggestions. State is a state or "inbox": not yet in
// a confirmed theme.
type Filter struct {
	Theme  string
	State  string
	Source string
	EchoOf string // the echoes of this one
	// Team is a team's key; Urgency an urgency; "" is any.
	Team, Urgency string
	Query         string
	Cursor        string // the id of the last one given
	Limit         int
}

// StateInbox is the filter for what waits: who leads, without their echoes.
const StateInbox = "inbox"

// Get returns a suggestion that the actor may see, with its themes and
// findings.
func (in *Intake) Get(ctx context.Context, a auth.Actor, id string) (Filed, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return Filed{}, err
	}
	var row models.Suggestion
	if err := in.db.Read(ctx).First(&row, "id = ?", id).Error; models.IsNotFound(err) {
		return Filed{}, models.Fail(models.NotFound, "suggestion_not_found", id)
	} else if err != nil {
		return Filed{}, fmt.Errorf("read suggestion: %w", err)
	}
	if err := auth.CanKnow(a, &row); err != nil {
		return Filed{}, err
	}
	return in.filed(ctx, row)
}

// List gives suggestions newest first, and the cursor of the next page.
func (in *Intake) List(ctx context.Context, a auth.Actor, f Filter) ([]models.Suggestion, string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	limit := f.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	q := guarded(a, in.db.Read(ctx).Model(&models.Suggestion{}))
	switch f.State {
	case "":
	case StateInbox:
		q = q.Where("waiting = TRUE AND echo_of = ''")
	case string(models.StateNew), string(models.StateAnswered), string(models.StateHandedOver), string(models.StateClosed):
		q = q.Where("state = ?", f.State)
	default:
		return nil, "", models.BadField("state", "state_unknown", f.State)
	}
	if f.Theme != "" {
		q = q.Where("id IN (SELECT suggestion_id FROM suggestion_themes WHERE theme_id = ?)", f.Theme)
	}
	if f.Source != "" {
		q = q.Where("source = ?", f.Source)
	}
	if f.Team != "" {
		q = q.Where("team = ?", f.Team)
	}
	if f.Urgency != "" {
		u, err := ParseUrgency(f.Urgency)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("urgency = ?", u)
	}
	if f.EchoOf != "" {
		q = q.Where("echo_of = ? AND echo_of <> ''", f.EchoOf)
	}
	if f.Query != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(f.Query)) + "%"
		q = q.Where(`(LOWER(text) LIKE ? ESCAPE '\' OR LOWER(title) LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Cursor != "" {
		if !models.IsID(models.PrefixSuggestion, f.Cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", f.Cursor)
	}
	rows := []models.Suggestion{}
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list suggestions: %w", err)
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	return rows[:limit], rows[limit-1].ID, nil
}

// Waiting counts the lines of the inbox.
func (in *Intake) Waiting(ctx context.Context) (int64, error) {
	var n int64
	err := in.db.Read(ctx).Model(&models.Suggestion{}).Where("waiting = TRUE AND echo_of = ''").Count(&n).Error
	return n, err
}

// People reads the persons behind suggestions, by id, with their addresses
// ("email" or "channel:handle"), for who may read all; none for who may not read
// people, as agents.
func (in *Intake) People(ctx context.Context, a auth.Actor, ids []string) (map[string]models.Person, map[string]string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, nil, err
	}
	people, where := map[string]models.Person{}, map[string]string{}
	if len(ids) == 0 || auth.Can(a, auth.ReadPeople) != nil {
		return people, where, nil
	}
	var rows []models.Person
	if err := in.db.Read(ctx).Find(&rows, "id IN ?", ids).Error; err != nil {
		return nil, nil, fmt.Errorf("read people: %w", err)
	}
	for _, p := range rows {
		people[p.ID] = p
	}
	var adds []models.Address
	if err := in.db.Read(ctx).Order("channel DESC").Find(&adds, "person_id IN ?", ids).Error; err != nil {
		return nil, nil, fmt.Errorf("read people: %w", err)
	}
	for _, ad := range adds {
		if ad.Channel == models.ChannelEmail {
			where[ad.PersonID] = ad.Value
		} else if where[ad.PersonID] == "" {
			where[ad.PersonID] = ad.Channel + ":" + ad.Value
		}
	}
	return people, where, nil
}

// Patch is what staff may change of a suggestion; nil parts stay.
type Patch struct {
	Kind    *string
	State   *string
	Product *string
	Version *string
	Urgency *string
	Team    *string // a team's key, "" for everybody
	Rev     int64   // not 0: the revision that was seen
}

// Edit changes a suggestion's classification; secrets in it are masked. A state is
// taken as SetState takes it.
func (in *Intake) Edit(ctx context.Context, a auth.Actor, id string, p Patch) (Filed, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return Filed{}, err
	}
	var f Filed
	err := in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if _, err := in.themes.HoldSuggestion(tx, id); err != nil { // nobody answers, escalates or sweeps it meanwhile
			return err
		}
		if f, err = in.Get(ctx, a, id); err != nil {
			return err
		}
		s := &f.Suggestion
		if p.Rev != 0 && p.Rev != s.Rev {
			return models.Fail(models.Conflict, "suggestion_changed")
		}
		if p.State != nil && *p.State != string(s.State) { // a step like any other: it can be undone, and the thread shows it
			if _, err := in.SetState(ctx, a, id, *p.State, ""); err != nil {
				return err
			}
			if f, err = in.Get(ctx, a, id); err != nil || p.Kind == nil && p.Product == nil && p.Version == nil && p.Urgency == nil && p.Team == nil {
				return err
			}
			s = &f.Suggestion
		}
		before := *s
		if err := in.apply(p, s); err != nil {
			return err
		}
		if err := in.reroute(ctx, tx, p, &before, s); err != nil {
			return err
		}
		s.Rev, s.UpdatedAt = s.Rev+1, in.db.Now()
		if err := tx.Model(s).Select("Kind", "Product", "Version", "Urgency", "Team", "Routed", "ReplyDueAt", "ReplyNextAt", "Rev", "UpdatedAt").Updates(s).Error; err != nil {
			return err
		}
		if err := in.themes.Refresh(tx, s.ID); err != nil {
			return err
		}
		return in.db.Record(ctx, tx, a.By(), &models.Activity{Verb: models.SuggestionEdited, SuggestionID: s.ID, PersonID: s.PersonID})
	})
	return f, err
}

func (in *Intake) apply(p Patch, s *models.Suggestion) error {
	if p.Kind != nil {
		k, err := ParseKind(*p.Kind)
		if err != nil {
			return err
		}
		if k == "" {
			return models.BadField("kind", "kind_unknown", "")
		}
		s.Kind = k
	}
	if p.Urgency != nil {
		u, err := ParseUrgency(*p.Urgency)
		if err != nil {
			return err
		}
		if u == "" {
			return models.BadField("urgency", "urgency_unknown", "")
		}
		s.Urgency = u
	}
	for field, v := range map[string]struct{ to, from *string }{"product": {&s.Product, p.Product}, "version": {&s.Version, p.Version}} {
		if v.from != nil {
			x := *v.from
			if err := clean(field, &x, MaxShort); err != nil {
				return err
			}
			x = in.redact.Clean(x)
			if len(in.redact.Warn(x)) > 0 {
				return models.BadField(field, "secret_in_name")
			}
			*v.to = x
		}
	}
	return nil
}

// Complete adds the themes and findings of a page of suggestions, in two reads
// whatever its length, for who may read all.
func (in *Intake) Complete(ctx context.Context, a auth.Actor, rows []models.Suggestion) ([]Filed, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, err
	}
	out, at, ids := make([]Filed, len(rows)), map[string]int{}, make([]string, len(rows))
	for i, r := range rows {
		out[i], at[r.ID], ids[i] = Filed{Suggestion: r}, i, r.ID
	}
	if len(rows) == 0 {
		return out, nil
	}
	var found []models.Finding
	if err := in.db.Read(ctx).Order("suggestion_id, n").Find(&found, "suggestion_id IN ?", ids).Error; err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	for _, f := range found {
		out[at[f.SuggestionID]].Findings = append(out[at[f.SuggestionID]].Findings, f)
	}
	var placed []struct {
		models.Theme
		SuggestionID string
	}
	err := in.db.Read(ctx).Table("themes").Select("themes.*, x.suggestion_id").Joins("JOIN suggestion_themes x ON x.theme_id = themes.id").
		Where("x.suggestion_id IN ?", ids).Order("x.created_at, x.theme_id").Scan(&placed).Error
	if err != nil {
		return nil, fmt.Errorf("read themes of suggestions: %w", err)
	}
	for _, p := range placed {
		f := &out[at[p.SuggestionID]]
		f.Themes = append(f.Themes, p.Theme)
		f.Theme = &f.Themes[0]
	}
	return out, nil
}
