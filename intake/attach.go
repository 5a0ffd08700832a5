package intake

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake/files"
	"github.com/heedhq/heed/models"
)

// FileLimits bound attachments: Size is of one file in bytes, Count how many a
// suggestion may have.
type FileLimits struct {
	Size  int
	Count int
}

// DefaultFileLimits are those of an installation that sets nothing.
func DefaultFileLimits() FileLimits { return FileLimits{Size: 5 << 20, Count: 10} }

// LimitFiles sets the limits; call it before anything is served.
func (in *Intake) LimitFiles(l FileLimits) { in.limits = l }

// FileLimits are the limits in force.
func (in *Intake) FileLimits() FileLimits { return in.limits }

// Upload is a file as it came.
type Upload struct {
	Name string
	Body []byte
}

// Ready are files that were cleaned and may be stored.
type Ready struct{ files []files.File }

// Ready cleans files without storing anything: it takes time, and belongs outside
// of a Write. Errors name the field file.
func (in *Intake) Ready(uploads []Upload) (Ready, error) {
	var r Ready
	if len(uploads) > in.limits.Count {
		return r, models.BadField(files.Field, "too_many_files", in.limits.Count)
	}
	for _, u := range uploads {
		f, err := files.Clean(in.redact, u.Name, u.Body, in.limits.Size)
		if err != nil {
			return Ready{}, err
		}
		r.files = append(r.files, f)
	}
	return r, nil
}

// Attached is a stored attachment with what was masked in it.
type Attached struct {
	Attachment models.Attachment
	Findings   []models.Finding
}

// Attach stores files with a suggestion, and with a message of its thread unless
// that is "". Its person, who has its receipt, who filed it and staff may. Errors:
// NotFound suggestion_not_found, Invalid too_many_files.
func (in *Intake) Attach(ctx context.Context, a auth.Actor, id, message string, r Ready) ([]Attached, error) {
	out := []Attached{}
	if len(r.files) == 0 {
		return out, nil
	}
	err := in.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		out = out[:0]
		s, err := in.themes.HoldSuggestion(tx, id)
		if err != nil && models.KindOf(err) != models.NotFound {
			return err
		}
		if denied := mayAttach(a, id, s); denied != nil {
			return denied
		}
		if err != nil {
			return err
		}
		var n int64
		if err := tx.Model(&models.Attachment{}).Where("suggestion_id = ?", id).Count(&n).Error; err != nil {
			return fmt.Errorf("count attachments: %w", err)
		}
		if int(n)+len(r.files) > in.limits.Count {
			return models.BadField(files.Field, "too_many_files", in.limits.Count)
		}
		for i := range r.files {
			at, err := in.attach(ctx, tx, a, s, message, &r.files[i])
			if err != nil {
				return err
			}
			out = append(out, at)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (in *Intake) attach(ctx context.Context, tx *gorm.DB, a auth.Actor, s *models.Suggestion, message string, f *files.File) (Attached, error) {
	row := models.Attachment{ID: models.NewID(models.PrefixAttachment), SuggestionID: s.ID, MessageID: message, Name: f.Name, MediaType: f.MediaType, Size: len(f.Body),
		Width: f.Width, Height: f.Height, Checked: f.Checked, Masked: len(f.Findings), ActorKind: a.Kind, ActorID: a.ID, ActorName: a.Name, CreatedAt: in.db.Now()}
	if err := tx.Create(&row).Error; err != nil {
		return Attached{}, fmt.Errorf("store attachment: %w", err)
	}
	if err := tx.Create(&models.AttachmentContent{AttachmentID: row.ID, Body: f.Body}).Error; err != nil {
		return Attached{}, fmt.Errorf("store attachment: %w", err)
	}
	found := attachmentFindings(f)
	if err := in.found(tx, s, found); err != nil {
		return Attached{}, err
	}
	if err := in.escalate(ctx, tx, a, s, causeOf(found)); err != nil {
		return Attached{}, err
	}
	act := &models.Activity{Verb: models.AttachmentAdded, SuggestionID: s.ID, PersonID: s.PersonID, Snapshot: models.Change{Attachment: row.ID}.Encode()}
	return Attached{Attachment: row, Findings: found}, in.db.Record(ctx, tx, a.By(), act)
}

// maxAttachmentFindings bounds the rows of one file: a log can repeat a token on
// every line.
const maxAttachmentFindings = 50

func attachmentFindings(f *files.File) []models.Finding {
	out := []models.Finding{}
	seen := map[string]bool{}
	for _, x := range f.Findings {
		if key := x.Rule + x.Digest; !seen[key] && len(out) < maxAttachmentFindings {
			seen[key] = true
			out = append(out, models.Finding{Rule: x.Rule, Field: "attachment", Last3: x.Last3, Digest: x.Digest})
		}
	}
	return out
}

// mayAttach: whoever filed a suggestion may send its files after it, as an
// integration does that reads nothing. s is nil when there is none.
func mayAttach(a auth.Actor, id string, s *models.Suggestion) error {
	if s == nil {
		return auth.CanSee(a, &models.Suggestion{ID: id})
	}
	if a.ID != "" && s.FilerKind == a.Kind && s.FilerID == a.ID && auth.Can(a, auth.OnBehalf) == nil || isTheirs(a, s) {
		return nil
	}
	if err := auth.CanSee(a, s); err != nil {
		return err
	}
	return auth.Can(a, auth.OnBehalf)
}

// Attachment reads a file and its bytes, for who may see its suggestion. NotFound
// attachment_not_found also for those who may not: its name tells something.
func (in *Intake) Attachment(ctx context.Context, a auth.Actor, id string) (models.Attachment, []byte, error) {
	none := models.Fail(models.NotFound, "attachment_not_found")
	var row models.Attachment
	res := in.db.Read(ctx).Limit(1).Find(&row, "id = ?", id)
	if res.Error != nil {
		return row, nil, fmt.Errorf("read attachment: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return models.Attachment{}, nil, none
	}
	if _, err := in.seen(ctx, a, row.SuggestionID); models.KindOf(err) != "" {
		return models.Attachment{}, nil, none
	} else if err != nil {
		return models.Attachment{}, nil, err
	}
	var c models.AttachmentContent
	if err := in.db.Read(ctx).First(&c, "attachment_id = ?", id).Error; err != nil {
		return models.Attachment{}, nil, fmt.Errorf("read attachment: %w", err)
	}
	return row, c.Body, nil
}

// attachOwn stores the files that came with a submission which was just stored, for
// whoever filed it.
func (in *Intake) attachOwn(ctx context.Context, a auth.Actor, f *Filed, r Ready) error {
	a.Opened = f.Suggestion.ID
	attached, err := in.Attach(ctx, a, f.Suggestion.ID, "", r)
	for _, at := range attached {
		f.Findings = append(f.Findings, at.Findings...)
	}
	return err
}

// findings are what was masked in the files.
func (r Ready) findings() (out []models.Finding) {
	for i := range r.files {
		out = append(out, attachmentFindings(&r.files[i])...)
	}
	return out
}
