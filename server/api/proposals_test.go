package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// into files texts and puts them into a theme.
func (d *desk) into(theme string, texts ...string) {
	d.t.Helper()
	for i, text := range texts {
		var f struct{ ID string }
		body := fmt.Sprintf(`{"text":%q,"person":{"email":"p%d@example.com"}}`, text, i)
		if err := json.Unmarshal([]byte(want(d.t, d.call(pia, "POST", "/suggestions", "", body), http.StatusCreated)), &f); err != nil {
			d.t.Fatal(err)
		}
		want(d.t, d.call(pia, "POST", "/suggestions/"+f.ID+"/assign", "", fmt.Sprintf(`{"theme":%q}`, theme)), http.StatusOK)
	}
}

// look is the whole nightly look.
func (d *desk) look() {
	d.t.Helper()
	time.Sleep(50 * time.Millisecond) // the index follows
	for state := "{}"; state != ""; {
		next, _, err := d.Themes.Look(d.t.Context(), state)
		if err != nil {
			d.t.Fatal(err)
		}
		state = next
	}
}

type listed struct {
	Proposals []proposalView `json:"proposals"`
	Next      string         `json:"next_cursor"`
}

func (d *desk) listed(query string) (l listed) {
	d.t.Helper()
	body := want(d.t, d.call(pia, "GET", "/proposals"+query, "", ""), http.StatusOK)
	if err := json.Unmarshal([]byte(body), &l); err != nil || l.Proposals == nil {
		d.t.Fatal(body, err)
	}
	return l
}

func TestProposalsAreListedAcceptedAndDismissed(t *testing.T) {
	d := newDesk(t, nil)
	if l := d.listed(""); len(l.Proposals) != 0 || l.Next != "" {
		t.Fatalf("%+v", l)
	}
	big, small := d.theme("Exports", true), d.theme("CSV", true)
	d.into(big.ID, "Export to CSV is slow", "CSV export is slow", "The slow export to CSV", "Slow CSV export please fix")
	d.into(small.ID, "Why is export to CSV slow", "CSV export is very slow", "Exporting to CSV is slow")
	mixed := d.theme("Everything", true)
	d.into(mixed.ID, "Fees for swaps are too high", "The swap fee is too high", "Swap fees too high", "High fees for a swap")
	d.into(mixed.ID, "Dark mode for the night", "A dark mode please, night", "Night dark mode wanted")
	d.look()
	l := d.listed("?limit=1")
	if len(l.Proposals) != 1 || l.Next == "" || len(d.listed("?limit=1&cursor="+l.Next).Proposals) != 1 || len(d.listed("?kind=reopen").Proposals) != 0 {
		t.Fatalf("%+v", l)
	}
	want(t, d.call(pia, "GET", "/proposals?kind=divorce", "", ""), http.StatusUnprocessableEntity)
	merge, split := d.listed("?kind=merge").Proposals[0], d.listed("?kind=split").Proposals[0]
	if merge.Theme.ID != small.ID || merge.Other.ID != big.ID || merge.Moves != 3 || len(merge.Suggestions) == 0 || len(merge.Beside) == 0 {
		t.Errorf("merge: %+v", merge)
	}
	if len(merge.Reasons) == 0 || !strings.HasPrefix(merge.Reasons[0].Text, "shares: ") {
		t.Errorf("reasons: %+v", merge.Reasons)
	}
	if split.Theme.ID != mixed.ID || split.Other != nil || split.Moves != 3 || len(split.Suggestions) != 3 {
		t.Errorf("split: %+v", split)
	}
	reader := auth.Actor{Kind: models.ActorService, ID: "tok_r", TokenID: "tok_r", Scopes: []auth.Scope{auth.ScopeThemesRead}}
	want(t, d.call(filer, "GET", "/proposals", "", ""), http.StatusForbidden)
	want(t, d.call(reader, "POST", "/proposals/"+merge.ID+"/accept", "", ""), http.StatusForbidden)
	want(t, d.call(reader, "POST", "/proposals/"+merge.ID+"/dismiss", "", ""), http.StatusForbidden)
	want(t, d.call(pia, "POST", "/proposals/prp_nonsense/accept", "", ""), http.StatusNotFound)

	first := want(t, d.call(pia, "POST", "/proposals/"+merge.ID+"/accept", "k1", ""), http.StatusOK)
	if again := want(t, d.call(pia, "POST", "/proposals/"+merge.ID+"/accept", "k1", ""), http.StatusOK); again != first || !strings.Contains(first, big.ID) {
		t.Errorf("%s then %s", first, again)
	}
	want(t, d.call(pia, "POST", "/proposals/"+merge.ID+"/accept", "", ""), http.StatusConflict)
	var made struct {
		Theme struct{ Title string }
	}
	body := want(t, d.call(pia, "POST", "/proposals/"+split.ID+"/accept", "", `{"title":"Dark mode"}`), http.StatusOK)
	if err := json.Unmarshal([]byte(body), &made); err != nil || made.Theme.Title != "Dark mode" {
		t.Error(body, err)
	}
	var open int
	for range 300 {
		n, err := d.Themes.OpenProposals(t.Context(), pia)
		if open = int(n); err == nil && n == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if open != 0 {
		t.Errorf("%d are open", open)
	}
}

func TestAMessageWithSeveralAsks(t *testing.T) {
	d := newDesk(t, nil)
	export, dark := d.theme("Exports", true), d.theme("Dark mode", true)
	d.into(export.ID, "Export to CSV is slow", "CSV export is slow", "The slow export to CSV")
	d.into(dark.ID, "Dark mode for the night", "A dark mode please, night", "Night dark mode wanted")
	time.Sleep(50 * time.Millisecond)
	text := "Export to CSV is slow. Also, a dark mode for the night please."
	file := func() (v filedView) {
		w := d.call(pia, "POST", "/suggestions", "", fmt.Sprintf(`{"text":%q,"source":"desk","external_id":"7"}`, text))
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code >= 300 {
			t.Fatal(w.Body, err)
		}
		return v
	}
	v := file()
	if v.Action != "suggested" || len(v.Themes) != 0 || len(v.Asks) != 2 || v.Asks[0].Text != "Export to CSV is slow." || v.Asks[1].Candidates[0].Theme != dark.ID {
		t.Fatalf("%+v", v)
	}
	var one suggestionView
	body := want(t, d.call(pia, "GET", "/suggestions/"+v.ID, "", ""), http.StatusOK)
	if err := json.Unmarshal([]byte(body), &one); err != nil || len(one.Asks) != 2 {
		t.Fatal(body, err)
	}
	want(t, d.call(pia, "POST", "/suggestions/"+v.ID+"/assign", "", `{"asks":[0],"theme":"`+dark.ID+`"}`), http.StatusUnprocessableEntity)
	want(t, d.call(pia, "POST", "/suggestions/"+v.ID+"/assign", "", `{"asks":[7]}`), http.StatusUnprocessableEntity)
	got := want(t, d.call(pia, "POST", "/suggestions/"+v.ID+"/assign", "", `{"asks":[]}`), http.StatusOK)
	if !strings.Contains(got, export.ID) || !strings.Contains(got, dark.ID) {
		t.Error(got)
	}
	v = file() // the same external id again: where it stands now
	if len(v.Themes) != 2 || text[v.Themes[0].Span[0]:v.Themes[0].Span[1]] != v.Asks[0].Text || v.Themes[0].Action != "assigned" {
		t.Errorf("%+v", v.Themes)
	}
}
