package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/models"
)

// Whatever number says the same: one line, which says how many and leads to them,
// and one decision.
func TestWhoSaysTheSameIsOneLineOfTheInbox(t *testing.T) {
	r := newRig(t)
	b := r.member(models.RolePM)
	const text = "The export ends in a white page"
	lead := r.file(text, "ann@example.com").Suggestion.ID
	var echoes []string
	for i := range 60 { // more than a page of the list
		echoes = append(echoes, r.file(text, fmt.Sprintf("p%d@example.com", i)).Suggestion.ID)
	}
	// Who says the same as others takes no line of the theme's story: what people did would be lost among them.
	b.get("/themes/"+r.themesOf(lead)).says("60 in the same words", "opened a candidate").hides("the same text, word for word")
	single := r.file("Zebra stripes for the tables please", "zoe@example.com").Suggestion.ID
	export := r.theme("Exports", "导出", "")

	list := b.get("/inbox").want(http.StatusOK).says("/inbox/"+lead, "/inbox/"+single, "60 in the same words", "61 people", "/inbox?same="+lead, `<span class="count">2</span>`)
	list.hides(echoes[0], echoes[59], "alike")
	b.in("zh").get("/inbox").says("另有 60 条相同的话", "61 人").hides(echoes[0])
	b.in("en")

	b.get("/inbox/"+lead).says("60 in the same words", "They go where this one goes.", "/inbox?same="+lead)
	b.get("/inbox?same="+lead).says("All of these say the same words", echoes[59], "cursor=", "same="+lead).hides("/inbox/"+single, "alike")
	b.get("/inbox/"+echoes[7]).says("Somebody said these words before", `href="/inbox/`+lead+`"`)
	b.get("/inbox?same=nonsense").want(http.StatusOK).hides(lead)
	b.get("/inbox?same=%22%3E%3Cscript%3E").want(http.StatusOK).hides(`"><script>`)

	b.post("/inbox/assign", "suggestion", lead, "theme", export.ID, "next", "/inbox").to("/inbox")
	b.get("/inbox").says("/inbox/"+single).hides("/inbox/"+lead, "in the same words")
	for _, id := range []string{lead, echoes[0], echoes[59]} {
		if got := r.themesOf(id); got != export.ID {
			t.Errorf("%s stands in %q", id, got)
		}
	}
	b.get("/themes/"+export.ID).says("60 in the same words", "/inbox?same="+lead, `<span class="count">61</span>`).hides(echoes[0])

	// Somebody later stands there too, and takes no line.
	r.file(strings.ToUpper(text)+"!", "late@example.com")
	b.get("/inbox").hides("in the same words", "WHITE PAGE")
	b.get("/themes/" + export.ID).says("61 in the same words")
}
