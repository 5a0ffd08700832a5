package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// What looks secret is shown before it is sent, each with a box that keeps it; a
// phrase with a slip is warned of; nothing of both holds up who has seen it.
func TestWhatLooksSecretIsShownBeforeItIsSent(t *testing.T) {
	s := newRig(t)
	b := s.visitor()
	const key = "AKIAIOSFODNN7EXAMPLE"
	form := []string{"title", "Your documentation", "text", "It shows " + key + ", is that meant?"}
	b.post("/suggest", form...).want(http.StatusOK).says("This looks like something secret", "Access key, ends in PLE", `name="example" value="api_key:PLE"`, `name="seen"`)
	b.in("zh").post("/suggest", form...).says("这看起来是机密内容", "保留，这只是示例")
	b.in("en").post("/suggest", append(form, "seen", "1")...).want(http.StatusSeeOther)
	b.post("/suggest", append(form, "seen", "1", "example", "api_key:PLE")...).want(http.StatusSeeOther)
	if all := s.suggestions(); len(all) != 2 || strings.Contains(all[0].Text, key) || !strings.Contains(all[1].Text, key) {
		t.Errorf("%+v", all)
	}
	slip := []string{"title", "Help", "text", "legal winner thank year wave sausge worth useful legal winner thank yellow"}
	b.post("/suggest", slip...).want(http.StatusOK).says("reads like a recovery phrase with a mistake", "Send it as it is").hides(`name="example"`)
	if len(s.suggestions()) != 2 {
		t.Error("filed before it was seen")
	}
	b.post("/suggest", append(slip, "seen", "1")...).want(http.StatusSeeOther)
}

// No public text holds somebody's address or transaction.
func TestAPublicTextWithAChipIsRefused(t *testing.T) {
	s := newRig(t)
	const address = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
	f := s.file("I sent 500 USDT to "+address+" and it is gone from the list", "eve@example.com")
	staff := s.member("pm")
	staff.get("/inbox/"+f.Suggestion.ID+"/pane").says(`title="A wallet address: never leaves the console">`+address, `title="An amount: never leaves the console">500 USDT`)
	staff.post("/inbox/confirm", "suggestion", f.Suggestion.ID, "candidate", f.Theme.ID, "public_title_en", "Transfers to "+address).want(http.StatusUnprocessableEntity).says("wallet address or a transaction id")
	staff.post("/inbox/confirm", "suggestion", f.Suggestion.ID, "candidate", f.Theme.ID, "public_title_en", "password=hunter2hunter2").want(http.StatusUnprocessableEntity).says("password, key or recovery phrase")
	staff.post("/inbox/confirm", "suggestion", f.Suggestion.ID, "candidate", f.Theme.ID, "public_title_en", "Transfers up to 100 USDT").want(http.StatusSeeOther)
}
