//go:build unix

package e2e

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/test/smtpsink"
)

func unmarshal(raw []byte, v any) error { return json.Unmarshal(raw, v) }

// news is what one round of mail has to say.
type news struct {
	title    bilingual
	sentence bilingual // of the status
	reason   bilingual // zero for none
	people   map[string]person
}

// sentence reads the words of a mail from the catalogs.
func sentence(t *testing.T, key string) bilingual {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := bilingual{c.For(i18n.EN).T(key), c.For(i18n.ZH).T(key)}
	if b.EN == "" || b.ZH == "" || b.EN == b.ZH || b.EN == key {
		t.Fatalf("no sentence %s in both languages: %v", key, b)
	}
	return b
}

// reaches waits for the mail, gives stragglers and doubles time to come, and checks
// that each person got exactly one, in their language, and nobody else any. It says whether all is well.
func (n news) reaches(t *testing.T, sink *smtpsink.Sink) bool {
	t.Helper()
	sink.Wait(t, len(n.people), 30*time.Second)
	time.Sleep(2500 * time.Millisecond) // two ticks of every job that could send more
	got := map[string]int{}
	for _, m := range sink.Mails() {
		got[m.To]++
		p, expected := n.people[m.To]
		if !expected {
			t.Errorf("somebody else was mailed: %v", m)
			continue
		}
		n.reads(t, m, p)
	}
	for address := range n.people {
		if got[address] != 1 {
			t.Errorf("%s got %d mails, want 1", address, got[address])
		}
	}
	return !t.Failed()
}

var (
	webAddress = regexp.MustCompile(`https?://\S+`)
	twoWords   = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)
)

// reads checks one mail with its reader's eyes.
func (n news) reads(t *testing.T, m smtpsink.Mail, p person) {
	t.Helper()
	mail := m.Read(t)
	if !strings.Contains(mail.Subject, n.title.in(p.Locale)) {
		t.Errorf("to %s (%s): subject %q lacks the title", p.Email, p.Locale, mail.Subject)
	}
	for _, part := range []string{mail.Text, mail.HTML} {
		for _, want := range []string{n.title.in(p.Locale), n.sentence.in(p.Locale), n.reason.in(p.Locale)} {
			if !strings.Contains(joined(part), joined(want)) {
				t.Errorf("to %s (%s): lacks %q:\n%s", p.Email, p.Locale, want, part)
			}
		}
		for _, not := range []string{n.title.other(p.Locale), n.sentence.other(p.Locale), n.reason.other(p.Locale)} {
			if not != "" && strings.Contains(joined(part), joined(not)) {
				t.Errorf("to %s (%s): says %q, which is not their language", p.Email, p.Locale, not)
			}
		}
	}
	plain := webAddress.ReplaceAllString(mail.Subject+"\n"+mail.Text, "")
	if p.Locale == "zh" && twoWords.MatchString(plain) {
		t.Errorf("to %s: a Chinese mail says %q in English", p.Email, twoWords.FindString(plain))
	}
	if at := strings.IndexFunc(plain, func(r rune) bool { return unicode.Is(unicode.Han, r) }); p.Locale == "en" && at >= 0 {
		t.Errorf("to %s: an English mail holds Chinese: …%s", p.Email, plain[at:])
	}
	if u := mail.Header.Get("List-Unsubscribe"); !strings.HasPrefix(u, "<http") || mail.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("to %s: List-Unsubscribe %q, List-Unsubscribe-Post %q", p.Email, u, mail.Header.Get("List-Unsubscribe-Post"))
	}
}

// joined compares texts whatever their line breaks: mail wraps them.
func joined(s string) string { return strings.Join(strings.Fields(s), " ") }
