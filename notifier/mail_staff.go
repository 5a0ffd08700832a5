package notifier

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heedhq/heed/models"
)

// staffView is the weekly mail as the templates see it.
type staffView struct {
	Sections []staffSection
	Why      string
	Stop     string
	StopURL  string
}

// staffSection is one matter with its themes and its page.
type staffSection struct {
	Title string
	Texts []string
	Lines []staffLine
	Open  string
	URL   string
}

type staffLine struct {
	Title quoted
	Facts string
	URL   string
}

// staffMessage completes the weekly mail of one member.
func (w *writing) staffMessage(d models.Delivery, m Message) (Message, error) {
	m.Staff, m.Root = &StaffDigest{}, w.n.o.PublicURL
	if err := json.Unmarshal([]byte(d.Content), m.Staff); err != nil {
		return m, fmt.Errorf("delivery %s: %w", d.ID, err)
	}
	return m, nil
}

func checkStaff(m Message) error {
	if m.Staff == nil || m.Staff.isEmpty() || m.Root == "" {
		return errors.New("a weekly mail that says nothing")
	}
	return nil
}

// viewStaff lays the weekly mail out; every matter has its link.
func (r *Renderer) viewStaff(v *view, m Message) {
	d := m.Staff
	s := &staffView{Why: v.T("mail.staff.why"), Stop: v.T("mail.staff.stop"), StopURL: m.Root + "/promises#mail"}
	add := func(x staffSection, path, open string) {
		x.URL, x.Open = m.Root+path, v.T(open)
		s.Sections = append(s.Sections, x)
	}
	if d.Decides > 0 || d.Overdue > 0 {
		x := staffSection{Title: v.T("mail.staff.promises"), Lines: r.staffLines(v, m, d.Decide, func(t DigestTheme) string { return v.T("mail.staff.people", t.People) })}
		if d.Decides > 0 {
			x.Texts = append(x.Texts, v.T("mail.staff.decide", d.Decides))
		}
		if d.Overdue > 0 {
			x.Texts = append(x.Texts, v.T("mail.staff.overdue", d.Overdue))
		}
		add(x, "/promises", "mail.staff.promises.open")
	}
	if len(d.Rising) > 0 {
		add(staffSection{Title: v.T("mail.staff.rising"), Texts: []string{v.T("mail.staff.rising.text")},
			Lines: r.staffLines(v, m, d.Rising, func(t DigestTheme) string { return v.T("mail.staff.votes", t.Recent, t.Before) })}, "/themes", "mail.staff.rising.open")
	}
	if d.Waiting > 0 {
		x := staffSection{Title: v.T("mail.staff.inbox"), Texts: []string{v.T("mail.staff.inbox.text", d.Waiting, d.Week, d.Month)}}
		if d.Oldest != nil {
			x.Texts = append(x.Texts, v.T("mail.staff.oldest", v.Date(d.Oldest.In(zoneOf(m)))))
		}
		add(x, "/inbox", "mail.staff.inbox.open")
	}
	if d.Sent > 0 || d.Failed > 0 {
		add(staffSection{Title: v.T("mail.staff.told"), Texts: []string{v.T("mail.staff.told.text", d.Sent, d.Failed)}}, "/followups", "mail.staff.told.open")
	}
	v.Staff, v.Subject, v.Intro = s, v.T("mail.subject.staff"), v.T("mail.staff.intro")
	v.Preview = s.Sections[0].Texts[0]
}

func zoneOf(m Message) *time.Location {
	if m.Zone == nil {
		return time.UTC
	}
	return m.Zone
}

func (r *Renderer) staffLines(v *view, m Message, themes []DigestTheme, facts func(DigestTheme) string) []staffLine {
	out := make([]staffLine, 0, len(themes))
	for _, t := range themes {
		c := ThemeChange{Title: t.Title}
		if title, lang := t.PublicTitle.In(string(m.Locale)); title != "" {
			c.Title, c.TitleLang = title, lang
		}
		out = append(out, staffLine{Title: r.quoteTitle(v.Printer, c, bodyTitle), Facts: facts(t), URL: m.Root + "/themes/" + t.ID})
	}
	return out
}
