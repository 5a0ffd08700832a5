package ui

import (
	"time"

	"github.com/heedhq/heed/i18n"
)

// Gallery shows each component in its states, for development builds.
type Gallery struct {
	// Portal shows the portal's components in place of the console's.
	Portal     bool
	Rows       []InboxRow
	Pane       InboxPane
	Cards      []PortalCard
	Provenance Provenance
	Preview    StatusForm
	Deliveries []Delivery
	Similar    Similar
}

// NewGallery makes the gallery's data; now is when everything just happened.
func NewGallery(locale i18n.Locale, now time.Time) Gallery {
	title, text := "Faster exports", "Exporting big boards should take seconds, not minutes."
	if locale == i18n.ZH {
		title, text = "更快的导出", "导出大型看板应该只要几秒，而不是几分钟。"
	}
	theme := ThemeRef{ID: "thm_1", URL: "#", Title: title, Status: "in_progress", People: 31, Reasons: []string{"export", "导出"}}
	other := ThemeRef{ID: "thm_2", URL: "#", Title: "Large board limits", TitleLang: "en", Status: "under_review", People: 8,
		Reasons: []string{"board"}, Mismatch: []string{"iOS / Android"}}
	said := Provenance{Person: "Mei Lin", Account: "Acme", Segment: "Pro", Source: "Zendesk #8812", SourceURL: "#",
		Filer: "Sam", Lang: "en", At: now.Add(-2 * time.Hour), Files: 2}
	single := InboxRow{ID: "sug_1", URL: "#", Title: "Export is slow on large boards", Lang: "en", Person: "Mei Lin",
		Account: "Acme", At: now.Add(-2 * time.Hour), Likely: title, LikelyID: "thm_1"}
	long := InboxRow{ID: "sug_2", URL: "#", Title: "导出大型看板时一直转圈，等了十几分钟也没有结果，最后只好一张一张截图发给同事看，非常影响工作",
		Lang: "zh", Person: "王伟", Account: "ByteCo", At: now.Add(-26 * time.Hour), Urgent: true}
	stack := single
	stack.Members, stack.Languages = []InboxRow{single, long}, 2
	current := single
	current.Current = true
	return Gallery{
		Rows: []InboxRow{current, stack, long},
		Pane: InboxPane{ID: "sug_1", URL: "#", Title: single.Title, Lang: "en", Receipt: "HEED-7K2M-QX4D",
			Text: "Export takes minutes on big boards, so we screenshot instead.", Provenance: said,
			Likely: []ThemeRef{theme, other}, Stack: []string{"sug_1", "sug_2"}, Confirm: &ConfirmForm{}},
		Cards: []PortalCard{
			{ThemeRef: theme, Text: text, Updated: now.Add(-48 * time.Hour), Voted: true},
			{ThemeRef: other, Text: text, Updated: now.Add(-72 * time.Hour)},
		},
		Provenance: said,
		Preview: StatusForm{ThemeID: "thm_1", Status: "planned", Errors: map[string]string{},
			Preview: &Consequence{People: 24, Mails: 23, EN: 15, ZH: 8, Lacking: 3, SettleMinutes: 5}},
		Deliveries: []Delivery{
			{ID: "dlv_1", At: now, Person: "mei@example.com", Subject: title, SubjectURL: "#", Kind: "status", State: "delivered", Tries: 1, Detail: "250 2.0.0 ok"},
			{ID: "dlv_2", At: now, Person: "jo@example.com", Subject: title, SubjectURL: "#", Kind: "status", State: "bounced", Tries: 1, Detail: "550 5.1.1", CanRetry: true},
			{ID: "dlv_3", At: now, Person: "wei@example.com", Subject: title, SubjectURL: "#", Kind: "promise", State: "retrying", Tries: 3, NextTry: now.Add(30 * time.Minute), CanRetry: true, CanCancel: true},
		},
		Similar: Similar{Themes: []ThemeRef{theme, other}, CanVote: true},
	}
}
