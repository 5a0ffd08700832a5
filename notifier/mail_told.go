package notifier

import (
	"context"
	"errors"
	"fmt"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// ReleaseNote is a version that shipped, as a mail tells of it. Product may be "";
// Notes may be, and are in NotesLang.
type ReleaseNote struct {
	Product   string
	Version   string
	Notes     string
	NotesLang string
}

// releaseView is a ReleaseNote as the templates see it.
type releaseView struct {
	Name  string
	Intro string
	Notes quoted
}

const notesLength = 6000 // runes of release notes in a mail

// checkTold checks what the kinds besides a status must have.
func (m Message) checkTold() error {
	for _, t := range m.Themes {
		switch {
		case (t.Kind == KindUpdate || t.Kind == KindComment) && t.Reason == "":
			return fmt.Errorf("%s without its text", t.Kind)
		case t.Kind == KindMerged && t.MeantURL == "":
			return errors.New("a merge without a way to say that it is wrong")
		}
	}
	for _, r := range m.Releases {
		if r.Version == "" {
			return errors.New("a release without its version")
		}
	}
	return nil
}

func (t ThemeChange) answerLinks() []string { return []string{t.SolvedURL, t.MeantURL} }

// isRelease: the mail is about one version and nothing else.
func (m Message) isRelease() bool {
	if len(m.Releases) != 1 {
		return false
	}
	for _, t := range m.Themes {
		if !t.InRelease {
			return false
		}
	}
	return true
}

func (r *Renderer) releaseViews(p *i18n.Printer, m Message, shrink int) []releaseView {
	var out []releaseView
	for _, rel := range m.Releases {
		name := r.releaseName(rel)
		n := 0
		for _, t := range m.Themes {
			if t.InRelease && (len(m.Releases) == 1 || t.Version == rel.Version) {
				n++
			}
		}
		out = append(out, releaseView{Name: name, Intro: p.T("mail.release.yours", n),
			Notes: r.quoteReason(p, rel.Notes, rel.NotesLang, notesLength/len(m.Releases)/shrink)})
	}
	return out
}

// releaseName is the product, or who sends the mail, with the version.
func (r *Renderer) releaseName(rel ReleaseNote) string {
	product := clip(r.delink(oneLine(rel.Product)), 60)
	if product == "" {
		product = r.product
	}
	return product + " " + clip(r.delink(oneLine(rel.Version)), 40)
}

// toldHead returns subject and first sentence of a mail that is no plain status; ""
// for others. The subject of a mail about one theme stays that of the theme.
func (r *Renderer) toldHead(p *i18n.Printer, m Message) (subject, intro string) {
	if m.isRelease() {
		name := r.releaseName(m.Releases[0])
		return p.T("mail.subject.release", name), p.T("mail.intro.release", name)
	}
	if len(m.Themes) != 1 {
		return "", ""
	}
	switch m.Themes[0].Kind {
	case KindUpdate, KindMerged, KindComment:
		return "", p.T("mail.intro." + string(m.Themes[0].Kind))
	}
	return "", ""
}

// told says in a theme's lines what happened to it, where that is no status.
func (r *Renderer) told(p *i18n.Printer, tv *themeView, t ThemeChange) {
	tv.ReasonLabel = p.T("mail.reason")
	switch t.Kind {
	case KindUpdate:
		tv.Says, tv.ReasonLabel = p.T("mail.says.update"), p.T("mail.update.text")
	case KindMerged:
		tv.Says = p.T("mail.says.merged")
		if t.Went != "" {
			went := r.quoteTitle(p, ThemeChange{Title: t.Went, TitleLang: t.WentLang}, bodyTitle)
			if went.LangNote == "" {
				went.Display = p.T("mail.quoted", went.Shown)
			}
			tv.Says = p.T("mail.says.merged.named", went.Display)
		}
	case KindComment:
		tv.Says, tv.ReasonLabel = p.T("mail.says.comment.team"), p.T("mail.comment.text")
		if by := clip(r.delink(oneLine(t.By)), 60); by != "" {
			tv.Says = p.T("mail.says.comment", by)
			if t.Staff {
				tv.Says = p.T("mail.says.comment.staff", by)
			}
		}
	}
	tv.SolvedURL, tv.MeantURL = t.SolvedURL, t.MeantURL
}

// tell adds to a theme's change what its event says besides a status.
func (w *writing) tell(c *ThemeChange, i models.FollowUpItem, s snapshot, locale i18n.Locale) {
	switch c.Kind {
	case KindUpdate:
		c.Reason, c.ReasonLang = s.Text.In(string(locale))
	case KindComment:
		c.Reason, c.ReasonLang, c.By, c.Staff = s.Text.Any, s.TextLang, s.By, s.Staff
	case KindMerged:
		c.Went, c.WentLang = s.Went.In(string(locale))
		c.MeantURL = w.n.o.PublicURL + "/meant/" + w.n.linkToken(meantPurpose, i.EventID, i.PersonID)
	case KindStatus, "":
		c.InRelease = s.Release != nil && s.To == models.StatusShipped
		if s.To == models.StatusShipped {
			c.SolvedURL = w.n.o.PublicURL + "/solved/" + w.n.linkToken(solvedPurpose, i.EventID, i.PersonID)
		}
	}
}

// releaseNotes adds the releases that the items belong to, each once.
func (w *writing) releaseNotes(m *Message, items []models.FollowUpItem) error {
	seen := map[string]bool{}
	for _, i := range items {
		s, err := w.snaps.of(w.events[i.EventID])
		if err != nil {
			return err
		}
		if s.Release == nil || s.To != models.StatusShipped || seen[s.Release.ID] {
			continue
		}
		seen[s.Release.ID] = true
		note := ReleaseNote{Product: s.Release.Product, Version: s.Release.Version}
		note.Notes, note.NotesLang = w.releases[s.Release.ID].Notes.In(string(m.Locale))
		m.Releases = append(m.Releases, note)
		if m.isRelease() {
			m.ThreadRoot = s.Release.ID + "." + i.PersonID + "@" + w.n.domain
		}
	}
	return nil
}

// loadReleases reads the releases that events belong to.
func (w *writing) loadReleases(ctx context.Context, events []models.FollowUpEvent) error {
	w.releases = map[string]models.Release{}
	var ids []string
	for _, e := range events {
		if s, err := w.snaps.of(e); err == nil && s.Release != nil {
			ids = append(ids, s.Release.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rels []models.Release
	err := w.n.db.Read(ctx).Find(&rels, "id IN ?", distinct(ids)).Error
	w.releases = byID(rels, func(r models.Release) string { return r.ID })
	return err
}

// With is a theme together with the mail it stands in.
func (v *view) With(t themeView) map[string]any { return map[string]any{"V": v, "Theme": t} }
