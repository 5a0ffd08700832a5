package web

import (
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// Talk is comments as a page shows them.
func Talk(cs []models.Comment) []ui.TalkComment {
	names, out := map[string]string{}, make([]ui.TalkComment, 0, len(cs))
	for _, c := range cs {
		names[c.ID] = c.Name
		t := ui.TalkComment{ID: c.ID, Name: c.Name, Official: c.MemberID != "", Text: c.Text, Lang: langOf(c.Lang), At: c.CreatedAt}
		if to, there := names[c.ReplyTo]; there {
			t.To, t.ToURL = to, "#"+c.ReplyTo
		}
		out = append(out, t)
	}
	return out
}

// langOf is a language that pages know, "" for others.
func langOf(lang string) string {
	if lang == "en" || lang == "zh" {
		return lang
	}
	return ""
}
