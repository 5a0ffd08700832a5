//go:build unix

package notifier

import (
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/peer"
)

// What people and staff write in the mails below: words that no sentence of ours has, so that
// what is left of a mail without them is what Heed itself says.
var (
	theirEnglish = strings.Fields("zorbel quandle fribbet wumpel grundle snorfle plimbo drazzle kwibble mozzel trunkle vexlet")
	theirHan     = []rune("饕餮魑魅魍魉氤氲旖旎蹁跹耄耋貔貅囹圄")
	// A text that is cut ends in the middle of a word.
	ofTheirs = regexp.MustCompile(`(?i)\b(` + strings.Join(theirEnglish, "|") + `)\b|\b[a-z]+…|[` + string(theirHan) + `]`)
	// What stands in both languages as it is: the sender, names, versions, codes, zones.
	ofBoth = regexp.MustCompile(`https?://\S+|Acme( Board)?( 4\.2)?|Authentication-Results|\b(Webhook|SPF|DKIM|DMARC|GitHub|Heed|Lin|UTC)\b|Asia/Shanghai|America/Lima|\b[0-9A-Z]{8}\b|heed\.acme\.example|v?\d+\.\d+`)
)

// writer makes up mails.
type writer struct {
	*rand.Rand
	reader  i18n.Locale
	foreign bool // something was written that is not in the reader's language
}

// text is what somebody wrote, in one of the languages or in both, as its reader gets it.
func (w *writer) text(lines int) (text, lang string) {
	var t models.Text
	which := w.IntN(3)
	for l := range lines {
		if l > 0 {
			t.EN, t.ZH = t.EN+"\n", t.ZH+"\n"
		}
		for range 1 + w.IntN(7) {
			t.EN += theirEnglish[w.IntN(len(theirEnglish))] + " "
			t.ZH += string(theirHan[w.IntN(len(theirHan))])
		}
	}
	switch which {
	case 0:
		t.EN = ""
	case 1:
		t.ZH = ""
	}
	if w.reader == i18n.EN && which == 0 && w.IntN(3) == 0 {
		t.ZH, t.Any = "", t.ZH // nobody said which language it is
	}
	text, lang = t.In(string(w.reader))
	w.foreign = w.foreign || lang != string(w.reader)
	return text, lang
}

// rewrite gives a sample other people, texts and days.
func (w *writer) rewrite(m Message) Message {
	m.To = Recipient{Name: []string{"", "Lin", "李梅", "Ольга"}[w.IntN(4)], Email: fmt.Sprintf("p%d@people.example", w.IntN(1e6))}
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/Lima"}[w.IntN(3):] {
		m.Zone, _ = time.LoadLocation(zone)
		break
	}
	if m.Phrase != "" {
		m.Phrase = fmt.Sprint(w.IntN(1000))
	}
	m.Themes, m.Releases, m.Clocks = slices.Clone(m.Themes), slices.Clone(m.Releases), slices.Clone(m.Clocks)
	for i := range m.Themes {
		c := &m.Themes[i]
		c.Title, c.TitleLang = w.text(1)
		if c.Reason != "" {
			c.Reason, c.ReasonLang = w.text(1 + w.IntN(3))
		}
		if c.Went != "" {
			c.Went, c.WentLang = w.text(1)
		}
		if c.PromiseDate != nil {
			c.PromiseDate = new(promised.Add(time.Duration(w.IntN(10000)) * time.Hour))
		}
	}
	for i := range m.Releases {
		m.Releases[i].Notes, m.Releases[i].NotesLang = w.text(1 + w.IntN(4))
	}
	for i := range m.Clocks {
		if m.Clocks[i].Title != "" {
			m.Clocks[i].Title, m.Clocks[i].TitleLang = w.text(1)
		}
	}
	if m.Said != nil {
		said := *m.Said
		said.Words, said.WordsLang = w.text(1)
		if said.Reply != "" {
			said.Reply, said.ReplyLang = w.text(1 + w.IntN(4))
		}
		m.Said = &said
	}
	if m.Staff != nil {
		staff := *m.Staff
		staff.Rising, staff.Decide = w.retitle(staff.Rising), w.retitle(staff.Decide)
		m.Staff = &staff
	}
	return m
}

func (w *writer) retitle(themes []DigestTheme) []DigestTheme {
	themes = slices.Clone(themes)
	for i := range themes {
		title, lang := w.text(1)
		themes[i].PublicTitle = models.Text{Any: title}
		switch lang {
		case "en":
			themes[i].PublicTitle = models.Text{EN: title}
		case "zh":
			themes[i].PublicTitle = models.Text{ZH: title}
		}
	}
	return themes
}

// frames are the sentences of the other language that no mail of this one may say.
func frames(t *testing.T, catalog *i18n.Catalog, of i18n.Locale) (out []string) {
	t.Helper()
	verbs := regexp.MustCompile(`%[-+# 0-9.\[\]]*[a-z]|%!?\w?(\([^)]*\))?`)
	for _, key := range catalog.Keys(of) {
		if !strings.HasPrefix(key, "mail.") && !strings.HasPrefix(key, "safety.") && !strings.HasPrefix(key, "urgency.") {
			continue
		}
		for _, part := range verbs.Split(catalog.For(of).T(key), -1) {
			part = strings.TrimSpace(part)
			if ofTheirs.MatchString(part) {
				t.Fatalf("%s has words that the test takes for its own: %q", key, part)
			}
			if of == i18n.EN && strings.Count(part, " ") > 0 && len(part) > 8 || of == i18n.ZH && len([]rune(part)) > 2 && hasHan(part) {
				out = append(out, part)
			}
		}
	}
	return out
}

var (
	aKey       = regexp.MustCompile(`\b[a-z_]+(?:\.[a-z0-9_]+)+\b`)
	latinWord  = regexp.MustCompile(`[A-Za-z]{2,}`)
	fullWidth  = "，。：；（）？！"
	halfBeside = regexp.MustCompile(`\p{Han}[,;:!?()]|[,;:!?()]\p{Han}`)
	leftovers  = []string{"<nil>", "%!", "<no value>", "ZgotmplZ", "{{", "}}", "&amp;amp;", "(EXTRA", "MISSING"}
)

// Ten thousand mails of every kind to people of both languages, with texts in either or both:
// the frame is in one language, and what is quoted from the other has its language named.
// The proof is HEED_MAILS=10000.
func TestNoMailOfManyMixesLanguages(t *testing.T) {
	mails := peer.Size(t, "HEED_MAILS", 600)
	r := newTestRenderer(t)
	keys, foreign := map[string]bool{}, map[i18n.Locale][]string{i18n.EN: frames(t, r.catalog, i18n.ZH), i18n.ZH: frames(t, r.catalog, i18n.EN)}
	for _, key := range r.catalog.Keys(i18n.EN) {
		keys[key] = true
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	names := slices.Sorted(maps.Keys(samples(i18n.EN)))
	all := map[i18n.Locale]map[string]Message{i18n.EN: samples(i18n.EN), i18n.ZH: samples(i18n.ZH)}
	kinds, quoting := map[Kind]int{}, 0
	for i := range mails {
		w := &writer{Rand: random, reader: i18n.Locales()[random.IntN(2)]}
		name := names[i%len(names)]
		m := w.rewrite(all[w.reader][name])
		out, err := r.Render(m)
		if err != nil {
			t.Fatalf("%s %s: %v", w.reader, name, err)
		}
		kinds[m.Kind]++
		if w.foreign {
			quoting++
		}
		plain := html.UnescapeString(tagsAndStyles.ReplaceAllString(out.HTML, "\n"))
		for part, text := range map[string]string{"subject": out.Subject, "text": out.Text, "html": plain} {
			for _, flaw := range w.flaws(text, foreign[w.reader], keys) {
				t.Errorf("mail %d (seed %d), %s %s, %s: %s\n%s", i, seed, w.reader, name, part, flaw, text)
			}
		}
		for _, flaw := range w.unnamed(out) {
			t.Errorf("mail %d (seed %d), %s %s: %s\n%s", i, seed, w.reader, name, flaw, out.Text)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d mails of %d kinds (%d samples), %d of them quote the other language; compared with %d sentences of the one catalog and %d of the other",
		mails, len(kinds), len(names), quoting, len(foreign[i18n.EN]), len(foreign[i18n.ZH]))
}

// flaws are what a part says that does not belong there.
func (w *writer) flaws(text string, foreign []string, keys map[string]bool) (out []string) {
	for _, x := range leftovers {
		if strings.Contains(text, x) {
			out = append(out, "it says "+x)
		}
	}
	for _, sentence := range foreign {
		if strings.Contains(text, sentence) {
			out = append(out, "it says a sentence of the other language: "+sentence)
		}
	}
	ours := ofTheirs.ReplaceAllString(ofBoth.ReplaceAllString(text, " "), "")
	for _, token := range aKey.FindAllString(ours, -1) {
		if keys[token] {
			out = append(out, "it shows a key: "+token)
		}
	}
	if w.reader == i18n.EN {
		if i := strings.IndexFunc(ours, func(r rune) bool {
			return unicode.In(r, unicode.Han, unicode.Hiragana) || strings.ContainsRune(fullWidth, r)
		}); i >= 0 {
			out = append(out, fmt.Sprintf("the frame is not English: %q", clip(ours[i:], 20)))
		}
		return out
	}
	if word := latinWord.FindString(ours); word != "" {
		out = append(out, "the frame is not Chinese: "+word)
	}
	if at := halfBeside.FindString(ours); at != "" {
		out = append(out, "half-width punctuation: "+at)
	}
	return out
}

// unnamed are the quoted lines of the text part whose language is not said: on their own line,
// or right below the quoted block.
func (w *writer) unnamed(out Rendered) (flaws []string) {
	theirs, name := regexp.MustCompile(`[`+string(theirHan)+`]`), "Chinese"
	if w.reader == i18n.ZH {
		theirs, name = regexp.MustCompile(`\b(`+strings.Join(theirEnglish, "|")+`)\b`), "英文"
	}
	if theirs.MatchString(out.Subject) && !strings.Contains(out.Subject, name) {
		flaws = append(flaws, "the subject does not name its language: "+out.Subject)
	}
	lines := strings.Split(out.Text, "\n")
	for i, line := range lines {
		if !theirs.MatchString(line) || strings.Contains(line, name) {
			continue
		}
		below := i
		for below < len(lines) && strings.HasPrefix(lines[below], ">") {
			below++
		}
		if below == i || below == len(lines) || !strings.Contains(lines[below], name) {
			flaws = append(flaws, "the language is not named: "+line)
		}
	}
	if got, want := strings.Contains(out.Text, name), theirs.MatchString(out.Text); got != want {
		flaws = append(flaws, fmt.Sprintf("a language is named: %v, want %v", got, want))
	}
	return flaws
}
