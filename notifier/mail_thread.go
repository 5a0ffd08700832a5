package notifier

import (
	"errors"
	"regexp"
	"strings"

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
	// MeantURL lets the person say that what their words joined by themselves is not
	// what they meant, "" where they joined nothing.
	MeantURL string
}

// addresses are what names a wallet or a transaction: the person's page has them in
// full, a mail, which lies on other people's machines, has not.
var addresses = regexp.MustCompile(`\b(?:0x[0-9a-fA-F]{16,}|[0-9a-fA-F]{64}|(?:bc1|tb1|ltc1|addr1|cosmos1)[0-9a-z]{20,}|[1-9A-HJ-NP-Za-km-z]{26,88})\b`)

// hideAddresses leaves the first four characters of each.
func hideAddresses(s string) string {
	return addresses.ReplaceAllStringFunc(s, func(a string) string {
		if !strings.ContainsAny(a, "0123456789") { // a long word
			return a
		}
		return a[:4] + "…"
	})
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
	Meant   string
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
	s := *m.Said
	s.Words, s.Reply = hideAddresses(s.Words), hideAddresses(s.Reply)
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
		sv.Meant = s.MeantURL
	case KindHandedOver:
		sv.Intro, sv.Text = p.T("mail.handed_over.intro"), p.T("mail.handed_over.text")
		v.Preview = sv.Text
	}
	v.Said = sv
}
