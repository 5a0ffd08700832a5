//go:build unix

package githubstand

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/heedhq/heed/test/peer"
)

// Example is a webhook as GitHub once sent it, collected by the makers of Octokit.
type Example struct {
	Event string
	Body  []byte
}

// ExamplesT gives all of them; it skips aloud where they are not installed, and fails
// where HEED_TEST_REQUIRE names "github".
func ExamplesT(t testing.TB) []Example {
	t.Helper()
	text, err := readModule("@octokit/webhooks-examples/api.github.com/index.json")
	if errors.Is(err, ErrNotInstalled) {
		peer.Missing(t, "github", err)
	}
	var events []struct {
		Name     string
		Examples []json.RawMessage
	}
	if err == nil {
		err = json.Unmarshal(text, &events)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []Example
	for _, e := range events {
		for _, body := range e.Examples {
			all = append(all, Example{Event: e.Name, Body: body})
		}
	}
	return all
}
