package themes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// MaxWhy is how much an agent may write to the team about a proposal, in
// characters.
const MaxWhy = 2_000

// Word is a proposal of an agent as it stands. Again says that it was there
// before; its State then says what a person answered. Activity is the record of
// it, where there is one; Stands are the themes that its suggestion is in.
type Word struct {
	models.AgentProposal
	Again    bool
	Theme    *models.Theme
	Activity string
	Stands   []models.Theme
}

// ProposeAssignment proposes that a suggestion belongs to a theme, or does not. It
// changes nothing: a person decides. Whoever calls only proposes, whatever they
// might decide themselves.
func (t *Themes) ProposeAssignment(ctx context.Context, a auth.Actor, suggestion, theme string, same bool, why string) (Word, error) {
	var w Word
	if err := auth.Can(a, auth.Propose); err != nil {
		return w, err
	}
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) (err error) {
		if err := t.known(tx, a, []string{suggestion}); err != nil {
			return err
		}
		if err := sharable(tx, "?", []string{suggestion}); err != nil {
			return err
		}
		kind, field := models.ProposeSame, "same"
		if !same {
			kind, field = models.ProposeDifferent, "different"
		}
		th, err := t.named(tx, field, theme)
		if err != nil {
			return err
		}
		if w.Stands, err = themesOf(tx, suggestion); err != nil {
			return err
		}
		var said models.Decision
		if err := tx.Limit(1).Find(&said, "suggestion_id = ? AND theme_id = ? AND proposed = FALSE", suggestion, th.ID).Error; err != nil {
			return err
		}
		if said.SuggestionID != "" && said.Same != same { // what a person has answered is not asked again
			return models.Fail(models.Conflict, "pair_decided")
		}
		row := models.AgentProposal{Kind: kind, Key: string(kind) + ":" + suggestion + ":" + th.ID, ThemeID: th.ID, SuggestionID: suggestion, Why: why}
		if err := t.word(tx, a, &w, row, th); err != nil || w.Again {
			return err
		}
		_, err = remember(tx, models.Decision{SuggestionID: suggestion, ThemeID: th.ID, Same: same, Proposed: true, ActorKind: a.Kind, ActorID: a.ID, CreatedAt: t.db.Now()})
		if err != nil {
			return err
		}
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.DecisionMade, SuggestionID: suggestion, ThemeID: th.ID, Snapshot: models.Change{Same: &same}.Encode()}
		w.Activity = act.ID
		return t.db.Record(ctx, tx, a.By(), act)
	})
	return w, err
}

// ProposeStatus proposes a status, with the reason that people would read. Nobody
// is told: a person gives the status, or does not.
func (t *Themes) ProposeStatus(ctx context.Context, a auth.Actor, theme string, c StatusChange, why string) (Word, error) {
	var w Word
	if err := auth.Can(a, auth.Propose); err != nil {
		return w, err
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		th, err := t.seen(tx, a, theme)
		if err != nil {
			return err
		}
		today, err := t.today(tx)
		if err != nil {
			return err
		}
		would := *th
		if err := c.apply(&would, nil, today); err != nil {
			return err
		}
		if c.PromiseDate == nil {
			would.PromiseDate = nil // the date it has now is none of the proposal
		}
		if would.Status == th.Status && would.Reason == th.Reason {
			return models.Fail(models.Conflict, "status_stands", string(th.Status))
		}
		row := models.AgentProposal{Kind: models.ProposeStatus, ThemeID: th.ID, Status: c.Status, Text: would.Reason, PromiseDate: would.PromiseDate, Version: strings.TrimSpace(c.Version), Why: why,
			Key: fmt.Sprintf("status:%s:%s:%d", th.ID, c.Status, th.StatusAt.UnixMilli())}
		return t.word(tx, a, &w, row, th)
	})
	return w, err
}

// DraftText keeps a text that could be sent to the people behind a theme. Nothing
// sends it: a person takes it up, or does not.
func (t *Themes) DraftText(ctx context.Context, a auth.Actor, theme string, text models.Text, why string) (Word, error) {
	var w Word
	if err := auth.Can(a, auth.Propose); err != nil {
		return w, err
	}
	text = text.Map(strings.TrimSpace)
	if text.IsEmpty() {
		return w, models.BadField("text", "text_empty")
	}
	if err := shortText("text", text, MaxReason); err != nil {
		return w, err
	}
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		th, err := t.seen(tx, a, theme)
		if err != nil {
			return err
		}
		row := models.AgentProposal{Kind: models.ProposeText, ThemeID: th.ID, Text: text, Why: why}
		row.Key = fmt.Sprintf("text:%s:%016x", th.ID, uint64(models.Digest(text.EN+"\x00"+text.ZH, text.Any)))
		return t.word(tx, a, &w, row, th)
	})
	return w, err
}

// seen is a live theme that the actor may see.
func (t *Themes) seen(tx *gorm.DB, a auth.Actor, id string) (*models.Theme, error) {
	th, err := t.live(tx, id)
	if err == nil && !th.Public && auth.Can(a, auth.ReadAll) != nil {
		return nil, models.Fail(models.NotFound, "theme_not_found")
	}
	return th, err
}

// word stores a proposal unless there is one with its key, which is given then: a
// withdrawn one is made again.
func (t *Themes) word(tx *gorm.DB, a auth.Actor, w *Word, row models.AgentProposal, th *models.Theme) error {
	row.Why = strings.TrimSpace(row.Why)
	if err := short("note", row.Why, MaxWhy); err != nil {
		return err
	}
	w.Theme, w.Again, w.Activity = th, false, ""
	if err := t.db.Lock(tx, "word:"+row.Key); err != nil {
		return err
	}
	var known models.AgentProposal
	if err := tx.Limit(1).Find(&known, "key = ?", row.Key).Error; err != nil {
		return fmt.Errorf("read proposal: %w", err)
	}
	if known.ID != "" && known.State != models.ProposalWithdrawn {
		w.AgentProposal, w.Again = known, true
		return nil
	}
	now := t.db.Now()
	row.ID, row.State, row.CreatedAt, row.UpdatedAt = models.NewID(models.PrefixAgentWord), models.ProposalOpen, now, now
	row.ActorKind, row.ActorID, row.ActorName, row.ActorFor = a.Kind, a.ID, a.Name, a.For
	if known.ID != "" {
		row.ID, row.CreatedAt = known.ID, known.CreatedAt
	}
	w.AgentProposal = row
	if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("store proposal: %w", err)
	}
	return nil
}

// holding are the open proposals of agents about live themes that would still
// change something.
const holding = `agent_proposals.state = 'open' AND EXISTS (SELECT 1 FROM themes h WHERE h.id = agent_proposals.theme_id AND h.merged_into = '' AND h.gone_at IS NULL
		AND (agent_proposals.kind <> 'status' OR h.status <> agent_proposals.status OR h.reason <> agent_proposals.text))
	AND (agent_proposals.kind <> 'same' OR NOT EXISTS (SELECT 1 FROM suggestion_themes x WHERE x.suggestion_id = agent_proposals.suggestion_id AND x.theme_id = agent_proposals.theme_id))
	AND (agent_proposals.kind NOT IN ('same', 'different') OR NOT EXISTS (SELECT 1 FROM decisions d WHERE d.suggestion_id = agent_proposals.suggestion_id
		AND d.theme_id = agent_proposals.theme_id AND d.proposed = FALSE))`

// Words gives what agents propose and nobody has answered, the latest first, and
// the cursor of the next page.
func (t *Themes) Words(ctx context.Context, a auth.Actor, cursor string, limit int) ([]Word, string, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return nil, "", err
	}
	q := t.db.Read(ctx).Where(holding)
	if cursor != "" {
		if !models.IsID(models.PrefixAgentWord, cursor) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		q = q.Where("id < ?", cursor)
	}
	limit = page(limit)
	var rows []models.AgentProposal
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list proposals: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.ThemeID)
	}
	ths, err := t.byID(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	out := make([]Word, 0, len(rows))
	for _, r := range rows {
		if th := ths[r.ThemeID]; th != nil {
			out = append(out, Word{AgentProposal: r, Theme: th})
		}
	}
	return out, next, nil
}

// OpenWords counts what Words lists.
func (t *Themes) OpenWords(ctx context.Context, a auth.Actor) (int64, error) {
	if err := auth.Can(a, auth.ReadAll); err != nil {
		return 0, err
	}
	var n int64
	err := t.db.Read(ctx).Model(&models.AgentProposal{}).Where(holding).Count(&n).Error
	return n, err
}

// OwnWords counts what the actor proposed, by its state.
func (t *Themes) OwnWords(ctx context.Context, a auth.Actor) (map[models.ProposalState]int, error) {
	out := map[models.ProposalState]int{models.ProposalOpen: 0, models.ProposalAccepted: 0, models.ProposalDismissed: 0}
	if a.ID == "" {
		return out, nil
	}
	var rows []struct {
		State models.ProposalState
		N     int
	}
	err := t.db.Read(ctx).Model(&models.AgentProposal{}).Select("state, COUNT(*) AS n").Where("actor_id = ?", a.ID).Group("state").Scan(&rows).Error
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, err
}

// AcceptWord carries out what an agent proposes about a suggestion, in the name of
// who accepts it, and marks a text as taken up. A status is given by SetStatus
// alone, which answers the proposal: people hear of it. It returns the activity
// that undo takes, "" for a text.
func (t *Themes) AcceptWord(ctx context.Context, a auth.Actor, id string) (string, *models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return "", nil, err
	}
	var act string
	var th *models.Theme
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		p, err := t.wordToDecide(tx, id)
		if err != nil {
			return err
		}
		if th, err = t.live(tx, p.ThemeID); err != nil {
			return err
		}
		switch p.Kind {
		case models.ProposeStatus:
			return models.Fail(models.Conflict, "status_by_hand", th.ID)
		case models.ProposeText:
			return t.answer(tx, a, models.ProposalAccepted, "", "id = ?", p.ID)
		}
		act, _, err = t.Decide(ctx, a, p.SuggestionID, p.ThemeID, p.Kind == models.ProposeSame)
		return err
	})
	return act, th, err
}

// DismissWord says no to what an agent proposes: it is not proposed again, by any
// agent, while its theme stands as it does.
func (t *Themes) DismissWord(ctx context.Context, a auth.Actor, id string) (*models.Theme, error) {
	if err := auth.Can(a, auth.Triage); err != nil {
		return nil, err
	}
	var th *models.Theme
	err := t.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		p, err := t.wordToDecide(tx, id)
		if err != nil {
			return err
		}
		if th, err = t.live(tx, p.ThemeID); err != nil {
			return err
		}
		if p.SuggestionID != "" { // what the agent said is nobody's word
			if err := tx.Delete(&models.Decision{}, "suggestion_id = ? AND theme_id = ? AND proposed = TRUE", p.SuggestionID, p.ThemeID).Error; err != nil {
				return err
			}
		}
		return t.answer(tx, a, models.ProposalDismissed, "", "id = ?", p.ID)
	})
	return th, err
}

func (t *Themes) wordToDecide(tx *gorm.DB, id string) (*models.AgentProposal, error) {
	if !models.IsID(models.PrefixAgentWord, id) {
		return nil, models.Fail(models.NotFound, "proposal_not_found")
	}
	var p models.AgentProposal
	if err := t.db.Hold(tx).First(&p, "id = ?", id).Error; models.IsNotFound(err) {
		return nil, models.Fail(models.NotFound, "proposal_not_found")
	} else if err != nil {
		return nil, fmt.Errorf("read proposal: %w", err)
	}
	if p.State != models.ProposalOpen {
		return nil, models.Fail(models.Conflict, "proposal_decided")
	}
	var n int64
	if err := tx.Model(&models.AgentProposal{}).Where("id = ?", id).Where(holding).Count(&n).Error; err != nil {
		return nil, fmt.Errorf("read proposal: %w", err)
	}
	if n == 0 {
		return nil, models.Fail(models.Conflict, "proposal_withdrawn")
	}
	return &p, nil
}

// answer closes open proposals with what a person said.
func (t *Themes) answer(tx *gorm.DB, a auth.Actor, state models.ProposalState, activity string, where string, args ...any) error {
	now := t.db.Now()
	err := tx.Model(&models.AgentProposal{}).Where("state = ?", models.ProposalOpen).Where(where, args...).
		Updates(map[string]any{"state": state, "activity_id": activity, "decided_by": a.ID, "decided_at": now, "updated_at": now}).Error
	if err != nil {
		return fmt.Errorf("answer proposals: %w", err)
	}
	return nil
}

// answered: a person's word on a suggestion and a theme answers what agents
// proposed about the two.
func (t *Themes) answered(tx *gorm.DB, a auth.Actor, activity, suggestion, theme string, same bool) error {
	yes, no := models.ProposeSame, models.ProposeDifferent
	if !same {
		yes, no = no, yes
	}
	if err := t.answer(tx, a, models.ProposalAccepted, activity, "key = ?", string(yes)+":"+suggestion+":"+theme); err != nil {
		return err
	}
	return t.answer(tx, a, models.ProposalDismissed, activity, "key = ?", string(no)+":"+suggestion+":"+theme)
}

// placedAnswered: who puts suggestions into themes answers the proposals that they
// belong there.
func (t *Themes) placedAnswered(tx *gorm.DB, a auth.Actor, activity string, ths []models.Theme) error {
	ids := make([]string, len(ths))
	for i := range ths {
		ids[i] = ths[i].ID
	}
	if len(ids) == 0 {
		return nil
	}
	return t.answer(tx, a, models.ProposalAccepted, activity, `kind = ? AND theme_id IN ? AND EXISTS (SELECT 1 FROM suggestion_themes x
		WHERE x.suggestion_id = agent_proposals.suggestion_id AND x.theme_id = agent_proposals.theme_id)`, models.ProposeSame, ids)
}

// statusAnswered: a status that was given answers the proposals of it.
func (t *Themes) statusAnswered(tx *gorm.DB, a auth.Actor, activity string, th *models.Theme) error {
	return t.answer(tx, a, models.ProposalAccepted, activity, "kind = ? AND theme_id = ? AND status = ?", models.ProposeStatus, th.ID, th.Status)
}

// DayOf is a promise date as a form takes it: YYYY-MM-DD, "" for none.
func DayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}
