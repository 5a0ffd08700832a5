package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// Who has no address for mail is not left out: their row of an event stands on a
// list until a member has told them, wherever they can be found.

// ToTell is what one person is to be told by hand. Text is what to say, in Locale,
// the person's language; Addresses are where they may be found, and Mail is an
// address for mail that became known since, "" for none.
type ToTell struct {
	EventID    string
	Kind       Kind
	PersonID   string
	PersonName string
	// Suggestion is what a reply or a hand-over is about, and Said its first words; such
	// a row has no theme.
	Suggestion string
	Said       string
	// Confidential: no word of it leaves Heed by itself.
	Confidential bool
	ThemeID      string
	ThemeTitle   string
	Status       models.Status
	Locale       string
	Text         string
	Addresses    []models.Address
	Mail         string
	At           time.Time
}

// ByHandFilter pages through the list. Theme narrows it; Limit is 50, at most 100.
type ByHandFilter struct {
	Theme  string
	Cursor string
	Limit  int
}

// untold are the rows to tell by hand: the latest event of each person and theme,
// since nobody is told what has changed again, and every reply. That something came in
// is told by nobody: who filed it for the person was talking with them. Nor is, but for a
// reply, what they want to hear nothing of.
const untold = `i.skip_reason = 'no_channel' AND i.told_at IS NULL AND e.recalled_at IS NULL AND e.kind <> 'received' AND (e.kind = 'reply' OR NOT ` + itemOff + `) AND NOT ` + itemMuted + `
	AND (e.theme_id = '' OR NOT EXISTS (SELECT 1 FROM follow_up_items n JOIN follow_up_events f ON f.id = n.event_id
	WHERE n.person_id = i.person_id AND n.theme_id = i.theme_id AND f.kind = e.kind AND f.rev > e.rev))`

// ByHand lists who is to be told by hand, the latest news first, and the cursor of
// the next page, "" at the end. Needs auth.ReadPeople.
func (n *Notifier) ByHand(ctx context.Context, a auth.Actor, f ByHandFilter) (rows []ToTell, next string, err error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, "", err
	}
	f.Limit = pageSize(f.Limit)
	where, args := untold, map[string]any{"limit": f.Limit + 1, "theme": f.Theme}
	if f.Theme != "" {
		where += " AND i.theme_id = @theme"
	}
	if f.Cursor != "" {
		event, person, ok := strings.Cut(f.Cursor, ".")
		if !ok || !models.IsID(models.PrefixEvent, event) || !models.IsID(models.PrefixPerson, person) {
			return nil, "", models.BadField("cursor", "cursor_unreadable")
		}
		where += " AND (i.event_id < @event OR i.event_id = @event AND i.person_id > @person)"
		args["event"], args["person"] = event, person
	}
	var items []models.FollowUpItem
	err = n.db.Read(ctx).Raw(`SELECT i.* FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id WHERE `+where+`
		ORDER BY i.event_id DESC, i.person_id LIMIT @limit`, args).Scan(&items).Error
	if err != nil {
		return nil, "", wrapLedger("list who to tell by hand", err)
	}
	items, next = paged(items, f.Limit, func(i models.FollowUpItem) string { return i.EventID + "." + i.PersonID })
	rows, err = n.toTell(ctx, items)
	return rows, next, wrapLedger("list who to tell by hand", err)
}

// ToTellCount counts who is to be told by hand, up to 1,000.
func (n *Notifier) ToTellCount(ctx context.Context, a auth.Actor) (count int, err error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return 0, err
	}
	err = n.db.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id WHERE ` + untold + ` LIMIT 1000) x`).Scan(&count).Error
	return count, wrapLedger("count who to tell by hand", err)
}

// LookedUp is a theme with how many of its suggestions are nobody's in particular.
type LookedUp struct {
	ThemeID string
	N       int
}

// LookedUp counts, for the 20 themes with the latest news (or one), the suggestions
// that came without a name and an address: who sent them has a receipt and looks the
// answer up by it, so nobody is to tell them. Needs auth.ReadPeople.
func (n *Notifier) LookedUp(ctx context.Context, a auth.Actor, theme string) (rows []LookedUp, err error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return nil, err
	}
	err = n.db.Read(ctx).Raw(`SELECT x.theme_id, COUNT(*) AS n FROM suggestion_themes x JOIN suggestions s ON s.id = x.suggestion_id
		WHERE s.person_id = '' AND x.theme_id IN (SELECT e.theme_id FROM follow_up_events e WHERE e.notify = TRUE AND (@theme = '' OR e.theme_id = @theme)
			GROUP BY e.theme_id ORDER BY MAX(e.id) DESC LIMIT 20)
		GROUP BY x.theme_id ORDER BY x.theme_id`, map[string]any{"theme": theme}).Scan(&rows).Error
	return rows, wrapLedger("count who has a receipt", err)
}

// toTell says what to say, as a mail would.
func (n *Notifier) toTell(ctx context.Context, items []models.FollowUpItem) ([]ToTell, error) {
	out := make([]ToTell, 0, len(items))
	if len(items) == 0 {
		return out, nil
	}
	var persons []string
	for _, i := range items {
		persons = append(persons, i.PersonID)
	}
	w := &writing{n: n, snaps: snapshots{}}
	if err := w.read(ctx, items, persons); err != nil {
		return nil, err
	}
	var as []models.Address
	if err := n.db.Read(ctx).Order("channel, value").Find(&as, "person_id IN ?", distinct(persons)).Error; err != nil {
		return nil, err
	}
	at := map[string][]models.Address{}
	for _, ad := range as {
		at[ad.PersonID] = append(at[ad.PersonID], ad)
	}
	for _, i := range items {
		p, th := w.people[i.PersonID], w.themes[i.ThemeID]
		locale, event := n.localeOf(p.Locale), w.events[i.EventID]
		r := ToTell{EventID: i.EventID, Kind: Kind(event.Kind), PersonID: p.ID, PersonName: p.Name, Locale: string(locale), Addresses: at[p.ID], At: event.CreatedAt}
		if isThread(r.Kind) {
			if err := n.threadToTell(ctx, event, locale, &r); err != nil {
				return nil, err
			}
		} else {
			c, err := w.change(i, locale)
			if err != nil {
				return nil, err
			}
			r.ThemeID, r.ThemeTitle, r.Status, r.Text = th.ID, th.NameFor(string(locale)), c.Status, n.o.Renderer.spoken(locale, p.TimeZone, c)
		}
		if k := slices.IndexFunc(r.Addresses, func(ad models.Address) bool { return ad.Channel == models.ChannelEmail }); k >= 0 {
			r.Mail = r.Addresses[k].Value
		}
		out = append(out, r)
	}
	return out, nil
}

// threadToTell fills in what staff wrote to the person, or that another team answers.
func (n *Notifier) threadToTell(ctx context.Context, event models.FollowUpEvent, locale i18n.Locale, r *ToTell) error {
	var of about
	if err := json.Unmarshal([]byte(event.Snapshot), &of); err != nil {
		return fmt.Errorf("event %s: %w", event.ID, err)
	}
	var s models.Suggestion
	if err := n.db.Read(ctx).Limit(1).Find(&s, "id = ?", of.Suggestion).Error; err != nil {
		return err
	}
	r.Suggestion, r.Confidential, r.Said = s.ID, s.Confidential, words{Title: s.Title, Text: s.Text}.first()
	p := n.o.Renderer.catalog.For(locale)
	text := p.T("mail.handed_over.intro") + "\n" + p.T("mail.handed_over.text")
	if r.Kind == KindReply {
		var m models.Message
		if err := n.db.Read(ctx).Limit(1).Find(&m, "id = ?", of.Message).Error; err != nil {
			return err
		}
		text = redact.WithoutChips(m.Text)
	}
	r.Text = text + "\n" + p.T("mail.foot.never")
	return nil
}

// spoken is one change as a member may pass it on, in plain lines.
func (r *Renderer) spoken(locale i18n.Locale, zone string, c ThemeChange) string {
	p := r.catalog.For(locale)
	m := Message{Locale: locale, Zone: time.UTC}
	if z, err := time.LoadLocation(zone); err == nil {
		m.Zone = z
	}
	v := r.themeView(p, m, c, reasonAlone)
	title := v.Title.Display
	if title == v.Title.Shown && !c.OwnWords && v.Title.LangNote == "" && !strings.ContainsAny(title, "“”") {
		title = p.T("mail.quoted", title) // in a sentence, so that it is seen where it ends
	}
	lines := []string{p.T("by_hand.about", title, v.StatusName), v.Says}
	if v.Version != "" {
		lines = append(lines, v.Version)
	}
	if len(v.Reason.Lines) > 0 {
		lines = append(lines, p.T("by_hand.reason", strings.Join(v.Reason.Lines, "\n")))
		if v.Reason.LangNote != "" {
			lines = append(lines, v.Reason.LangNote)
		}
	}
	if v.Next != "" {
		lines = append(lines, v.Next)
	}
	if v.URL != "" {
		lines = append(lines, v.URL)
	}
	return strings.Join(append(lines, p.T("mail.foot.never")), "\n")
}

// ToldByHand records that a member told a person of an event, and of what came
// before it. It returns the activity, which undo takes. Needs auth.EditPeople.
// Errors: NotFound by_hand_unknown, Conflict by_hand_told.
func (n *Notifier) ToldByHand(ctx context.Context, a auth.Actor, event, person string) (activity string, err error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return "", err
	}
	err = n.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if person, err = models.StandingPerson(tx, person); err != nil {
			return err
		}
		act := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.FollowUpTold, PersonID: person, Snapshot: models.Change{Event: event}.Encode()}
		if act.ThemeID, err = n.told(tx, act.ID, event, person); err != nil {
			return err
		}
		activity = act.ID
		return n.db.Record(ctx, tx, a.By(), act)
	})
	return activity, wrapLedger("tell by hand", err)
}

// told marks the row of an event, and the earlier ones of its theme; a reply is told
// alone.
func (n *Notifier) told(tx *gorm.DB, activity, event, person string) (theme string, err error) {
	var i models.FollowUpItem
	res := n.db.Hold(tx).Limit(1).Find(&i, "event_id = ? AND person_id = ? AND skip_reason = ?", event, person, SkipNoChannel)
	switch {
	case res.Error != nil:
		return "", res.Error
	case res.RowsAffected == 0:
		return "", models.Fail(models.NotFound, "by_hand_unknown")
	case i.ToldAt != nil:
		return "", models.Fail(models.Conflict, "by_hand_told")
	}
	return i.ThemeID, tx.Exec(`UPDATE follow_up_items SET told_at = @now, told_by = @act WHERE person_id = @person AND theme_id = @theme AND skip_reason = 'no_channel' AND told_at IS NULL
		AND event_id IN (SELECT o.id FROM follow_up_events o JOIN follow_up_events e ON e.id = @event AND e.theme_id = o.theme_id AND e.kind = o.kind WHERE o.id = e.id OR o.theme_id <> '' AND o.rev <= e.rev)`,
		map[string]any{"now": n.db.Now(), "act": activity, "person": person, "theme": i.ThemeID, "event": event}).Error
}

// TakeBackTold undoes ToldByHand, or does it again when that undo is undone; it is
// called by themes' Undo.
func (n *Notifier) TakeBackTold(ctx context.Context, tx *gorm.DB, a auth.Actor, act *models.Activity) (*models.Activity, error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return nil, err
	}
	c, err := act.Change()
	if err != nil {
		return nil, wrapLedger("take telling back", err)
	}
	made := &models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.ActivityUndone, ThemeID: act.ThemeID, PersonID: act.PersonID}
	made.Snapshot = models.Change{Undoes: act.ID, UndoneVerb: models.FollowUpTold, Again: c.TakesBack(), Event: c.Event}.Encode()
	if c.TakesBack() {
		person, err := models.StandingPerson(tx, act.PersonID)
		if err == nil {
			_, err = n.told(tx, made.ID, c.Event, person)
		}
		if err != nil {
			return nil, wrapLedger("take telling back", err)
		}
	} else {
		err := tx.Exec("UPDATE follow_up_items SET told_at = NULL, told_by = '' WHERE told_by = ? AND told_by <> ''", act.ID).Error
		if err != nil {
			return nil, wrapLedger("take telling back", err)
		}
	}
	return made, n.db.Record(ctx, tx, a.By(), made)
}
