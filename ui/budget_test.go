package ui_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/ui"
)

const kilobyte = 1024

var assetURL = regexp.MustCompile(`"(/assets/[^"#]+\.(js|css))"`)

// What a visitor downloads stays small: sizes are of the embedded bundle, gzip.
func TestBudgets(t *testing.T) {
	u := newUI(t, ui.Options{})
	if !u.Built() {
		t.Skip("the bundle is not made; run `make assets` to measure it")
	}
	for _, tc := range []struct {
		name, page, path string
		data             any
		htmlCSS, js      int
	}{
		{"portal", ui.PagePortalList, "/", portalList(i18n.ZH), 20 * kilobyte, 3 * kilobyte},
		{"console", ui.PageInbox, "/inbox", inbox(i18n.ZH), 40 * kilobyte, 30 * kilobyte},
	} {
		var page bytes.Buffer
		if err := u.Render(&page, view(i18n.ZH, sample{name: tc.name, path: tc.path}), tc.page, tc.data); err != nil {
			t.Fatal(err)
		}
		sizes := map[string]int{"css": zipped(t, page.Bytes())}
		for _, m := range assetURL.FindAllStringSubmatch(page.String(), -1) {
			rec := httptest.NewRecorder()
			u.Assets().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, m[1], nil))
			if rec.Code != http.StatusOK {
				t.Fatalf("%s: %d", m[1], rec.Code)
			}
			sizes[m[2]] += zipped(t, rec.Body.Bytes())
		}
		t.Logf("%s: HTML+CSS %d bytes, JS %d bytes", tc.name, sizes["css"], sizes["js"])
		if sizes["css"] > tc.htmlCSS || sizes["js"] > tc.js || sizes["js"] == 0 {
			t.Errorf("%s: HTML+CSS %d of %d, JS %d of %d", tc.name, sizes["css"], tc.htmlCSS, sizes["js"], tc.js)
		}
	}
}

// The version of htmx the templates are written for takes none of the old
// attributes, and none that would need eval.
func TestTemplatesSpeakHtmx4(t *testing.T) {
	old := regexp.MustCompile(`hx-(vars|params|prompt|ext|disinherit|inherit|request|disabled-elt|on)\b|hx-history="false"|"js:|hx-delete=`)
	names, err := fs.Glob(os.DirFS("templates"), "*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile("templates/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if found := old.Find(raw); found != nil {
			t.Errorf("%s: %s", name, found)
		}
	}
}

func zipped(t *testing.T, raw []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
