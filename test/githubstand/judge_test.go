//go:build unix

package githubstand

import (
	"strings"
	"testing"

	"github.com/heedhq/heed/test/peer"
)

func TestTheJudgeTellsValidRequestsFromInvalidOnes(t *testing.T) {
	router, err := description()
	if err != nil {
		peer.Missing(t, "github", err)
	}
	for _, c := range []struct{ method, uri, body, want string }{
		{"GET", "/repos/o/r/issues/7", "", ""},
		{"GET", "/repositories/12/issues/7", "", ""},
		{"GET", "/repositories/12", "", ""},
		{"GET", "/repos/o/r/issues?state=all&since=2026-01-02T03:04:05Z&per_page=100&page=2", "", ""},
		{"DELETE", "/repositories/12/issues/7/labels/bug%2Fux", "", ""},
		{"POST", "/repos/o/r/issues", `{"title":"t","body":"b","labels":["a"]}`, ""},
		{"POST", "/repos/o/r/issues/7/labels", `{"labels":["a"]}`, ""},
		{"PATCH", "/repos/o/r/issues/7", `{"state":"closed","state_reason":"duplicate"}`, ""},
		{"GET", "/repos/o/r/issues?state=shut", "", "state"},
		{"GET", "/repos/o/r/issues?since=yesterday", "", "since"},
		{"GET", "/repos/o/r/issues?status=all", "", "no parameter status"},
		{"GET", "/repos/o/r/issues/seven", "", "issue_number"},
		{"GET", "/repos/o/r/tickets", "", "not described"},
		{"PUT", "/repos/o/r/issues/7", `{}`, "not described"},
		{"DELETE", "/repos/o/r/issues/7/labels/bug/ux", "", "not described"},
		{"POST", "/repos/o/r/issues", `{"body":"no title"}`, "title"},
		{"POST", "/repos/o/r/issues", `{"title":"t","labels":"a"}`, "labels"},
		{"POST", "/repos/o/r/issues", `{"title":"t","text":"b"}`, "no field text"},
		{"POST", "/repos/o/r/issues", `{"title":`, "body"},
		{"POST", "/repos/o/r/issues/7/labels", `{"names":["a"]}`, "no field names"},
		{"PATCH", "/repos/o/r/issues/7", `{"state":"closed","state_reason":"whim"}`, "state_reason"},
		{"GET", "/repos/o/r/issues/7", `{"title":"t"}`, "no body"},
	} {
		path, query, _ := strings.Cut(c.uri, "?")
		r := &Request{Method: c.method, escaped: path, Query: query, Body: []byte(c.body), ContentType: "application/json"}
		as, _ := inDescription(path)
		err := judgeRequest(router, r, as)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %s: %v, want %q", c.method, c.uri, c.body, err, c.want)
		}
	}
}

// A test that looks at its log afresh must not hide from the judge what went before.
func TestWhatTheLogForgetsIsJudgedAllTheSame(t *testing.T) {
	s := StartT(t, Options{})
	for range 3 {
		if _, _, err := product(t, s, s.BotToken).Repositories.Get(t.Context(), "acme", "roadmap"); err != nil {
			t.Fatal(err)
		}
		s.ResetLog()
	}
	if s.judge.judged != 3 || len(s.Requests()) != 0 {
		t.Errorf("%d judged, %d logged, want 3 and none", s.judge.judged, len(s.Requests()))
	}
}
