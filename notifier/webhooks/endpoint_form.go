package webhooks

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/notifier/outbound"
)

// Patch is what Save changes; nil parts stay as they are. Kind counts for a new one
// alone. Secret is the one that a chat's robot was given, "" for none. Rev, unless 0,
// is the revision that was seen.
type Patch struct {
	Name, Kind, URL, Secret *string
	Locale                  *string
	Events                  *[]string
	Product, Channel        *string
	Enabled                 *bool
	Rev                     int64
}

const (
	maxName   = 100
	maxURL    = 2000
	maxSecret = 200
)

var channelName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,39}$`)

// apply carries a patch out on an endpoint, or names the field that is wrong.
func (h *Hooks) apply(tx *gorm.DB, e *models.WebhookEndpoint, p Patch) error {
	if !slices.Contains(Kinds(), e.Kind) {
		return models.BadField("kind", "webhook_kind", strings.Join(Kinds(), ", "))
	}
	if p.Name != nil {
		e.Name = strings.TrimSpace(*p.Name)
	}
	if e.Name == "" {
		return models.BadField("name", "webhook_name")
	}
	if utf8.RuneCountInString(e.Name) > maxName {
		return models.BadField("name", "too_long", maxName)
	}
	if err := h.applyURL(e, p.URL); err != nil {
		return err
	}
	if err := h.applySecret(e, p.Secret); err != nil {
		return err
	}
	if err := applyEvents(e, p); err != nil {
		return err
	}
	if err := h.applyChannel(tx, e, p.Channel); err != nil {
		return err
	}
	if len(e.Events.V) == 0 && e.Channel == "" {
		return models.BadField("events", "webhook_events")
	}
	if p.Enabled == nil || *p.Enabled == (e.DisabledAt == nil) {
		return nil
	}
	e.DisabledAt, e.DisabledWhy, e.Fails, e.FailingSince, e.NotBefore = nil, "", 0, nil, nil
	if !*p.Enabled {
		e.DisabledAt, e.DisabledWhy = new(h.db.Now()), models.WebhookOffByHand
	}
	return nil
}

func (h *Hooks) applyURL(e *models.WebhookEndpoint, raw *string) error {
	if raw == nil || strings.TrimSpace(*raw) == "" {
		if e.URL == "" {
			return models.BadField("url", "webhook_url")
		}
		return nil
	}
	text := strings.TrimSpace(*raw)
	if len(text) > maxURL {
		return models.BadField("url", "too_long", maxURL)
	}
	u, err := h.o.Client.Check(text)
	switch {
	case errors.Is(err, outbound.ErrScheme):
		return models.BadField("url", "webhook_https")
	case errors.Is(err, outbound.ErrForbidden):
		return models.BadField("url", "webhook_private")
	case err != nil:
		return models.BadField("url", "webhook_url")
	}
	e.Host = clip(u.Host, 200)
	e.URL, err = h.auth.Seal([]byte(text), urlOf(e.ID))
	e.Fails, e.FailingSince, e.NotBefore = 0, nil, nil // it is another now
	return err
}

// applySecret takes the secret that a chat gave its robot.
func (h *Hooks) applySecret(e *models.WebhookEndpoint, secret *string) (err error) {
	if secret == nil {
		return nil
	}
	s := strings.TrimSpace(*secret)
	switch {
	case e.Kind != models.WebhookFeishu && e.Kind != models.WebhookDingTalk:
		if s != "" {
			return models.BadField("secret", "webhook_secret_unused")
		}
		return nil
	case len(s) > maxSecret:
		return models.BadField("secret", "too_long", maxSecret)
	case s == "":
		e.Secret = ""
		return nil
	}
	e.Secret, err = h.auth.Seal([]byte(s), secretOf(e.ID))
	return err
}

func applyEvents(e *models.WebhookEndpoint, p Patch) error {
	if p.Events != nil {
		events := []string{}
		for _, t := range Types() { // in one order, each once
			if slices.Contains(*p.Events, string(t)) {
				events = append(events, string(t))
			}
		}
		for _, s := range *p.Events {
			if !slices.Contains(Types(), Type(s)) {
				return models.BadField("events", "webhook_event_unknown", clip(s, 60))
			}
		}
		e.Events = models.AsJSON(events)
	}
	if p.Locale != nil {
		l, ok := i18n.Parse(*p.Locale)
		if !ok {
			return models.BadField("locale", "webhook_locale")
		}
		e.Locale = string(l)
	}
	if p.Product != nil {
		e.Product = strings.TrimSpace(*p.Product)
	}
	if utf8.RuneCountInString(e.Product) > maxName {
		return models.BadField("product", "too_long", maxName)
	}
	return nil
}

// applyChannel makes an endpoint the way to the people of a channel; there is one.
func (h *Hooks) applyChannel(tx *gorm.DB, e *models.WebhookEndpoint, channel *string) error {
	if channel == nil {
		return nil
	}
	e.Channel = strings.ToLower(strings.TrimSpace(*channel))
	switch {
	case e.Channel == "":
		return nil
	case e.Kind != models.WebhookStandard:
		return models.BadField("channel", "webhook_channel_kind")
	case !channelName.MatchString(e.Channel) || e.Channel == models.ChannelEmail:
		return models.BadField("channel", "webhook_channel")
	}
	var taken int64
	err := tx.Model(&models.WebhookEndpoint{}).Where("channel = ? AND gone_at IS NULL AND id <> ?", e.Channel, e.ID).Count(&taken).Error
	if err == nil && taken > 0 {
		return models.BadField("channel", "webhook_channel_taken", e.Channel)
	}
	return err
}
