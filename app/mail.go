package app

import (
	"fmt"

	"github.com/heedhq/heed/notifier"
)

// bounces says how reports come back and who is asked about mail in doubt.
func (a *App) bounces(o *notifier.LedgerOptions) error {
	m := a.Config.Mail
	if m.BouncesURL != "" {
		if err := notifier.CheckMailbox(m.BouncesURL); err != nil {
			return fmt.Errorf("mail.bounces_url: %w", err)
		}
	}
	o.BounceAddress, o.BounceMailbox, o.BounceSecret = m.BounceAddress, m.BouncesURL, m.BounceSecret
	o.DKIMSelector, o.SPF = m.DKIMSelector, m.SPF
	if m.ProbeURL == "" {
		return nil
	}
	p, err := notifier.NewHTTPProber(m.ProbeURL)
	if err != nil {
		return fmt.Errorf("mail.probe_url: %w", err)
	}
	o.Prober = p
	return nil
}
