package themes

import (
	"context"
	"fmt"
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
// the comment that it answers. Doubtful: something in it reads like a recovery phrase
// with a slip, so that it waits for moderation.
type NewComment struct {
	Text     string
	Person   string
	ReplyTo  string
	Doubtful bool
}

// Comment says something below a theme. Secrets are masked; what held one, a link, a
// contact handle or an address waits for moderation; of staff it is refused, for links
// and handles are theirs to give. An answer to what was said below a theme that went
// into this one belongs there, and goes back with it. People comment on published themes
// and need auth.Vote; staff needs auth.Reply. It returns the comment. Emergencies do not
// come here: see intake.Comment. Errors: Unauthenticated sign_in_first; Invalid
// comment_required, too_long, comment_unknown, name_like_staff, chip_in_public,
// secret_in_public.
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
			res := below(tx, a, th.ID).Limit(1).Find(&to, "id = ? AND state = ?", c.ReplyTo, models.CommentVisible)
			if res.Error != nil {
				return fmt.Errorf("comment: %w", res.Error)
			}
			if res.RowsAffected == 0 {
				return models.BadField("reply_to", "comment_unknown", c.ReplyTo)
			}
			c.ThemeID = to.ThemeID
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
	team := a.Kind == models.ActorMember && n.Person == ""
	if team && t.opts.Unfit != nil {
		if code := t.opts.Unfit(text); code != "" {
			return nil, models.BadField("text", code)
		}
	}
	held := heldFor(text)
	if t.opts.Mask != nil {
		masked := t.opts.Mask(text)
		if masked != text || n.Doubtful {
			held = heldSecret
		}
		text = masked
	}
	now := t.db.Now()
	c := &models.Comment{ID: models.NewID(models.PrefixComment), Text: text, Lang: dedup.Language(text), State: models.CommentVisible, ReplyTo: n.ReplyTo,
		ActivityID: models.NewID(models.PrefixActivity), CreatedAt: now, UpdatedAt: now}
	if team {
		if err := auth.Can(a, auth.Reply); err != nil {
			return nil, err
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
	if c.PersonID = p.ID; t.opts.Unfit == nil || t.opts.Unfit(p.Name) == "" { // a name that says too much is kept by nobody's leave
		c.Name = p.Name
	}
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
	th, err := t.live(tx, c.ThemeID)
	if err != nil && models.KindOf(err) != models.NotFound {
		return err
	}
	if act.ThemeID = c.ThemeID; th != nil {
		act.ThemeID = th.ID
	}
	act.PersonID, act.Snapshot = c.PersonID, ch.Encode()
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
