package hooks

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
)

// BouncePath is where a mail server hands over bounces and complaints: POST of the raw
// message (RFC 5322), with mail.bounce_secret as bearer token. X-Envelope-To may say whom
// the envelope was for.
const BouncePath = "/webhooks/mail/bounce"

// mountBounce adds the hook of bounces. The answer says what was decided; a message that was
// taken before is answered as it was then, so a server may try again.
func mountBounce(e *echo.Echo, n *notifier.Notifier) {
	e.POST(BouncePath, func(c echo.Context) error {
		r := c.Request()
		scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			secret = ""
		}
		body, err := io.ReadAll(r.Body)
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return he
		} else if err != nil {
			return models.Fail(models.Invalid, "body_unreadable")
		}
		row, err := n.ReceiveBounce(r.Context(), strings.TrimSpace(secret), r.Header.Get("X-Envelope-To"), body)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusAccepted, map[string]string{"id": row.ID, "outcome": row.Outcome, "reason": row.Reason})
	})
}
