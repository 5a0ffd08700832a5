package issuesync

import (
	"fmt"
	"strings"

	"github.com/heedhq/heed/models"
)

// What GitHub takes of an issue, in characters; the body with room to spare.
const (
	maxIssueTitle = 256
	maxIssueBody  = 60_000
)

// compose writes the issue for a theme: its public title and text, how many
// people asked, and where its public page is. Nothing else may go out.
func (s *Sync) compose(th *models.Theme, linkID string) (title, body string) {
	clean := func(t string) string { return strings.TrimSpace(s.neutralise(s.opts.Redact(t))) }
	names, texts := th.PublicTitle.Map(clean), th.PublicText.Map(clean)
	first, _ := names.In("en")
	title = clip(strings.Join(strings.Fields(first), " "), maxIssueTitle-1)

	en, zh := texts.EN, texts.ZH
	if en == "" {
		en = texts.Any
	}
	var parts []string
	add := func(p string) {
		if p != "" {
			parts = append(parts, p)
		}
	}
	english, chinese := en != "" || names.EN != "" || names.Any != "", zh != "" || names.ZH != ""
	if english || !chinese {
		add(en)
		add(s.footerEN(th))
	}
	if chinese {
		if english {
			add("---")
			if names.ZH != "" {
				add("**" + strings.Join(strings.Fields(names.ZH), " ") + "**")
			}
		}
		add(zh)
		add(s.footerZH(th))
	}
	marker := s.marker(linkID)
	text := clip(strings.Join(parts, "\n\n"), maxIssueBody-len(marker)-3)
	return title, text + "\n\n" + marker
}

func (s *Sync) footerEN(th *models.Theme) string {
	out := fmt.Sprintf("%d people asked for this.", th.PeopleCount)
	if th.PeopleCount == 1 {
		out = "1 person asked for this."
	}
	if u := s.publicPage(th); u != "" {
		out += " Follow it at " + u
	}
	return out
}

func (s *Sync) footerZH(th *models.Theme) string {
	out := fmt.Sprintf("%d 人支持。", th.PeopleCount)
	if u := s.publicPage(th); u != "" {
		out += "进展见 " + u
	}
	return out
}

// publicPage is "" for a theme that nobody outside may see.
func (s *Sync) publicPage(th *models.Theme) string {
	if !th.Public || s.opts.PublicURL == "" {
		return ""
	}
	return strings.TrimSuffix(s.opts.PublicURL, "/") + "/t/" + th.ID
}
