package notifier

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/peer"
)

// reading is a mail as a library of others reads it.
type reading struct {
	Headers     map[string]string
	From, To    []string
	Date        time.Time
	Type        string
	Parts       map[string]string
	Defects     []string
	Attachments int
}

// sample is a mail with what it was written from.
type sample struct {
	name string
	m    Message
	out  Rendered
}

func rendered(t *testing.T) (all []sample) {
	t.Helper()
	r := newTestRenderer(t)
	for _, locale := range i18n.Locales() {
		of := samples(locale)
		long := statusMessage(locale, models.StatusPlanned)
		long.To.Name = strings.Repeat("很长的名字", 20)
		long.Themes[0].Title, long.Themes[0].TitleLang = strings.Repeat("Überlange Wörter 和很长的标题 ", 8), "zh"
		of["long"] = long
		for _, name := range slices.Sorted(maps.Keys(of)) {
			out, err := r.Render(of[name])
			if err != nil {
				t.Fatalf("%s %s: %v", locale, name, err)
			}
			all = append(all, sample{string(locale) + " " + name, of[name], out})
		}
	}
	return all
}

// Every kind of mail, read by go-message: a library that had no part in writing it.
func TestEveryKindIsReadByGoMessage(t *testing.T) {
	for _, s := range rendered(t) {
		m, err := mail.CreateReader(bytes.NewReader(s.out.Body))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		got := reading{Headers: map[string]string{}, Parts: map[string]string{}}
		for f := m.Header.Fields(); f.Next(); {
			if got.Headers[f.Key()], err = f.Text(); err != nil {
				got.Defects = append(got.Defects, err.Error())
			}
		}
		for name, into := range map[string]*[]string{"From": &got.From, "To": &got.To} {
			list, err := m.Header.AddressList(name)
			if err != nil {
				got.Defects = append(got.Defects, err.Error())
			}
			for _, a := range list {
				*into = append(*into, a.Address)
			}
		}
		if got.Date, err = m.Header.Date(); err != nil {
			got.Defects = append(got.Defects, err.Error())
		}
		got.Type, _, _ = m.Header.ContentType()
		for p, err := m.NextPart(); err != io.EOF; p, err = m.NextPart() {
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			h, inline := p.Header.(*mail.InlineHeader)
			if !inline {
				got.Attachments++
				continue
			}
			kind, _, _ := h.ContentType()
			text, err := io.ReadAll(p.Body)
			if err != nil {
				got.Defects = append(got.Defects, err.Error())
			}
			got.Parts[kind] = string(text)
		}
		s.check(t, got)
	}
}

// And by Python's, which reads strictly and says what it had to forgive.
func TestEveryKindIsReadByPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		peer.Missing(t, "python3", err)
	}
	all := rendered(t)
	var raws [][]byte
	for _, s := range all {
		raws = append(raws, s.out.Body)
	}
	in, err := json.Marshal(raws)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/read_mail.py")
	cmd.Stdin = bytes.NewReader(in)
	said, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("%v: %s", err, exit.Stderr)
	}
	var got []reading
	if err := json.Unmarshal(said, &got); err != nil || len(got) != len(all) {
		t.Fatalf("%d of %d mails were read: %v", len(got), len(all), err)
	}
	for i, s := range all {
		s.check(t, got[i])
	}
	t.Logf("%d mails", len(all))
}

// check holds what was read against what was to be written.
func (s sample) check(t *testing.T, got reading) {
	t.Helper()
	for _, d := range got.Defects {
		t.Errorf("%s: %s", s.name, d)
	}
	want := map[string]string{"Subject": s.out.Subject, "Message-ID": "<" + s.m.MessageID + ">", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
		"Content-Language": s.m.Locale.HTMLLang(), "List-Unsubscribe": "", "List-Unsubscribe-Post": "", "List-Id": "", "In-Reply-To": "", "References": ""}
	if !slices.Contains(unsubscribed, s.m.Kind) {
		want["List-Unsubscribe"], want["List-Unsubscribe-Post"], want["List-Id"] = "<https://heed.acme.example/unsubscribe/abc>", "List-Unsubscribe=One-Click", "<follow-ups.heed.acme.example>"
		want["In-Reply-To"] = "<" + s.m.ThreadRoot + ">"
		want["References"] = want["In-Reply-To"]
	}
	have := map[string]string{}
	for name, value := range got.Headers {
		have[strings.ToLower(name)] = value
	}
	for name, value := range want {
		if v := have[strings.ToLower(name)]; v != value {
			t.Errorf("%s: %s %q, want %q", s.name, name, v, value)
		}
	}
	if !slices.Equal(got.From, []string{"voice@acme.example"}) || !slices.Equal(got.To, []string{s.m.To.Email}) || !got.Date.Equal(s.m.Date) {
		t.Errorf("%s: from %v to %v at %s", s.name, got.From, got.To, got.Date)
	}
	if s.m.EnvelopeFrom != "" && s.out.Envelope.From != s.m.EnvelopeFrom {
		t.Errorf("%s: the envelope is from %q", s.name, s.out.Envelope.From)
	}
	if got.Type != "multipart/alternative" || len(got.Parts) != 2 || got.Attachments > 0 {
		t.Errorf("%s: %s of %d parts, %d attachments", s.name, got.Type, len(got.Parts), got.Attachments)
	}
	unix := strings.NewReplacer("\r\n", "\n")
	if unix.Replace(got.Parts["text/plain"]) != s.out.Text || unix.Replace(got.Parts["text/html"]) != s.out.HTML {
		t.Errorf("%s: the parts are not what was written", s.name)
	}
	if len(s.out.Body) > 60<<10 {
		t.Errorf("%s: %d bytes", s.name, len(s.out.Body))
	}
	for _, flaw := range foreignLinks(got.Parts["text/plain"], got.Parts["text/html"]) {
		t.Errorf("%s: %s", s.name, flaw)
	}
}

var (
	webLink    = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>)]+`)
	attribute  = regexp.MustCompile(`(?i)\b(href|src|srcset|background|action|poster|data)\s*=\s*["']?([^"'\s>]*)`)
	otherFetch = regexp.MustCompile(`(?i)@import|url\(|<(img|video|audio|iframe|object|embed|link|form|script|base|meta[^>]+refresh)\b`)
)

// foreignLinks are the places where a mail leads, or loads something from, anywhere but the
// configured host.
func foreignLinks(text, page string) (out []string) {
	ours := func(link string) bool {
		u, err := url.Parse(link)
		return err == nil && u.Scheme == "https" && u.Host == "heed.acme.example" && u.User == nil
	}
	for _, link := range webLink.FindAllString(text+" "+page, -1) {
		if !ours(link) {
			out = append(out, "leads to "+link)
		}
	}
	for _, a := range attribute.FindAllStringSubmatch(page, -1) {
		if !strings.EqualFold(a[1], "href") || !ours(a[2]) {
			out = append(out, "has "+a[0])
		}
	}
	if found := otherFetch.FindString(page); found != "" {
		out = append(out, "loads by "+found)
	}
	return out
}

// Mail about one theme stays one conversation: whatever happens to it, the subject is the same.
func TestSubjectOfAThemeIsTheSameForEveryKind(t *testing.T) {
	r := newTestRenderer(t)
	for _, locale := range i18n.Locales() {
		subjects := map[string][]string{}
		for name, m := range samples(locale) {
			followUp := slices.Contains([]Kind{KindStatus, KindUpdate, KindPromise, KindMerged, KindComment}, m.Kind)
			if !followUp || len(m.Themes) != 1 || m.Themes[0].OwnWords || len(m.Releases) > 0 {
				continue
			}
			out, _ := mustRender(t, r, m)
			subjects[out.Subject] = append(subjects[out.Subject], name)
		}
		if len(subjects) != 1 {
			t.Errorf("%s: %v", locale, subjects)
		}
	}
}
