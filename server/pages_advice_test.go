package server_test

import (
	"net/http"
	"testing"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// shippedTo ships a theme and is the link by which the person of a suggestion says
// whether that solves it.
func (r *rig) shippedTo(theme, version, receipt string) string {
	r.t.Helper()
	person := must(r.intake.ByReceipt(ctx, receipt))(r.t).Suggestion.PersonID
	act, _, err := r.themes.SetStatus(ctx, ana, theme, themes.StatusChange{Status: models.StatusShipped, Version: version, Notify: true})
	return r.link("solved", must(act, err)(r.t), person)
}

// A bare no is no alarm, whatever the theme is called: those words are ours. What the
// person says beside it is theirs.
func TestATitleOfOursAlarmsNobody(t *testing.T) {
	s := newStreet(t)
	for _, title := range []string{"XSS in the export", "My wallet was drained after the update"} {
		th := s.theme(title, "导出中的 XSS 漏洞", "It is mended.")
		f := s.file("It is not safe to open the export", "mei@example.com")
		s.assign(th.ID, f.Suggestion.ID)
		path := s.shippedTo(th.ID, "4.2", f.Suggestion.Receipt)
		for _, b := range []*browser{s.visitor(), s.visitor().in("zh")} {
			b.post(path, "answer", "no").want(http.StatusOK).hides("banner danger safety")
		}
		all := s.suggestions()
		if last := all[len(all)-1]; last.Confidential || s.emergencies() != 0 {
			t.Errorf("%s: %+v, %d emergencies", title, last, s.emergencies())
		}
	}
	path := s.shippedTo(s.public.ID, "4.3", s.receipt)
	s.visitor().post(path, "answer", "no", "words", "There is an XSS in it").want(http.StatusOK).says("banner danger safety")
	if s.emergencies() != 1 {
		t.Errorf("%d emergencies", s.emergencies())
	}
}
