// Package hooks is the door for other systems that tell Heed something:
// GitHub's webhooks, a mail server's bounces; mail and channels later. A hook is checked, kept and
// answered; what it leads to happens behind it.
package hooks
