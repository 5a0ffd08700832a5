package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/test/githubstand"
)

var ada = auth.Actor{Kind: models.ActorMember, ID: "mem_ada", Name: "Ada", Role: models.RoleAdmin}

func TestIssuesAreLookedAtBroughtInAndStopped(t *testing.T) {
	stand := githubstand.StartT(t, githubstand.Options{})
	d := newDesk(t, stand)
	if _, err := stand.CreateIssue(t.Context(), "acme/roadmap", "An open issue", ""); err != nil {
		t.Fatal(err)
	}
	const body = `{"repository":"acme/roadmap"}`
	want(t, d.call(pia, "GET", "/github/backfill/look?repository=acme/roadmap", "", ""), http.StatusForbidden)
	want(t, d.call(pia, "POST", "/github/backfill", "", body), http.StatusForbidden)
	if said := want(t, d.call(ada, "GET", "/github/backfill/look?repository=acme/roadmap", "", ""), http.StatusOK); !strings.Contains(said, `"open":1,"exact":true`) || !strings.Contains(said, `"running":null`) {
		t.Errorf("a look says %s", said)
	}
	if said := want(t, d.call(ada, "POST", "/github/backfill", "", `{"repository":"acme/nowhere"}`), http.StatusUnprocessableEntity); !strings.Contains(said, "#/repository") {
		t.Errorf("what is not there: %s", said)
	}
	first := want(t, d.call(ada, "POST", "/github/backfill", "k", body), http.StatusAccepted)
	if !strings.Contains(first, `"state":"running"`) || !strings.Contains(first, `"started_by":"Ada"`) {
		t.Errorf("begun: %s", first)
	}
	if again := want(t, d.call(ada, "POST", "/github/backfill", "", body), http.StatusAccepted); again != first {
		t.Errorf("begun again: %s, want %s", again, first)
	}
	if said := want(t, d.call(pia, "GET", "/github/backfill", "", ""), http.StatusOK); !strings.Contains(said, `"total":1,"done":0`) {
		t.Errorf("listed: %s", said)
	}
	if said := want(t, d.call(ada, "POST", "/github/backfill/cancel", "", body), http.StatusOK); !strings.Contains(said, `"state":"cancelled"`) {
		t.Errorf("stopped: %s", said)
	}
	want(t, d.call(ada, "POST", "/github/backfill/cancel", "", body), http.StatusNotFound)
	if len(stand.Writes()) != 0 {
		t.Error("GitHub was written to")
	}
}
