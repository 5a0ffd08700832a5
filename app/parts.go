package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/jobs"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier"
	"github.com/heedhq/heed/server"
	"github.com/heedhq/heed/server/api"
	"github.com/heedhq/heed/ui"
)

func (a *App) buildNotifier(owner string) error {
	from, err := mail.ParseAddress(a.Config.Mail.From)
	if err != nil {
		return fmt.Errorf("mail.from: %w", err)
	}
	r, err := notifier.NewRenderer(a.catalog, notifier.RenderOptions{From: *from, Product: productName, PublicURL: a.publicURL()})
	if err != nil {
		return err
	}
	o := notifier.Options2{}
	_ = o
	_ = r
	return nil
}

// productName stands on pages and mails until settings have one.
const productName = "Heed"
