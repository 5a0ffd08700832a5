package themes

import "github.com/heedhq/heed/models"

// titled refuses what somebody calls a theme by hand where that holds a secret or reads
// like one: its mask is no name either.
func (t *Themes) titled(field, title string) error {
	if t.opts.IsSecret != nil && t.opts.IsSecret(title) {
		return models.BadField(field, "secret_in_name")
	}
	return nil
}

// presentable refuses to save what staff wrote for the public where it holds a
// secret, or a wallet address or transaction id of somebody; before is what stood
// there and may stay. A secret in what only the team reads is masked.
func (t *Themes) presentable(th *models.Theme, before models.ThemeFacts) error {
	if t.opts.Mask != nil && th.Title != before.Title {
		th.Title = t.opts.Mask(th.Title)
	}
	if t.opts.Unfit == nil {
		return nil
	}
	for field, x := range map[string]struct{ now, before models.Text }{
		"public_title": {th.PublicTitle, before.PublicTitle}, "public_text": {th.PublicText, before.PublicText}, "reason": {th.Reason, before.Reason},
		"version": {models.Text{Any: th.Version}, models.Text{Any: before.Version}}, "product": {models.Text{Any: th.Product}, models.Text{Any: before.Product}},
		"target": {models.Text{Any: th.Target}, models.Text{Any: before.Target}},
	} {
		if x.now == x.before {
			continue
		}
		for lang, s := range map[string]string{"/en": x.now.EN, "/zh": x.now.ZH, "": x.now.Any} {
			if code := t.opts.Unfit(s); code != "" {
				return models.BadField(field+lang, code)
			}
		}
	}
	return nil
}
