package notifier

import (
	"strings"
	"time"

	"github.com/heedhq/heed/models"
)

// ClockLine is one first reply that is late (Breached), or soon will be. Title is the
// person's first words, "" where they are not to be mailed.
type ClockLine struct {
	Title, TitleLang string
	URL              string
	Team             string // its name, "" for everybody
	Urgency          models.Urgency
	DueAt            time.Time
	Breached         bool
}

// clockView is a ClockLine as the templates see it.
type clockView struct {
	Title    quoted
	State    string
	Mark     string
	Facts    string
	URL      string
	Breached bool
}

func clockLinks(m Message) []string {
	links := []string{m.ClocksURL}
	for _, c := range m.Clocks {
		links = append(links, c.URL)
	}
	return links
}

// viewClocks lays a clock mail out.
func (r *Renderer) viewClocks(v *view, m Message, shrink int) {
	late := 0
	shown := m.Clocks[:max(1, len(m.Clocks)/shrink)]
	zone := time.UTC
	if m.Zone != nil {
		zone = m.Zone
	}
	for _, c := range m.Clocks {
		if c.Breached {
			late++
		}
	}
	for _, c := range shown {
		line := clockView{URL: c.URL, Breached: c.Breached, Mark: "◔"}
		key := "mail.clock.soon"
		if c.Breached {
			key, line.Mark = "mail.clock.late", "●"
		}
		line.State = v.T(key, v.DateTime(c.DueAt.In(zone)), zone.String())
		line.Title = r.quoteTitle(v.Printer, ThemeChange{Title: c.Title, TitleLang: c.TitleLang, OwnWords: true}, ownWords)
		if c.Title == "" {
			line.Title = quoted{Shown: v.T("mail.clock.confidential"), Display: v.T("mail.clock.confidential")}
		}
		facts := []string{v.T("urgency." + string(c.Urgency))}
		if c.Team != "" {
			facts = append(facts, r.delink(oneLine(c.Team)))
		}
		line.Facts = strings.Join(facts, " · ")
		v.Clocks = append(v.Clocks, line)
	}
	soon := len(m.Clocks) - late
	switch {
	case late == 0:
		v.Subject = v.T("mail.subject.clock.soon", soon+m.MoreClocks)
	case soon == 0:
		v.Subject = v.T("mail.subject.clock.late", late+m.MoreClocks)
	default:
		v.Subject = v.T("mail.subject.clock.both", late, soon)
	}
	if rest := m.MoreClocks + len(m.Clocks) - len(shown); rest > 0 {
		v.More = v.T("mail.clock.more", rest)
	}
	v.Intro, v.Preview, v.ClocksURL = v.T("mail.clock.intro"), v.Clocks[0].State, m.ClocksURL
}
