package i18n

import (
	"sync"
	"testing"
	"time"
)

func TestSentences(t *testing.T) {
	c := mustLoad(t)
	for _, tc := range []struct {
		locale Locale
		key    string
		args   []any
		want   string
	}{
		{EN, "theme.people", []any{1}, "1 person"},
		{EN, "theme.people", []any{0}, "0 people"},
		{EN, "theme.people", []any{1234}, "1,234 people"},
		{ZH, "theme.people", []any{1}, "1 人支持"},
		{ZH, "theme.people", []any{31}, "31 人支持"},
		{EN, "unsubscribe.theme", []any{"a@b.c", "Faster exports"}, "No more news about “Faster exports” goes to a@b.c."},
		{EN, "no.such.key", nil, "no.such.key"},
		{ZH, "no.such.key", []any{1, "x"}, "no.such.key"},
		{EN, "inbox.select", []any{"100% <b>"}, "Select “100% <b>”"},
	} {
		if got := c.For(tc.locale).T(tc.key, tc.args...); got != tc.want {
			t.Errorf("%s %s %v: got %q, want %q", tc.locale, tc.key, tc.args, got, tc.want)
		}
	}
	if c.For("fr").Locale() != EN {
		t.Error("a language without a catalog is not answered in English")
	}
}

func TestDatesAndAges(t *testing.T) {
	c := mustLoad(t)
	at := time.Date(2026, 11, 4, 9, 5, 0, 0, time.UTC)
	for _, tc := range []struct {
		got, want string
	}{
		{c.For(EN).Date(at), "4 Nov 2026"},
		{c.For(ZH).Date(at), "2026 年 11 月 4 日"},
		{c.For(EN).DateTime(at), "4 Nov 2026, 09:05"},
		{c.For(ZH).DateTime(at), "2026 年 11 月 4 日 09:05"},
		{c.For(ZH).Date(at.In(time.FixedZone("", 16*3600))), "2026 年 11 月 5 日"},
		{c.For(EN).Ago(at, at.Add(59*time.Second)), "just now"},
		{c.For(EN).Ago(at.Add(time.Hour), at), "just now"},
		{c.For(EN).Ago(at, at.Add(time.Minute)), "1 min ago"},
		{c.For(ZH).Ago(at, at.Add(119*time.Minute)), "1 小时前"},
		{c.For(EN).Ago(at, at.Add(24*time.Hour)), "1 day ago"},
		{c.For(EN).Ago(at, at.Add(30*24*time.Hour)), "30 days ago"},
		{c.For(ZH).Ago(at, at.Add(31*24*time.Hour)), "2026 年 11 月 4 日"},
		{c.For(EN).Number(1234567), "1,234,567"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]Locale{
		"":                          ZH,
		"zh-CN,zh;q=0.9,en;q=0.8":   ZH,
		"en-GB,zh;q=0.9":            EN,
		"fr-FR,en;q=0.5,zh;q=0.4":   EN,
		"en;q=0.1,zh-Hant-TW;q=0.9": ZH,
		"fr,de":                     ZH,
		";;;q=x":                    ZH,
		"en-GB;q=0, zh":             ZH,
		string(make([]byte, 4096)):  ZH,
	} {
		if got := Negotiate(header, ZH); got != want {
			t.Errorf("%.40q: got %s, want %s", header, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for s, want := range map[string]Locale{"en": EN, "EN-gb": EN, " zh_CN ": ZH, "zh-Hant": ZH} {
		if got, ok := Parse(s); !ok || got != want {
			t.Errorf("%q: got %s %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "fr", "english", "zhx", "../en"} {
		if got, ok := Parse(s); ok {
			t.Errorf("%q was taken for %s", s, got)
		}
	}
}

func TestPrintersMayBeShared(t *testing.T) {
	c := mustLoad(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 200 {
				if got, want := c.For(ZH).T("theme.people", n%10+10), string(rune('1'))+string(rune('0'+n%10))+" 人支持"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}
