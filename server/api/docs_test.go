package api

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/notifier/webhooks"
)

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// Whoever connects something finds every path of the API, and every type of webhook, in
// the documentation.
func TestTheDocumentationKnowsEveryPathAndWebhook(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var docs string
	for _, name := range []string{"integrators", "operators", "security"} {
		b, err := os.ReadFile("../../docs/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		docs += strings.Join(strings.Fields(string(b)), " ")
	}
	docs = parameter.ReplaceAllString(docs, "{}")
	e := echo.New()
	for path := range Mount(e, e.Group(Prefix), Services{Catalog: catalog}).huma.OpenAPI().Paths {
		said := parameter.ReplaceAllString(strings.TrimPrefix(path, Prefix), "{}")
		end := said[strings.LastIndex(said, "/"):] // as in: `POST /suggestions/{id}/assign`, `…/decision`
		if !strings.Contains(docs, said) && !strings.Contains(docs, "…"+end) {
			t.Errorf("not in the documentation: %s", path)
		}
	}
	for _, w := range webhooks.Types() {
		if !strings.Contains(docs, "`"+string(w)+"`") {
			t.Errorf("not in the documentation: the webhook %s", w)
		}
	}
}
