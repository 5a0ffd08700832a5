package notifier

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// Kind is what a mail is about.
type Kind string

// The kinds of mail. Those up to KindDigest are follow-ups: they tell of themes, settle
// first, and are put together into one mail a person.
const (
	// KindStatus tells a person of one or more themes that changed.
	KindStatus Kind = "status"
	// KindUpdate tells what staff wrote about a theme that stays where it is.
	KindUpdate Kind = "update"
	// KindPromise tells where a theme stands on the day that was promised, and when the
	// person hears next.
	KindPromise Kind = "promise"
	// KindMerged tells that a theme went into another, where staff chose to say so.
	KindMerged Kind = "merged"
	// KindComment tells that somebody answered a person's comment.
	KindComment Kind = "comment"
	// KindDigest tells of several things of different kinds, or of what was put off.
	KindDigest Kind = "digest"
	// KindSignInCode carries a code to sign in with; it can be stopped by
	// nobody and has no link.
	KindSignInCode Kind = "signin_code"
	// KindOutcome tells a member what became of what they, or their tokens, filed
	// for others.
	KindOutcome Kind = "outcome"
	// KindReceived confirms a suggestion to its person, with the receipt.
	KindReceived Kind = "received"
	// KindReply carries what staff wrote to a suggestion's person. It waits for
	// nothing, and who stopped follow-ups gets it too: it is an answer.
	KindReply Kind = "reply"
	// KindHandedOver tells that another team has it now.
	KindHandedOver Kind = "handed_over"
	// KindSafety tells a person in danger what to do; it waits for nothing and is
	// stopped by no preference.
	KindSafety Kind = "safety"
	// KindEscalation tells the team of emergencies that nobody acknowledged.
	KindEscalation Kind = "escalation"
	// KindClock tells members of first replies that are late, or soon will be.
	KindClock Kind = "clock"
	// KindTest shows a member that the relay takes mail.
	KindTest Kind = "test"
	// KindWebhook tells who runs Heed that an outgoing webhook was switched off.
	KindWebhook Kind = "webhook"
	// KindStaffDigest tells who decides what is built how the week was.
	KindStaffDigest Kind = "staff_digest"
)

// Recipient is one person's address. Name may be empty and in any script.
type Recipient struct{ Name, Email string }

// ThemeChange is what one theme says to one person. Texts are already chosen
// for the reader; TitleLang and ReasonLang name the language they are really
// written in ("en", "zh", "" when nobody knows).
type ThemeChange struct {
	// Kind is what happened to the theme; "" is a status.
	Kind      Kind
	Title     string
	TitleLang string
	// OwnWords: the theme has no public title, and Title holds the first
	// words of the person's own suggestion.
	OwnWords    bool
	Status      models.Status
	Reason      string
	ReasonLang  string
	PromiseDate *time.Time
	// UpdatedAt: of a promise, Reason is what staff wrote then; nil: it is the status's.
	UpdatedAt *time.Time
	// Since is when the status was given; a promise says it.
	Since   *time.Time
	Version string
	// By wrote a comment, for the team where Staff is set. Went, in WentLang, is what a
	// theme was called that went into this one.
	By             string
	Staff          bool
	Went, WentLang string
	// InRelease: it shipped with one of the mail's releases.
	InRelease bool
	// SolvedURL asks whether what shipped solves it, MeantURL lets the person say that
	// they meant something else; "" for neither.
	SolvedURL, MeantURL string
	// Note is one more line, "" for none.
	Note string
	// URL of the theme's page, "" for a private theme.
	URL string
}

// Message is one mail to one person, complete: the same Message renders to the
// same bytes at any time.
type Message struct {
	Kind   Kind
	Locale i18n.Locale
	// Zone is where the person's days begin and end; nil is UTC.
	Zone *time.Location
	To   Recipient
	// Themes, the most important first. The first maxFull are told in full,
	// further ones in a line each, the rest are counted.
	Themes []ThemeChange
	// Releases are the versions that themes of the mail shipped with.
	Releases []ReleaseNote
	// Said belongs to the kinds about one suggestion.
	Said *Said
	// Phrase is the person's own anti-phishing phrase, "" when none is set.
	Phrase string
	// Code and ValidFor belong to KindSignInCode.
	Code     string
	ValidFor time.Duration
	// Notice belongs to KindSafety, KindEscalation and KindWebhook.
	Notice *Notice
	// Clocks belong to KindClock: what is late first. MoreClocks counts further ones,
	// ClocksURL lists all.
	Clocks     []ClockLine
	MoreClocks int
	ClocksURL  string
	// Staff belongs to KindStaffDigest; Root begins its links.
	Staff *StaffDigest
	Root  string
	// UnsubscribeURL answers GET with a page and POST at once (RFC 8058).
	UnsubscribeURL string
	PreferencesURL string
	// OutcomesURL belongs to KindOutcome: the page where this mail is switched off.
	OutcomesURL string
	// ReplyTo is an address whose mail reaches the private thread, or "".
	ReplyTo string
	// MessageID and ThreadRoot are ids without angle brackets. ThreadRoot is
	// the id that all mails about the theme to this person refer to; "" or
	// equal to MessageID starts a thread.
	MessageID  string
	ThreadRoot string
	// EnvelopeFrom takes bounces; "" is the sender's own address.
	EnvelopeFrom string
	// Date is when the mail was made, not when it is tried.
	Date time.Time
}

const (
	maxFull  = 8
	maxBrief = 30
)

// isMessageID: it looks as those do that are made here, without brackets.
func isMessageID(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	return found && isMadeOf(local, "._+=-") && isMadeOf(domain, ".-")
}

// isMadeOf: ASCII letters, digits and these marks, at most 120.
func isMadeOf(s, marks string) bool {
	return s != "" && len(s) <= 120 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(marks, c)
	})
}

// check refuses what must not leave. Nothing of it depends on what users
// write: it finds mistakes of the caller.
func (r *Renderer) check(m Message) error {
	if _, _, err := splitAddress(m.To.Email); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	if !isMessageID(m.MessageID) {
		return fmt.Errorf("message id %q", m.MessageID)
	}
	if m.ThreadRoot != "" && !isMessageID(m.ThreadRoot) {
		return fmt.Errorf("thread root %q", m.ThreadRoot)
	}
	if m.Date.IsZero() {
		return errors.New("no date")
	}
	links := append(append(themeLinks(m.Themes), clockLinks(m)...), m.UnsubscribeURL, m.PreferencesURL, m.OutcomesURL, m.Root)
	if m.Said != nil {
		links = append(links, m.Said.URL, m.Said.MeantURL)
	}
	for _, link := range links {
		if !r.isOurs(link) {
			return fmt.Errorf("link %q does not lead to %s", link, r.host)
		}
	}
	return m.checkKind()
}

// checkKind checks what a mail of its kind must have.
func (m Message) checkKind() error {
	switch m.Kind {
	case KindStatus, KindUpdate, KindPromise, KindMerged, KindComment, KindDigest:
		if len(m.Themes) == 0 {
			return errors.New("a follow-up without a theme")
		}
		if m.UnsubscribeURL == "" {
			return errors.New("a follow-up without a way to stop it")
		}
		for _, t := range m.Themes {
			if t.Status != models.StatusReceived && !t.Status.IsSettable() {
				return fmt.Errorf("status %q is told to nobody", t.Status)
			}
		}
		return m.checkTold()
	case KindOutcome:
		if len(m.Themes) == 0 || m.OutcomesURL == "" {
			return errors.New("a mail about outcomes without any, or without a way to stop it")
		}
		for _, t := range m.Themes {
			if t.Status != models.StatusReceived && t.Status != statusClosed && !t.Status.IsSettable() {
				return fmt.Errorf("status %q is told to nobody", t.Status)
			}
		}
	case KindSignInCode:
		if !signInCode.MatchString(m.Code) || m.ValidFor < time.Minute {
			return errors.New("a sign-in mail without a code and its time")
		}
	case KindReceived, KindReply, KindHandedOver:
		return m.checkSaid()
	case KindSafety, KindEscalation, KindWebhook:
		return checkNotice(m)
	case KindTest:
	case KindClock:
		if len(m.Clocks) == 0 {
			return errors.New("a clock mail without a clock")
		}
	case KindStaffDigest:
		return checkStaff(m)
	default:
		return fmt.Errorf("unknown kind %q", m.Kind)
	}
	return nil
}

var signInCode = regexp.MustCompile(`^[A-Z0-9]{8}$`)

func themeLinks(themes []ThemeChange) []string {
	links := make([]string, 0, len(themes)+2)
	for _, t := range themes {
		links = append(append(links, t.URL), t.answerLinks()...)
	}
	return links
}

// isOurs reports whether a link is empty or leads to the configured host. It
// also goes into a header, where only plain ASCII can stand.
func (r *Renderer) isOurs(link string) bool {
	if link == "" {
		return true
	}
	if !isASCII(link) || strings.ContainsAny(link, " ,<>\"\\") {
		return false
	}
	u, err := url.Parse(link)
	return err == nil && u.User == nil && u.Scheme == r.scheme && u.Host == r.host
}
