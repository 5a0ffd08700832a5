package issuesync

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// takeAll brings to the theme what GitHub has changed, and says which fields those were. What
// the theme does not take is kept as a failure of that field, and holds up no other.
func (m *meeting) takeAll(ctx context.Context, tx *gorm.DB, mayShip bool) (took []string, err error) {
	for _, f := range fields {
		if m.ways[f] != take {
			continue
		}
		took = append(took, f)
		refusal, err := attempt(tx, func() error { return m.take(ctx, tx, f, mayShip) })
		if err == nil && refusal == nil {
			err = m.note(tx, f, models.WayIn)
		} else if err == nil {
			err = m.untaken(tx, f, refusal)
		}
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}

func (m *meeting) take(ctx context.Context, tx *gorm.DB, field string, mayShip bool) error {
	switch field {
	case fieldTitle:
		return m.takeTitle(ctx)
	case fieldState:
		return m.s.decide(ctx, tx, m.l, mayShip)
	case fieldLabel:
		return m.takeLabel(ctx)
	case fieldTarget:
		return m.takeTarget(ctx)
	}
	return nil
}

// attempt does f, and undoes it where f says, in the words of the house, that it may not be.
func attempt(tx *gorm.DB, f func() error) (refusal *models.Error, err error) {
	if err := tx.Exec("SAVEPOINT attempt").Error; err != nil {
		return nil, err
	}
	err = f()
	if kind := models.KindOf(err); kind == models.Invalid || kind == models.Conflict || kind == models.NotFound {
		refusal, _ = errors.AsType[*models.Error](err)
		err = tx.Exec("ROLLBACK TO SAVEPOINT attempt").Error
	}
	if err != nil {
		return nil, err
	}
	return refusal, tx.Exec("RELEASE SAVEPOINT attempt").Error
}

// takeTitle gives the theme the title, in the language that the issue shows.
func (m *meeting) takeTitle(ctx context.Context) error {
	if m.aside || m.th.PublicTitle.IsEmpty() {
		return nil // what is not published has no public title
	}
	title := clip(strings.Join(strings.Fields(m.s.opts.Redact(plain(m.is.title))), " "), themes.MaxTitle-1)
	if title == "" {
		return nil
	}
	public := m.th.PublicTitle
	switch _, lang := public.In("en"); lang {
	case "en":
		public.EN = title
	case "zh":
		public.ZH = title
	default:
		public.Any = title
	}
	_, _, err := m.s.themes.Edit(ctx, auth.GitHub(), m.th.ID, 0, themes.Draft{PublicTitle: &public})
	return err
}

// takeLabel moves the theme where the one label of ours on an open issue says. More of them
// say nothing, and one that wants a reason waits for a person.
func (m *meeting) takeLabel(ctx context.Context) error {
	said := labelled(m.is.labels)
	if m.is.state != isOpen || len(said) != 1 || said[0] == m.th.Status || !m.th.Status.IsOpen() {
		return nil
	}
	if said[0].WantsReason() {
		return m.s.themes.MarkWantsReason(ctx, auth.GitHub(), m.th.ID)
	}
	_, _, err := m.s.themes.SetStatus(ctx, auth.GitHub(), m.th.ID, themes.StatusChange{Status: said[0], Notify: true})
	return err
}
