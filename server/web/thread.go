package web

import (
	"slices"
	"strconv"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/ui"
)

// ThreadView is a thread as staff or its person reads it. The person is not shown
// who took a step, nor to which team.
func ThreadView(p *i18n.Printer, t intake.Thread, staff bool) ui.Thread {
	v := ui.Thread{Objects: t.Objects, Staff: staff}
	of := map[string][]ui.ThreadFile{}
	for _, a := range t.Attachments {
		of[a.MessageID] = append(of[a.MessageID], fileView(p, a))
	}
	v.Files = of[""]
	for _, m := range t.Messages {
		v.Entries = append(v.Entries, ui.ThreadEntry{Author: m.Author, Kind: m.Kind, Name: m.ActorName, Text: m.Text, Lang: m.Lang, At: m.CreatedAt, Files: of[m.ID]})
	}
	for _, s := range t.Steps {
		if s.Activity.Verb == models.SuggestionReplied || s.Activity.Verb == models.PersonReplied || s.Activity.Verb == models.PersonObjected {
			continue // the message itself says it
		}
		e := ui.ThreadEntry{Author: models.AuthorSystem, Kind: "state", State: string(s.To), Undo: s.Undo, At: s.CreatedAt}
		if staff {
			e.Name, e.Team = s.Activity.ActorName, s.Team
		}
		v.Entries = append(v.Entries, e)
	}
	slices.SortStableFunc(v.Entries, func(a, b ui.ThreadEntry) int { return a.At.Compare(b.At) })
	return v
}

func fileView(p *i18n.Printer, a models.Attachment) ui.ThreadFile {
	return ui.ThreadFile{Name: a.Name, URL: "/attachments/" + a.ID, Size: sizeOf(p, a.Size), Image: a.IsImage(), Width: a.Width, Height: a.Height, Checked: a.Checked, Masked: a.Masked}
}

// sizeOf is a size as people read it.
func sizeOf(p *i18n.Printer, n int) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return p.Number(n>>10) + " KB"
	}
	return p.Number(n) + " B"
}
