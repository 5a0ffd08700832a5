package auth_test

import (
	"slices"
	"testing"

	"github.com/heedhq/heed/auth"
)

// Who classifies everybody's words is a person who leads, or an administrator's token;
// never an agent.
func TestWhoMayEditRouting(t *testing.T) {
	may := []string{"system", "owner", "admin", "pm", "service:admin", "member-token:admin"}
	for name, a := range actors() {
		if got, want := auth.Can(a, auth.EditRouting) == nil, slices.Contains(may, name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
