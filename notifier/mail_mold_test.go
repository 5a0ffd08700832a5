package notifier

import (
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedhq/heed/i18n"
)

// A mail from a mold is, to the byte, the mail that the templates give, whatever is each
// person's own; and nothing of one person is in another's.
func TestMoldsGiveTheSameMail(t *testing.T) {
	r := newTestRenderer(t)
	rapid.Check(t, func(t *rapid.T) {
		locale := rapid.SampledFrom([]i18n.Locale{i18n.EN, i18n.ZH}).Draw(t, "locale")
		all := samples(locale)
		m := all[rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(t, "sample")]
		m.Phrase = rapid.OneOf(rapid.SampledFrom([]string{"", "7 blue otters", "蓝色 海豚", "a.com & <b>", "heed.acme.example", "  two  spaces "}), rapid.StringN(0, 30, 60)).Draw(t, "phrase")
		link := func(name string) string {
			return "https://heed.acme.example/" + name + "/" + rapid.StringMatching(`[A-Za-z0-9._~+=%&;'()-]{1,40}`).Draw(t, name)
		}
		if m.UnsubscribeURL != "" {
			m.UnsubscribeURL, m.PreferencesURL = link("unsubscribe"), link("preferences")
		}
		m.Themes = append([]ThemeChange(nil), m.Themes...)
		for i := range m.Themes {
			if m.Themes[i].SolvedURL != "" {
				m.Themes[i].SolvedURL = link("solved")
			}
			if m.Themes[i].MeantURL != "" {
				m.Themes[i].MeantURL = link("meant")
			}
		}
		m.ReplyTo = rapid.SampledFrom([]string{"", "thread+x@acme.example"}).Draw(t, "reply to")
		m.Zone = rapid.SampledFrom([]*time.Location{nil, time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -11*3600)}).Draw(t, "zone")
		if r.check(m) != nil {
			t.Skip("it may not leave")
		}
		shrink := rapid.SampledFrom([]int{1, 2, 8}).Draw(t, "shrink")
		subject, text, html, err := r.fill(m, shrink)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s, err := r.parts(m, shrink)
			if err != nil || s.subject != subject || s.text.String() != text || s.html.String() != html {
				t.Fatalf("%v\n%q\n%q\n%s\n---\n%s\n%s\n---\n%s", err, s.subject, subject, s.text, text, s.html, html)
			}
			body, err := r.compose(m, s, new(bytes.Buffer))
			if err != nil {
				t.Fatal(err)
			}
			if x, h := decoded(t, body); x != crlf(text) || h != crlf(html) {
				t.Fatalf("on the wire:\n%q\n%q\n---\n%q\n%q", x, crlf(text), h, crlf(html))
			}
		}
	})
	if _, err := r.parts(statusMessage(i18n.EN, "planned"), 1); err != nil {
		t.Error(err)
	}
	if len(r.molds.kept) < 1 || len(r.molds.kept) > maxMolds {
		t.Errorf("%d molds are kept", len(r.molds.kept))
	}
}

// decoded reads the two parts of a mail as who gets it does, and looks at its lines.
func decoded(t *rapid.T, body []byte) (text, html string) {
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") || !isASCII(string(line)) {
			t.Fatalf("a line of %d bytes: %q", len(line), line)
		}
	}
	got, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	var out []string
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		var plain io.Reader = quotedprintable.NewReader(p)
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			plain = base64.NewDecoder(base64.StdEncoding, p)
		}
		b, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	if len(out) != 2 {
		t.Fatalf("%d parts", len(out))
	}
	return out[0], out[1]
}

// What a mail costs that a thousand others say too, and what it costs alone.
func BenchmarkMold(b *testing.B) {
	r := newTestRenderer(b)
	m := statusMessage(i18n.EN, "planned")
	b.Run("told to many", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Render(m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			clear(r.molds.kept)
			if _, err := r.Render(m); err != nil {
				b.Fatal(err)
			}
		}
	})
}
