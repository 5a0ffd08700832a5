package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// A dry run carries the very mail for who may read what is not published, and changes nothing.
func TestADryRunShowsTheMail(t *testing.T) {
	d := newDesk(t, nil)
	title := "Internal name"
	th, err := d.Themes.Create(context.Background(), pia, themes.Draft{Title: &title})
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.Intake.File(context.Background(), pia, intake.Submission{Text: "The export of boards is slow", Person: &intake.PersonInput{Email: "mei@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Themes.Assign(context.Background(), pia, []string{f.Suggestion.ID}, themes.Assignment{Theme: th.ID}); err != nil {
		t.Fatal(err)
	}
	path := "/themes/" + th.ID + "/status"
	var out announced
	body := want(t, d.call(pia, "POST", path+"?dry_run=true", "", `{"status":"planned","reason":{"en":"It is due."}}`), http.StatusOK)
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Mails) != 1 || out.Mails[0].Locale != "en" || !strings.Contains(out.Mails[0].Text, "It is due.") || !strings.Contains(out.Mails[0].Text, "The export of boards is slow") || strings.Contains(body, "mei@example.com") {
		t.Errorf("%+v", out.Mails)
	}
	if said := want(t, d.call(herald, "POST", path+"?dry_run=true", "", `{"status":"planned"}`), http.StatusOK); strings.Contains(said, "export of boards") || strings.Contains(said, "mails\":[") {
		t.Errorf("who may not read it was shown it: %s", said)
	}
	if said := want(t, d.call(pia, "POST", path, "", `{"status":"planned"}`), http.StatusOK); strings.Contains(said, `"html"`) {
		t.Error("a status that was given carries its mails")
	}
}

func TestBouncesAreListed(t *testing.T) {
	d := newDesk(t, nil)
	if _, err := d.Notifier.TakeBounce(context.Background(), models.BounceByMailbox, "", []byte("Subject: hello\r\n\r\nhello\r\n")); err != nil {
		t.Fatal(err)
	}
	if said := want(t, d.call(herald, "GET", "/bounces?outcome=ignored", "", ""), http.StatusOK); !strings.Contains(said, `"reason":"letter"`) {
		t.Error(said)
	}
	if said := want(t, d.call(pia, "GET", "/bounces?outcome=refused", "", ""), http.StatusOK); !strings.Contains(said, `"bounces":[]`) {
		t.Error(said)
	}
	want(t, d.call(pia, "GET", "/bounces?outcome=nonsense", "", ""), http.StatusUnprocessableEntity)
	want(t, d.call(filer, "GET", "/bounces", "", ""), http.StatusForbidden)
	want(t, d.call(somebody, "GET", "/bounces", "", ""), http.StatusForbidden)
}
