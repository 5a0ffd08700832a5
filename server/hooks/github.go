package hooks

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server/web"
	issuesync "github.com/heedhq/heed/sync"
)

// GitHubPath is where GitHub sends its webhooks.
const GitHubPath = issuesync.HookPath

// Mount adds the hooks to an echo instance.
func Mount(e *echo.Echo, s *issuesync.Sync, n *notifier.Notifier, problems web.Problems) {
	mountBounce(e, n)
	e.POST(GitHubPath, func(c echo.Context) error {
		r := c.Request()
		body, err := io.ReadAll(r.Body)
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return he
		} else if err != nil {
			return models.Fail(models.Invalid, "body_unreadable")
		}
		outcome, err := s.Receive(r.Context(), issuesync.Delivery{
			GUID: r.Header.Get("X-GitHub-Delivery"), Event: r.Header.Get("X-GitHub-Event"),
			Signature256: r.Header.Get("X-Hub-Signature-256"), Body: body,
		})
		if err != nil {
			return err
		}
		return c.JSON(http.StatusAccepted, map[string]string{"outcome": string(outcome)})
	})
}
