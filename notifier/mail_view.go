package notifier

import (
	"strings"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// view is what the templates see. Its T is the printer of the one locale that
// the whole mail is written in.
type view struct {
	*i18n.Printer
	Lang           string
	Subject        string
	Preview        string
	Product        string
	Phrase         string
	Code           string
	Notice         *noticeView
	Minutes        int
	Intro          string
	Releases       []releaseView
	Themes         []themeView
	Brief          []themeView
	More           string
	Said           *saidView
	CanReply       bool
	UnsubscribeURL string
	PreferencesURL string
	OutcomesURL    string
	Clocks         []clockView
	ClocksURL      string
	Staff          *staffView
}

// Pair writes a label before a value with the locale's colon.
func (v *view) Pair(label, value string) string {
	return strings.TrimRight(v.T("mail.foot.colon", label, value), " ")
}

// themeView is one theme as the templates see it.
type themeView struct {
	Title      quoted
	OwnWords   bool
	Status     models.Status
	StatusName string
	Colour     string
	Mark       string
	Says       string
	Version    string
	Note       string
	Reason     quoted
	Next       string
	URL        string
	// ReasonLabel stands before Reason.
	ReasonLabel         string
	SolvedURL, MeantURL string
}

const (
	subjectTitle = 90   // runes of a title in the subject
	bodyTitle    = 160  // runes of a title in the body
	ownWords     = 70   // runes of the person's own first words
	reasonAlone  = 3000 // runes of the reason when the mail tells of one theme
	reasonAll    = 6000 // runes of all reasons of a mail together
)

// view lays a checked message out. shrink divides what may be long, for a mail
// that came out too large; 1 is the normal size.
func (r *Renderer) view(m Message, shrink int) *view {
	p := r.catalog.For(m.Locale)
	v := &view{
		Printer: p, Lang: p.Locale().HTMLLang(), Product: r.product, Phrase: r.delink(oneLine(m.Phrase)),
		CanReply: m.ReplyTo != "", UnsubscribeURL: m.UnsubscribeURL, PreferencesURL: m.PreferencesURL, OutcomesURL: m.OutcomesURL,
	}
	if m.Kind == KindSignInCode {
		v.Code, v.Minutes = m.Code, int(m.ValidFor/time.Minute)
		v.Subject = p.T("mail.subject.signin", r.product)
		v.Preview = p.T("mail.signin.valid", v.Minutes)
		return v
	}
	if m.Kind == KindTest {
		v.Subject = p.T("mail.subject.test", r.product)
		v.Notice = &noticeView{Title: p.T("mail.test.title"), Text: p.T("mail.test.text", r.product, r.host), After: p.T("mail.test.after")}
		v.Preview = v.Notice.Title
		return v
	}
	if isThread(m.Kind) {
		r.saidView(p, v, m, shrink)
		return v
	}
	if m.Notice != nil {
		r.notice(p, v, m)
		return v
	}
	if m.Kind == KindStaffDigest {
		r.viewStaff(v, m)
		return v
	}
	if m.Kind == KindClock {
		r.viewClocks(v, m, shrink)
		return v
	}
	r.viewThemes(p, v, m, shrink)
	return v
}

// viewThemes lays a mail about themes out.
func (r *Renderer) viewThemes(p *i18n.Printer, v *view, m Message, shrink int) {
	full, brief := m.Themes, []ThemeChange(nil)
	if len(full) > maxFull {
		full, brief = full[:maxFull], full[maxFull:]
	}
	if rest := len(brief) - maxBrief/shrink; rest > 0 {
		brief = brief[:maxBrief/shrink]
		v.More = p.T("mail.more", rest)
	}
	for _, t := range full {
		v.Themes = append(v.Themes, r.themeView(p, m, t, min(reasonAlone, reasonAll/len(full))/shrink))
	}
	for _, t := range brief {
		v.Brief = append(v.Brief, r.themeView(p, m, t, 1))
	}
	v.Releases = r.releaseViews(p, m, shrink)
	v.Subject, v.Intro = r.headline(p, m)
	if m.Kind == KindPromise {
		v.Subject, v.Intro = promiseHead(p, m, v.Subject)
	}
	if m.Kind == KindOutcome {
		v.Subject, v.Intro = r.outcomeHead(p, m)
	}
	v.Preview = v.Pair(v.Themes[0].StatusName, v.Themes[0].Says)
	if len(v.Releases) > 0 {
		v.Preview = v.Releases[0].Intro
	}
}

// headline returns subject and first sentence. The subject of a mail about one
// theme names the theme and never its state, so that it stays the same.
func (r *Renderer) headline(p *i18n.Printer, m Message) (subject, intro string) {
	toldSubject, toldIntro := r.toldHead(p, m)
	if toldSubject != "" {
		return toldSubject, toldIntro
	}
	if n := len(m.Themes); n > 1 {
		return p.T("mail.subject.themes", n), p.T("mail.intro.themes", n)
	}
	t, limit := m.Themes[0], subjectTitle
	intro = p.T("mail.intro.theme")
	if t.OwnWords {
		limit, intro = ownWords, p.T("mail.intro.own_words")
	}
	if toldIntro != "" {
		intro = toldIntro
	}
	return p.T("mail.subject.theme", r.quoteTitle(p, t, limit).Display), intro
}

func (r *Renderer) themeView(p *i18n.Printer, m Message, t ThemeChange, reasonLimit int) themeView {
	limit := bodyTitle
	if t.OwnWords {
		limit = ownWords
	}
	status := string(t.Status)
	tv := themeView{
		Title: r.quoteTitle(p, t, limit), OwnWords: t.OwnWords, Status: t.Status, Note: t.Note,
		StatusName: p.T("mail.status." + status), Says: p.T("mail.says." + status),
		ReasonLabel: p.T("mail.reason"), Reason: r.quoteReason(p, t.Reason, t.ReasonLang, reasonLimit), URL: t.URL,
	}
	says := "mail.says." + status
	if t.Kind == KindPromise && p.Has("mail.still."+status) {
		says = "mail.still." + status
		tv.Says = p.T(says)
	}
	tv.Colour, tv.Mark = statusLook(t.Status)
	r.told(p, &tv, t)
	if version := clip(r.delink(oneLine(t.Version)), 40); version != "" {
		if key := says + ".version"; p.Has(key) && (t.Kind == KindStatus || t.Kind == KindPromise || t.Kind == "") {
			tv.Says = p.T(key, version)
		} else {
			tv.Version = p.T("mail.version", version)
		}
	}
	zone := time.UTC
	if m.Zone != nil {
		zone = m.Zone
	}
	if t.UpdatedAt != nil {
		tv.ReasonLabel = p.T("mail.promise.update", p.Date(t.UpdatedAt.In(zone)))
	}
	if t.Kind == KindPromise && t.Since != nil {
		tv.Note = p.T("mail.promise.since", p.Date(t.Since.In(zone)))
	}
	if t.PromiseDate != nil {
		tv.Next = p.T("mail.next", p.Date(t.PromiseDate.In(zone)))
	}
	return tv
}

// statusLook returns the colour on white and the mark of a status; the word
// stands beside it always.
func statusLook(s models.Status) (colour, mark string) {
	switch s {
	case models.StatusUnderReview:
		return "#5B4FA8", "◌"
	case models.StatusPlanned:
		return "#1F5FB8", "○"
	case models.StatusInProgress:
		return "#8A5300", "◐"
	case models.StatusShipped:
		return "#1B6B34", "✓"
	case models.StatusDeclined:
		return "#5F5A52", "⊘"
	case models.StatusPostponed:
		return "#5F5A52", "⊖"
	default:
		return "#5F5A52", "·"
	}
}
