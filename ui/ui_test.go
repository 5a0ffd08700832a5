package ui_test

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

// out keeps the rendered pages for looking at them in a browser.
var out = flag.String("out", "", "folder to write every rendered page to")

func newUI(t *testing.T, opts ui.Options) *ui.UI {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	opts.Now = func() time.Time { return now }
	u, err := ui.New(catalog, opts)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func view(l i18n.Locale, s sample) ui.View {
	v := ui.View{Locale: l, Appearance: ui.System, Path: s.path, Title: s.name, Product: "Acme", Demo: true}
	if s.staff {
		v.Title, v.Product, v.InboxCount = s.name, "", 42
		v.User = &ui.User{Name: "Ana Souza", Email: "ana@example.com", Role: "pm", Staff: true}
		v.Toast = &ui.Toast{Message: pick(l, "Assigned to “Export performance”", "已归入“导出性能”"), Activity: "act_1"}
	}
	return v
}

var builtFiles = fstest.MapFS{
	"manifest.json": {Data: []byte(`{"console.css":"console-1.css","console.js":"console-2.js","htmx.js":"htmx-3.js","portal.css":"portal-4.css","portal.js":"portal-5.js","sprite.svg":"sprite-6.svg","mark.svg":"mark-7.svg"}`)},
	"console-1.css": {Data: []byte("body{}")},
}

// Every page, in both languages, with and without a bundle, is sound HTML that
// a strict content security policy accepts and that no stranger's text can bend.
func TestEveryPageIsSound(t *testing.T) {
	bundles := map[string]ui.Options{"built": {Dist: builtFiles}, "unbuilt": {Dist: fstest.MapFS{}}}
	for state, opts := range bundles {
		u := newUI(t, opts)
		for _, l := range i18n.Locales() {
			for _, s := range samples(l) {
				t.Run(state+"/"+string(l)+"/"+s.name, func(t *testing.T) {
					var b bytes.Buffer
					if err := u.Render(&b, view(l, s), s.page, s.data); err != nil {
						t.Fatal(err)
					}
					doc := parse(t, b.Bytes())
					checkDocument(t, doc, l)
					if got := strings.Contains(b.String(), "make assets"); got != (state == "unbuilt") {
						t.Errorf("says how to make the assets: %v in a %s page", got, state)
					}
				})
			}
		}
	}
}

// The pages are also written where a browser can open them, from the bundle
// that is embedded now.
func TestWritePages(t *testing.T) {
	dir := *out
	if dir == "" {
		dir = t.TempDir()
	}
	u := newUI(t, ui.Options{})
	for _, l := range i18n.Locales() {
		for _, s := range samples(l) {
			for _, appearance := range []ui.Appearance{ui.Light, ui.Dark} {
				v := view(l, s)
				v.Appearance = appearance
				var b bytes.Buffer
				if err := u.Render(&b, v, s.page, s.data); err != nil {
					t.Fatal(err)
				}
				name := filepath.Join(dir, s.name+"."+string(l)+"."+string(appearance)+".html")
				if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(b.String(), `class="`+string(appearance)+`"`) {
					t.Errorf("%s: the chosen appearance is not on <html>", name)
				}
			}
		}
	}
}

func TestFragmentsHoldOnlyTheirRegion(t *testing.T) {
	u := newUI(t, ui.Options{Dist: builtFiles})
	for _, l := range i18n.Locales() {
		preview := theme(l).StatusForm
		for _, f := range []struct {
			page, fragment, want string
			data                 any
		}{
			{ui.PageInbox, ui.FragmentInboxPane, `data-pane-id="sug_1"`, pane(l)},
			{ui.PageInbox, ui.FragmentThemeOptions, `role="option"`, refs(l)},
			{ui.PageTheme, ui.FragmentConsequence, `value="confirm"`, preview},
			{ui.PageTheme, ui.FragmentMergeChoices, `id="merge-choices"`, theme(l).Merge},
			{ui.PageSuggest, ui.FragmentSimilar, `/themes/thm_export`, ui.Similar{Themes: refs(l)}},
			{ui.PageCapture, ui.FragmentCapture, `data-copy="say-1"`, capture(l).Similar},
			{ui.PageCapture, ui.FragmentCustomers, `role="option"`, []ui.Customer{customer()}},
			{ui.PageCapture, ui.FragmentCustomer, `customer-card`, ui.Customer{Name: "Mei", Locale: "zh", Said: filings(l)}},
			{ui.PageCapture, ui.FragmentRecent, `/capture/sug_1/withdraw`, filings(l)},
			{ui.PageFollowUp, ui.FragmentDeliveryRow, `<tr id="dlv_0"`, followUps(l).Rows[0]},
		} {
			var b bytes.Buffer
			if err := u.RenderFragment(&b, ui.View{Locale: l}, f.page, f.fragment, f.data); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), f.want) || strings.Contains(b.String(), "<html") || strings.Contains(b.String(), "<script") {
				t.Errorf("%s: want %q and neither page nor script, got\n%s", f.fragment, f.want, b.String())
			}
		}
	}
}

func TestConfirmIsOfferedOnlyAfterAPreview(t *testing.T) {
	u := newUI(t, ui.Options{Dist: builtFiles})
	form := theme(i18n.EN).StatusForm
	form.Preview = nil
	var b bytes.Buffer
	if err := u.RenderFragment(&b, ui.View{Locale: i18n.EN}, ui.PageTheme, ui.FragmentConsequence, form); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), `value="confirm"`) {
		t.Error("a status can be confirmed before anyone saw who is told")
	}
}

func TestConsequenceLine(t *testing.T) {
	u := newUI(t, ui.Options{Dist: builtFiles})
	want := map[i18n.Locale]string{
		i18n.EN: "Tells 24 people, 23 by mail, 1 skipped (muted). 15 in English, 8 in Chinese. Leaves after 5 minutes; until then you can undo.",
		i18n.ZH: "将通知 24 人，其中 23 人收到邮件，1 人不通知（已静音）。英文 15 人，中文 8 人。5 分钟后发出，在此之前可以撤销。",
	}
	for l, line := range want {
		var b bytes.Buffer
		if err := u.RenderFragment(&b, ui.View{Locale: l}, ui.PageTheme, ui.FragmentConsequence, theme(l).StatusForm); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), line) {
			t.Errorf("%s: want %q in\n%s", l, line, b.String())
		}
	}
}

func TestUnknownPageWritesNothing(t *testing.T) {
	u := newUI(t, ui.Options{})
	var b bytes.Buffer
	if err := u.Render(&b, ui.View{Locale: i18n.EN}, "nowhere", nil); err == nil || b.Len() > 0 {
		t.Errorf("want an error and no output, got %v and %d bytes", err, b.Len())
	}
	if err := u.Render(&b, ui.View{Locale: i18n.EN}, ui.PageInbox, struct{}{}); err == nil || b.Len() > 0 {
		t.Errorf("wrong data: want an error and no half page, got %v and %d bytes", err, b.Len())
	}
}

func TestAssets(t *testing.T) {
	h := newUI(t, ui.Options{Dist: builtFiles}).Assets()
	for path, want := range map[string]int{
		"/assets/console-1.css":  http.StatusOK,
		"/assets/manifest.json":  http.StatusNotFound,
		"/assets/../ui.go":       http.StatusNotFound,
		"/assets/":               http.StatusNotFound,
		"/assets/console-99.css": http.StatusNotFound,
	} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if rec.Code != want {
			t.Errorf("%s: got %d, want %d", path, rec.Code, want)
		}
		cache := rec.Header().Get("Cache-Control")
		if strings.Contains(cache, "immutable") != (want == http.StatusOK) {
			t.Errorf("%s: Cache-Control %q with %d", path, cache, rec.Code)
		}
	}
}

func parse(t *testing.T, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
