package auth_test

import (
	"testing"

	"github.com/heedhq/heed/auth"
)

// Who people are is for staff and for what speaks for them; an agent names whom it
// files for and does not browse.
func TestWhoMaySeeAndChangePeople(t *testing.T) {
	for name, may := range map[string]map[auth.Action]bool{
		"owner": {auth.ReadPeople: true, auth.EditPeople: true, auth.EditAccounts: true}, "pm": {auth.ReadPeople: true, auth.EditPeople: true, auth.EditAccounts: true},
		"support":             {auth.ReadPeople: true, auth.EditPeople: true},
		"service:themes-read": {auth.ReadPeople: true}, "service:themes-write": {auth.ReadPeople: true, auth.EditPeople: true, auth.EditAccounts: true},
		"service:suggestions": {}, "service:followups": {}, "agent:themes-read": {}, "agent:themes-write": {}, "agent:admin": {}, "support-agent:admin": {},
		"support-token:admin": {auth.ReadPeople: true, auth.EditPeople: true}, "pm-token:read": {auth.ReadPeople: true},
		"person": {}, "anonymous": {}, "github": {}, "unknown-role": {}, "no-kind": {},
	} {
		for _, act := range []auth.Action{auth.ReadPeople, auth.EditPeople, auth.EditAccounts} {
			if err := auth.Can(actors()[name], act); (err == nil) != may[act] {
				t.Errorf("%s, %s: %v", name, act, err)
			}
		}
	}
}
