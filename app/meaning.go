package app

import (
	"context"

	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/dedup/meaning"
	"github.com/heedhq/heed/redact"
	"github.com/heedhq/heed/themes"
)

// themesOptions puts together how texts are compared, and what may join a theme
// without a person.
func (a *App) themesOptions(masks *redact.Redactor) themes.Options {
	c := a.Config.Dedup
	o := themes.Options{Meaning: meaning.NewReader(), Auto: c.Attach.Mode == config.AttachAuto, Refit: a.askCalibrate}
	o.Promises = promises(a.Config.Followups)
	o.Mask, o.Unfit, o.Product = masks.Clean, masks.Unfit, productName
	o.IsSecret = a.isSecret
	if c.Attach.Mode == config.AttachFixed {
		o.Attach = c.Attach.Probability
	}
	a.queue.Handle(calibrateKind, a.calibrate)
	if c.EmbeddingsURL != "" {
		e := meaning.NewEndpoint(meaning.EndpointOptions{URL: c.EmbeddingsURL, Model: c.EmbeddingsModel, Key: c.EmbeddingsKey})
		o.Endpoint = masked{Meaning: e, masks: masks}
	}
	return o
}

// masked keeps secrets from a model in another house. What is stored has none,
// but what somebody is typing may.
type masked struct {
	themes.Meaning
	masks *redact.Redactor
}

// Embed masks the texts and hands them on.
func (m masked) Embed(ctx context.Context, texts []meaning.Text) ([][]float32, error) {
	clean := make([]meaning.Text, len(texts))
	for i, t := range texts {
		clean[i].Title, _ = m.masks.Mask(t.Title)
		clean[i].Text, _ = m.masks.Mask(t.Text)
	}
	return m.Meaning.Embed(ctx, clean)
}
