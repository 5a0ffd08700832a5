package notifier

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// molds keeps the last few mails as they are for everybody who is told the same, with gaps
// for what is each person's own. Filling the templates and encoding the whole is most of the
// work on a mail, and the many who follow a theme are told the same in a few languages and
// zones. It is safe for concurrent use.
type molds struct {
	mark string // stands for a gap; nobody can have written it
	gap  *regexp.Regexp

	mu   sync.Mutex
	kept map[string]said
}

const maxMolds = 64

func newMolds() *molds {
	mark := "heedgap" + strings.ToLower(rand.Text())
	return &molds{mark: mark, gap: regexp.MustCompile(mark + "([0-9]+)x"), kept: map[string]said{}}
}

// fit parts a message in what it says to everybody and what goes into the gaps. ok is
// false where it must be rendered whole: it is for one person, or what would go into a gap
// is not written the same in each part.
func (ms *molds) fit(r *Renderer, m Message) (common Message, gaps []string, ok bool) {
	if len(m.Themes) == 0 || m.Kind == KindOutcome {
		return m, nil, false
	}
	ok = true
	gap := func(value *string, plain func(string) bool) {
		if *value != "" {
			ok = ok && plain(*value)
			gaps = append(gaps, *value)
			*value = ms.mark + strconv.Itoa(len(gaps)-1) + "x"
		}
	}
	common = m
	common.Phrase = r.delink(oneLine(m.Phrase))
	gap(&common.Phrase, isPlainText)
	gap(&common.UnsubscribeURL, isPlainURL)
	gap(&common.PreferencesURL, isPlainURL)
	common.Themes = slices.Clone(m.Themes)
	for i := range common.Themes {
		t := &common.Themes[i]
		ok = ok && !t.OwnWords
		gap(&t.SolvedURL, isPlainURL)
		gap(&t.MeantURL, isPlainURL)
	}
	common.To, common.MessageID, common.ThreadRoot, common.EnvelopeFrom, common.Date = Recipient{}, "", "", "", time.Time{} // headers alone
	if m.ReplyTo != "" {
		common.ReplyTo = ms.mark
	}
	return common, gaps, ok
}

// isPlainText: neither HTML nor the search for addresses changes it.
func isPlainText(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c != ' ' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// isPlainURL: neither an attribute nor a URL in one writes it otherwise.
func isPlainURL(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(":/._~-", c)
	})
}

// parts fills the templates for a message, by its mold where it has one.
func (r *Renderer) parts(m Message, shrink int) (said, error) {
	common, gaps, ok := r.molds.fit(r, m)
	if !ok {
		subject, text, html, err := r.fill(m, shrink)
		return said{subject, filled{{text: text}}, filled{{text: html}}}, err
	}
	key, err := json.Marshal(common)
	if err != nil {
		return said{}, err
	}
	name := fmt.Sprint(shrink, m.Zone, string(key))
	r.molds.mu.Lock()
	one, found := r.molds.kept[name]
	r.molds.mu.Unlock()
	if !found {
		subject, text, html, err := r.fill(common, shrink)
		if err != nil {
			return said{}, err
		}
		one = said{subject, r.molds.cut(text), r.molds.cut(html)}
		r.molds.keep(name, one)
	}
	return said{one.subject, one.text.with(gaps), one.html.with(gaps)}, nil
}

func (ms *molds) keep(name string, one said) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if len(ms.kept) >= maxMolds {
		clear(ms.kept)
	}
	ms.kept[name] = one
}

// cut parts a text at its gaps: every second piece is the number of one.
func (ms *molds) cut(s string) (f filled) {
	for {
		at := ms.gap.FindStringSubmatchIndex(s)
		if at == nil {
			return append(f, prepared(s))
		}
		f = append(f, prepared(s[:at[0]]), piece{text: s[at[2]:at[3]]})
		s = s[at[1]:]
	}
}

// with fills the gaps.
func (f filled) with(gaps []string) filled {
	f = slices.Clone(f)
	for i := 1; i < len(f); i += 2 {
		n, _ := strconv.Atoi(f[i].text)
		f[i].text = gaps[n]
	}
	return f
}
