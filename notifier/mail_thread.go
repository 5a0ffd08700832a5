package notifier

import (
	"errors"

	"github.com/heedhq/heed/i18n"
)

// Said is what a mail about one suggestion tells its person. Words are the
// person's own first ones; Reply is staff's text as it was written, and By who
// wrote it, "" for the team. URL is the person's page of the suggestion.
type Said struct {
	Words, WordsLang string
	Reply, ReplyLang string
	By               string
	Receipt          string
	URL              string
}

const replyLength = 6000 // runes of a reply in a mail; the page has all of it

// saidView is a Said as the templates see it.
type saidView struct {
	Words   quoted
	Reply   quoted
	Intro   string
	Text    string
	Receipt string
	URL     string
	Open    string
	Why     string
}

func (m *Message) checkSaid() error {
	switch {
	case m.Said == nil || m.Said.URL == "":
		return errors.New("a mail about a suggestion without one")
	case m.Kind == KindReply && m.Said.Reply == "":
		return errors.New("a reply without its text")
	case m.Kind == KindReceived && m.Said.Receipt == "":
		return errors.New("a confirmation without its receipt")
	case m.Kind != KindReply && m.UnsubscribeURL == "":
		return errors.New("a mail about a suggestion without a way to stop it")
	}
	return nil
}

// saidView lays out a mail about one suggestion. Its subject names the suggestion
// and not what happened, so that mail programs keep all of them together.
func (r *Renderer) saidView(p *i18n.Printer, v *view, m Message, shrink int) {
	s := m.Said
	own := ThemeChange{Title: s.Words, TitleLang: s.WordsLang, OwnWords: true}
	sv := &saidView{Words: r.quoteTitle(p, own, ownWords), URL: s.URL, Open: p.T("mail.said.open"), Why: p.T("mail.foot.why_said", r.product)}
	v.Subject = p.T("mail.subject.said", sv.Words.Display)
	by := clip(r.delink(oneLine(s.By)), 60)
	switch m.Kind {
	case KindReply:
		sv.Intro = p.T("mail.reply.intro.team")
		if by != "" {
			sv.Intro = p.T("mail.reply.intro", by)
		}
		sv.Reply = r.quoteReason(p, s.Reply, s.ReplyLang, replyLength/shrink)
		sv.Text, sv.Open = p.T("mail.reply.text"), p.T("mail.reply.open")
		v.Preview = clip(oneLine(r.delink(s.Reply)), bodyTitle)
	case KindReceived:
		sv.Intro, sv.Text, sv.Receipt = p.T("mail.received.intro"), p.T("mail.received.text"), s.Receipt
		v.Preview = v.Pair(p.T("mail.received.receipt"), s.Receipt)
	case KindHandedOver:
		sv.Intro, sv.Text = p.T("mail.handed_over.intro"), p.T("mail.handed_over.text")
		v.Preview = sv.Text
	}
	v.Said = sv
}
