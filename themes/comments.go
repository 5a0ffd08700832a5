package themes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/dedup"
	"github.com/heedhq/heed/models"
)

// MaxComment is how long a comment is, in characters.
const MaxComment = 4_000

// NewComment is a comment to be made. Person, where it is not "", is for whom an
// integration or a member speaks; a member without one speaks for the team. ReplyTo is
// the comment that it answers.
type NewComment struct {
	Text    string
	Person  string
	ReplyTo string
}

// Comment says something below a theme. Secrets are masked; what holds a link, a
// contact handle or an address waits for moderation, unless staff says it. People
// comment on published themes and need auth.Vote; staff needs auth.Reply. It returns
// the comment. Errors: Unauthenticated sign_in_first; Invalid comment_required, too_long,
// comment_unknown, name_like_staff, chip_in_public.
func (t *Themes) Comment(ctx context.Context, a auth.Actor, theme string, n NewComment) (*models.Comment, error) {
	if err := auth.Can(a, auth.Vote); err != nil {
		return nil, err
	}
	c, err := t.drafted(ctx, a, n)
	if err != nil {
		return nil, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		th, err := t.held(tx, theme)
		if err != nil {
			return err
		}
		if !th.Public && (c.MemberID == "" || auth.Can(a, auth.ReadAll) != nil) {
			return models.Fail(models.NotFound, "theme_not_found")
		}
		c.ThemeID = th.ID
		if c.ReplyTo != "" {
			var to models.Comment
			res := tx.Limit(1).Find(&to, "id = ? AND theme_id = ? AND state = ?", c.ReplyTo, th.ID, models.CommentVisible)
			if res.Error != nil {
				return fmt.Errorf("comment: %w", res.Error)
			}
			if res.RowsAffected == 0 {
				return models.BadField("reply_to", "comment_unknown", c.ReplyTo)
			}
		}
		if err := tx.Create(c).Error; err != nil {
			return fmt.Errorf("comment: %w", err)
		}
		return t.db.Record(ctx, tx, a.By(), &models.Activity{ID: c.ActivityID, Verb: models.CommentAdded, ThemeID: th.ID, PersonID: c.PersonID,
			Snapshot: models.Change{Comment: &models.CommentStep{ID: c.ID, ReplyTo: c.ReplyTo, To: c.State}}.Encode()})
	})
	return c, err
}

// drafted is the comment as it will be stored, but for its theme.
func (t *Themes) drafted(ctx context.Context, a auth.Actor, n NewComment) (*models.Comment, error) {
	text := strings.TrimSpace(n.Text)
	if text == "" {
		return nil, models.BadField("text", "comment_required")
	}
	if err := short("text", text, MaxComment); err != nil {
		return nil, err
	}
	held := heldFor(text)
	if t.opts.Mask != nil {
		text = t.opts.Mask(text)
	}
	now := t.db.Now()
	c := &models.Comment{ID: models.NewID(models.PrefixComment), Text: text, Lang: dedup.Language(text), State: models.CommentVisible, ReplyTo: n.ReplyTo,
		ActivityID: models.NewID(models.PrefixActivity), CreatedAt: now, UpdatedAt: now}
	if a.Kind == models.ActorMember && n.Person == "" {
		if err := auth.Can(a, auth.Reply); err != nil {
			return nil, err
		}
		if t.opts.Unfit != nil {
			if code := t.opts.Unfit(text); code != "" {
				return nil, models.BadField("text", code)
			}
		}
		c.MemberID, c.Name = a.ID, a.Name
		return c, nil
	}
	if t.opts.Unfit != nil && held == "" && t.opts.Unfit(text) != "" {
		held = heldAddress
	}
	if c.HeldFor = held; held != "" {
		c.State = models.CommentWaiting
	}
	return c, t.spokenBy(ctx, a, n.Person, c)
}

// spokenBy names the person who comments. Who is called as staff are is refused.
func (t *Themes) spokenBy(ctx context.Context, a auth.Actor, person string, c *models.Comment) error {
	if person == "" {
		person = a.PersonID
	} else if person != a.PersonID {
		if err := auth.Can(a, auth.OnBehalf); err != nil {
			return err
		}
	}
	if person == "" {
		return models.BadField("person", "comment_person")
	}
	db := t.db.Read(ctx)
	id, err := models.StandingPerson(db, person)
	var p models.Person
	if err == nil {
		err = db.First(&p, "id = ?", id).Error
	}
	if models.IsNotFound(err) {
		return models.BadField("person", "person_unknown", person)
	}
	if err != nil {
		return fmt.Errorf("comment: %w", err)
	}
	var staff []string
	if err := db.Model(&models.Member{}).Where("disabled_at IS NULL AND id <> ?", a.ID).Pluck("name", &staff).Error; err != nil {
		return fmt.Errorf("comment: %w", err)
	}
	if looksLikeStaff(p.Name, append(staff, t.opts.Product)) {
		return models.BadField("person/name", "name_like_staff", p.Name)
	}
	c.PersonID, c.Name = p.ID, p.Name
	return nil
}

// SettleComment shows a comment, or removes it. Needs auth.Reply. NotFound
// comment_not_found.
func (t *Themes) SettleComment(ctx context.Context, a auth.Actor, id string, show bool) (string, error) {
	if err := auth.Can(a, auth.Reply); err != nil {
		return "", err
	}
	act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.CommentSettled}
	err := t.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var c models.Comment
		if err := t.db.Hold(tx).First(&c, "id = ?", id).Error; models.IsNotFound(err) {
			return models.Fail(models.NotFound, "comment_not_found")
		} else if err != nil {
			return fmt.Errorf("settle comment: %w", err)
		}
		to := models.CommentRemoved
		if show {
			to = models.CommentVisible
		}
		return t.stepComment(ctx, tx, a, act, &c, to, models.Change{})
	})
	return act.ID, err
}

func (t *Themes) stepComment(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c *models.Comment, to models.CommentState, ch models.Change) error {
	ch.Comment = &models.CommentStep{ID: c.ID, ReplyTo: c.ReplyTo, From: c.State, To: to}
	if err := tx.Model(c).Updates(map[string]any{"state": to, "updated_at": t.db.Now()}).Error; err != nil {
		return fmt.Errorf("settle comment: %w", err)
	}
	act.ThemeID, act.PersonID, act.Snapshot = c.ThemeID, c.PersonID, ch.Encode()
	return t.db.Record(ctx, tx, a.By(), act)
}

// unsettle puts a comment back to where it stood, if it still stands where it was put.
func (t *Themes) unsettle(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity, c models.Change) (*models.Activity, error) {
	if err := auth.Can(a, auth.Reply); err != nil {
		return nil, err
	}
	var m models.Comment
	if c.Comment == nil || c.Comment.From == "" {
		return nil, models.Fail(models.Conflict, "cannot_undo", string(act.Verb))
	}
	if err := t.db.Hold(tx).Limit(1).Find(&m, "id = ?", c.Comment.ID).Error; err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	if m.State != c.Comment.To {
		return nil, models.Fail(models.Conflict, "changed_since")
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone}
	return made, t.stepComment(ctx, tx, a, made, &m, c.Comment.From, models.Change{Undoes: act.ID, UndoneVerb: models.CommentSettled, Again: c.TakesBack()})
}

// Comments lists what is to be seen below a theme, the oldest first, at most 500.
func (t *Themes) Comments(ctx context.Context, a auth.Actor, theme string) ([]models.Comment, error) {
	th, err := t.Get(ctx, a, theme)
	if err != nil {
		return nil, err
	}
	cs := []models.Comment{}
	err = t.db.Read(ctx).Where("theme_id = ? AND state = ?", th.ID, models.CommentVisible).Order("id").Limit(500).Find(&cs).Error
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	return cs, nil
}

// WaitingComments lists what waits for moderation, the oldest first, with the names
// of the themes. Needs auth.Reply.
func (t *Themes) WaitingComments(ctx context.Context, a auth.Actor) ([]models.Comment, map[string]models.Theme, error) {
	if err := auth.Can(a, auth.Reply); err != nil {
		return nil, nil, err
	}
	cs := []models.Comment{}
	if err := t.db.Read(ctx).Where("state = ?", models.CommentWaiting).Order("id").Limit(MaxPage).Find(&cs).Error; err != nil {
		return nil, nil, fmt.Errorf("read comments: %w", err)
	}
	ids := []string{}
	for _, c := range cs {
		if !slices.Contains(ids, c.ThemeID) {
			ids = append(ids, c.ThemeID)
		}
	}
	named, err := t.Live(ctx, a, ids)
	return cs, named, err
}
