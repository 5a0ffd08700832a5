package notifier

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// SentNow is how a mail went that somebody waits for: Answer is the relay's, Problem a
// code for what went wrong ("" when it was accepted), Detail the words of whoever said so.
type SentNow struct {
	To      string
	Answer  string
	Problem string
	Detail  string
}

// What went wrong with a mail that somebody waits for. Each has words that say what to do.
const (
	trialNoRelay   = "no_relay"
	trialNoAddress = "no_address"
	trialUnfound   = "unfound"   // the relay's name is not known
	trialUnreached = "unreached" // nobody answers there
	trialTLS       = "tls"
	trialSignIn    = "sign_in"
	trialSender    = "sender"    // the relay does not take mail from this sender
	trialRecipient = "recipient" // nor for this address
	trialContent   = "content"   // nor this content
	trialLater     = "later"     // not now
	trialDoubt     = "doubt"     // no answer at the end
)

// trialPatience is how long a page waits for the relay.
const trialPatience = 20 * time.Second

// SendTest sends a mail to the member who asks, over a connection of its own, and says what the
// relay answered. Needs auth.Administer.
func (n *Notifier) SendTest(ctx context.Context, a auth.Actor) (SentNow, error) {
	if err := auth.Can(a, auth.Administer); err != nil {
		return SentNow{}, err
	}
	m := Message{Kind: KindTest, Locale: n.localeOf(a.Locale), To: Recipient{Name: a.Name, Email: a.Email}}
	return n.sendNow(ctx, m)
}

// SendPreview sends a status mail as its readers would get it to the member who asks. Needs
// auth.Announce and auth.ReadAll. Errors as PreviewMail.
func (n *Notifier) SendPreview(ctx context.Context, a auth.Actor, th models.Theme, locale i18n.Locale) (SentNow, error) {
	m, err := n.previewMessage(ctx, a, th, locale)
	if err != nil {
		return SentNow{}, err
	}
	m.To = Recipient{Name: a.Name, Email: a.Email}
	return n.sendNow(ctx, m)
}

// sendNow sends one mail while its reader waits. It is no row of the ledger: nobody is lost
// when it does not arrive.
func (n *Notifier) sendNow(ctx context.Context, m Message) (SentNow, error) {
	out := SentNow{To: m.To.Email}
	switch {
	case n.o.NowPool == nil:
		out.Problem = trialNoRelay
		return out, nil
	case m.To.Email == "":
		out.Problem = trialNoAddress
		return out, nil
	}
	id := models.NewID(models.PrefixDelivery)
	m.MessageID, m.ThreadRoot, m.Date = id+"@"+n.domain, "", n.db.Now()
	r, err := n.o.Renderer.Render(m)
	if err != nil {
		return out, wrapLedger("send now", err)
	}
	o := n.o.NowPool.options
	o.Connections, o.DialTimeout, o.CommandTimeout, o.FinalTimeout = 1, trialPatience/2, trialPatience/2, trialPatience
	p, err := NewPool(o)
	if err != nil {
		return out, wrapLedger("send now", err)
	}
	defer p.Close()
	answer, err := p.Send(ctx, r.Envelope, r.Body, nil)
	if err == nil {
		out.Answer = answer.String()
		return out, nil
	}
	out.Problem, out.Detail = trialProblem(err)
	return out, nil
}

// trialProblem says what an error of Pool.Send means to who set the mail up.
func trialProblem(err error) (problem, detail string) {
	var refused *ErrRefused
	var doubt *ErrInDoubt
	var dns *net.DNSError
	var reply *textproto.Error
	detail = parseAnswer(0, err.Error()).Text
	switch {
	case errors.As(err, &doubt):
		return trialDoubt, detail
	case errors.As(err, &refused):
		detail = refused.Answer().String()
		switch {
		case refused.Temporary:
			return trialLater, detail
		case refused.Stage == StageMail:
			return trialSender, detail
		case refused.Stage == StageRcpt || refused.Stage == StageAddress:
			return trialRecipient, detail
		}
		return trialContent, detail
	case errors.As(err, &dns):
		return trialUnfound, detail
	case isTLS(err):
		return trialTLS, detail
	case errors.Is(err, errCleartextAuth), strings.Contains(err.Error(), "sign-in:"), strings.Contains(err.Error(), "AUTH PLAIN"),
		errors.As(err, &reply) && reply.Code/10 == 53:
		return trialSignIn, detail
	}
	return trialUnreached, detail
}

func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &header) || errors.As(err, &authority) || errors.As(err, &name) || strings.Contains(err.Error(), "STARTTLS") || strings.Contains(err.Error(), "tls:")
}

// MailPreview is a mail as it would be sent, without anybody's name, phrase or link of their
// own in it.
type MailPreview struct {
	Locale  i18n.Locale
	Subject string
	Text    string
	HTML    string
	Source  string
	// OwnWords: the theme has no public title, so each reader sees their own first words
	// instead of the ones shown.
	OwnWords bool
}

// PreviewMail writes the mail that tells of a theme as it would stand (themes.TryStatus), in one
// language. Needs auth.Announce and auth.ReadAll. Invalid status status_invalid where nobody is told of the status.
func (n *Notifier) PreviewMail(ctx context.Context, a auth.Actor, th models.Theme, locale i18n.Locale) (MailPreview, error) {
	m, err := n.previewMessage(ctx, a, th, locale)
	if err != nil {
		return MailPreview{}, err
	}
	r, err := n.o.Renderer.Render(m)
	if err != nil {
		return MailPreview{}, wrapLedger("preview a mail", err)
	}
	return MailPreview{Locale: locale, Subject: r.Subject, Text: r.Text, HTML: r.HTML, Source: string(r.Body), OwnWords: m.Themes[0].OwnWords}, nil
}

// previewMessage writes it as the ledger would, for a reader who is nobody. Whose own words a
// theme without a title is named by is one of those readers, in their language where there is one.
func (n *Notifier) previewMessage(ctx context.Context, a auth.Actor, th models.Theme, locale i18n.Locale) (Message, error) {
	for _, needs := range []auth.Action{auth.Announce, auth.ReadAll} { // it says what is not published
		if err := auth.Can(a, needs); err != nil {
			return Message{}, err
		}
	}
	if !isTellable(th.Status) {
		return Message{}, models.BadField("status", "status_invalid", string(th.Status))
	}
	s := snapshot{To: th.Status, PublicTitle: th.PublicTitle, Reason: th.Reason, PromiseDate: th.PromiseDate, Version: th.Version}
	text, err := json.Marshal(s)
	if err != nil {
		return Message{}, err
	}
	item := models.FollowUpItem{EventID: "preview", ThemeID: th.ID}
	err = n.db.Read(ctx).Raw(`SELECT s.person_id FROM suggestions s JOIN suggestion_themes x ON x.suggestion_id = s.id JOIN people p ON p.id = s.person_id
		WHERE x.theme_id = ? AND s.confidential = FALSE ORDER BY CASE WHEN p.locale = ? THEN 0 ELSE 1 END, s.id LIMIT 1`, th.ID, string(locale)).Scan(&item.PersonID).Error
	if err != nil {
		return Message{}, wrapLedger("preview a mail", err)
	}
	w := &writing{n: n, snaps: snapshots{}, events: map[string]models.FollowUpEvent{"preview": {ID: "preview", ThemeID: th.ID, Snapshot: string(text)}}, themes: map[string]models.Theme{th.ID: th}}
	if err := w.loadOwnWords(ctx, []models.FollowUpItem{item}); err != nil {
		return Message{}, wrapLedger("preview a mail", err)
	}
	change, err := w.change(item, locale)
	if err != nil {
		return Message{}, wrapLedger("preview a mail", err)
	}
	return Message{
		Kind: KindStatus, Locale: locale, To: Recipient{Email: "reader@" + n.domain}, Themes: []ThemeChange{change},
		UnsubscribeURL: n.o.PublicURL + "/unsubscribe/preview", PreferencesURL: n.o.PublicURL + "/preferences/preview", MessageID: "preview." + th.ID + "@" + n.domain, ThreadRoot: th.ID + ".preview@" + n.domain,
		Date: n.db.Now(),
	}, nil
}
