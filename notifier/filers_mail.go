package notifier

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// filed is what a mail to who files for others is written from.
type filed struct {
	news        map[string][]models.OutcomeNews // by delivery
	themes      map[string]models.Theme
	suggestions map[string]models.Suggestion
	names       map[string]string             // of members, by address
	updates     map[string]models.ThemeUpdate // by activity
}

// loadFiled reads it for the deliveries that are of the kind.
func (w *writing) loadFiled(ctx context.Context, ds []models.Delivery) error {
	w.filed = filed{news: map[string][]models.OutcomeNews{}, names: map[string]string{}}
	var ids, addresses, themes, suggestions, activities []string
	for _, d := range ds {
		if d.Kind == string(KindOutcome) {
			ids, addresses = append(ids, d.ID), append(addresses, d.Address)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	db := w.n.db.Read(ctx)
	var news []models.OutcomeNews
	if err := db.Order("seq DESC").Find(&news, "delivery_id <> '' AND delivery_id IN ?", ids).Error; err != nil {
		return err
	}
	for _, x := range news {
		w.filed.news[x.DeliveryID] = append(w.filed.news[x.DeliveryID], x)
		themes, suggestions = append(themes, x.ThemeID), append(suggestions, x.SuggestionID)
		if x.Verb == models.ThemeUpdated {
			activities = append(activities, x.ActivityID)
		}
	}
	var ths []models.Theme
	var sugs []models.Suggestion
	var members []models.Member
	var ups []models.ThemeUpdate
	for _, q := range []struct {
		into  any
		where string
		ids   []string
	}{{&ths, "id IN ?", distinct(themes)}, {&sugs, "id IN ?", distinct(suggestions)}, {&members, "email IN ?", distinct(addresses)}, {&ups, "activity_id IN ?", activities}} {
		if len(q.ids) > 0 {
			if err := db.Find(q.into, q.where, q.ids).Error; err != nil {
				return err
			}
		}
	}
	w.filed.themes = byID(ths, func(t models.Theme) string { return t.ID })
	w.filed.suggestions = byID(sugs, func(s models.Suggestion) string { return s.ID })
	w.filed.updates = byID(ups, func(u models.ThemeUpdate) string { return u.ActivityID })
	for _, m := range members {
		w.filed.names[m.Email] = m.Name
	}
	return nil
}

// outcome writes the letter to who files: the team reads the team's own names of
// themes, and the links lead to the console.
func (w *writing) outcome(d models.Delivery, m Message) (Message, error) {
	m.To.Name, m.OutcomesURL = w.filed.names[d.Address], w.n.o.PublicURL+"/outcomes"
	p := w.n.o.Renderer.catalog.For(m.Locale)
	for _, x := range w.filed.news[d.ID] {
		s := w.filed.suggestions[x.SuggestionID]
		own := words{Title: s.Title, Text: s.Text, Lang: s.Lang}
		if s.Confidential { // read in the console alone
			own = words{Title: p.T("mail.clock.confidential")}
		}
		c := ThemeChange{Title: own.first(), TitleLang: own.Lang, OwnWords: true, Status: statusClosed, URL: w.n.o.PublicURL + "/suggestions/" + s.ID,
			Note: p.T("mail.outcome.about", x.Suggestions)}
		if th, ok := w.filed.themes[x.ThemeID]; ok {
			c.Title, c.TitleLang, c.OwnWords, c.URL = th.NameFor(string(m.Locale)), "", false, w.n.o.PublicURL+"/themes/"+th.ID
			if title, lang := th.PublicTitle.In(string(m.Locale)); title != "" {
				c.TitleLang = lang
			}
			c.Status, c.Version, c.PromiseDate = th.Status, th.Version, th.PromiseDate
			c.Reason, c.ReasonLang = th.Reason.In(string(m.Locale))
			if u, ok := w.filed.updates[x.ActivityID]; ok && u.RemovedAt == nil {
				c.Kind = KindUpdate
				c.Reason, c.ReasonLang = u.Text.In(string(m.Locale))
			}
			if th.Status == models.StatusCandidate { // it was taken back while the mail waited
				continue
			}
		}
		m.Themes = append(m.Themes, c)
	}
	if len(m.Themes) == 0 {
		return m, fmt.Errorf("nothing is left to tell")
	}
	slices.SortStableFunc(m.Themes, func(a, b ThemeChange) int { return cmp.Compare(weight(a.Status), weight(b.Status)) })
	return m, nil
}

// statusClosed stands in a mail to who filed for a suggestion that was closed
// without a theme; no theme has it.
const statusClosed models.Status = "closed"

// outcomeHead returns subject and first sentence of a mail to who filed.
func (r *Renderer) outcomeHead(p *i18n.Printer, m Message) (subject, intro string) {
	if n := len(m.Themes); n > 1 {
		return p.T("mail.subject.outcomes", n), p.T("mail.intro.outcomes", n)
	}
	t := m.Themes[0]
	return p.T("mail.subject.outcome", r.quoteTitle(p, t, subjectTitle).Display), p.T("mail.intro.outcome")
}
