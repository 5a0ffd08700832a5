package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/redact/redacttest"
)

// An agent that files for somebody in danger is told so, and what to say; it is
// shown nothing that was compared, and may not read it again. The team may.
func TestAnEmergencyIsAnsweredWithWhatToSay(t *testing.T) {
	d := newDesk(t, nil)
	phrase := redacttest.Phrase(t)
	d.theme("Import fails", true)
	body := `{"text":"导入失败 ` + phrase + `","person":{"email":"w@example.com","locale":"zh-CN"}}`
	for range 2 { // the second is the first one's answer again
		got := want(t, d.call(filer, "POST", "/suggestions", "key-1", body), http.StatusCreated)
		for _, w := range []string{`"escalated":true`, `"cause":"secret"`, `"lang":"zh"`, `立即转移资产`, `"theme":null`, `"action":"suggested"`, `"candidates":[]`} {
			if !strings.Contains(got, w) {
				t.Errorf("lacks %s: %s", w, got)
			}
		}
		if strings.Contains(got, phrase[:20]) {
			t.Errorf("says the phrase: %s", got)
		}
	}
	plain := want(t, d.call(filer, "POST", "/suggestions", "", `{"text":"Please add dark mode"}`), http.StatusCreated)
	if !strings.Contains(plain, `"escalated":false`) || !strings.Contains(plain, `"safety":null`) {
		t.Error(plain)
	}
	want(t, d.call(filer, "GET", "/emergencies", "", ""), http.StatusForbidden)
	list := want(t, d.call(pia, "GET", "/emergencies", "", ""), http.StatusOK)
	if !strings.Contains(list, `"open":1`) || !strings.Contains(list, `"alerts":1`) || strings.Contains(list, "导入失败") {
		t.Error(list)
	}
	id := list[strings.Index(list, "sug_"):][:30]
	want(t, d.call(filer, "POST", "/suggestions/"+id+"/acknowledge", "", ""), http.StatusForbidden)
	want(t, d.call(pia, "POST", "/suggestions/"+id+"/acknowledge", "", ""), http.StatusOK)
	if list := want(t, d.call(pia, "GET", "/emergencies", "", ""), http.StatusOK); !strings.Contains(list, `"open":0`) {
		t.Error(list)
	}
}
