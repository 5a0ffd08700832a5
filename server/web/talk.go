package web

import (
	"slices"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
	"github.com/heedhq/heed/ui"
)

// Talk is comments as a page shows them, in their order. names has whom answers answer;
// who stands above on the page is led to.
func Talk(cs []models.Comment, names map[string]string) []ui.TalkComment {
	there, out := map[string]bool{}, make([]ui.TalkComment, 0, len(cs))
	for _, c := range cs {
		there[c.ID] = true
		t := ui.TalkComment{ID: c.ID, Name: c.Name, Official: c.MemberID != "", Text: c.Text, Lang: langOf(c.Lang), At: c.CreatedAt}
		if to, known := names[c.ReplyTo]; known {
			if t.To, t.Answers = to, true; there[c.ReplyTo] {
				t.ToURL = "#" + c.ReplyTo
			}
		}
		out = append(out, t)
	}
	return out
}

// TalkPage is a page of comments, the newest last as people talk; base is the address of
// the page it stands on.
func TalkPage(d *ui.Talk, talk themes.Talk, base, before string) {
	cs := slices.Clone(talk.Comments)
	slices.Reverse(cs)
	d.Comments = Talk(cs, talk.Names)
	if talk.Next != "" {
		d.EarlierURL = base + "?before=" + talk.Next + "#talk-title"
	}
	if before != "" {
		d.LatestURL = base + "#talk-title"
	}
}

// langOf is a language that pages know, "" for others.
func langOf(lang string) string {
	if lang == "en" || lang == "zh" {
		return lang
	}
	return ""
}
