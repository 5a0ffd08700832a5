package notifier

import (
	"fmt"
	"time"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
)

// otherSamples is every kind of mail that is no follow-up, in the reader's language alone.
func otherSamples(locale i18n.Locale) map[string]Message {
	like := statusMessage(locale, models.StatusPlanned)
	all := map[string]Message{}
	for _, cause := range []models.Cause{models.CauseSecret, models.CauseStolen, models.CauseVulnerability} {
		all["safety_"+string(cause)] = noticeMessage(locale, KindSafety, Notice{Cause: cause})
	}
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	all["escalation"] = noticeMessage(locale, KindEscalation, Notice{Open: 12, Items: []NoticeItem{
		{models.CauseSecret, "K7WQ2MXP", at}, {models.CauseStolen, "R2D2MXPA", at.Add(-time.Hour)}, {models.CauseVulnerability, "B4K9MXPA", at.Add(-24 * time.Hour)}}})
	for _, why := range []string{models.WebhookOffFailing, models.WebhookOffGone} {
		all["webhook_"+why] = noticeMessage(locale, KindWebhook, Notice{Webhook: &WebhookOff{ID: "whk_1", Name: "Acme 4.2", Why: why}})
	}
	all["test"] = Message{Kind: KindTest, Locale: locale, To: like.To, MessageID: like.MessageID, Date: like.Date}
	for kind, said := range map[Kind]Said{
		KindReceived:   {Receipt: "K7WQ2MXP", MeantURL: "https://heed.acme.example/meant/sug_1.per_1.abc"},
		KindReply:      {Reply: like.Themes[0].Reason, ReplyLang: like.Themes[0].ReasonLang, By: "Lin"},
		KindHandedOver: {},
	} {
		m := like
		m.Kind, m.Themes = kind, nil
		said.Words, said.WordsLang, said.URL = like.Themes[0].Title, like.Themes[0].TitleLang, "https://heed.acme.example/r/K7WQ2MXP"
		m.Said = &said
		all[string(kind)] = m
	}
	outcome := digest(locale, 3)
	outcome.Kind, outcome.OutcomesURL = KindOutcome, "https://heed.acme.example/outcomes"
	outcome.UnsubscribeURL, outcome.PreferencesURL, outcome.ThreadRoot, outcome.Phrase, outcome.ReplyTo = "", "", "", "", ""
	outcome.Themes[2].Status, outcome.Themes[2].OwnWords, outcome.Themes[2].Reason, outcome.Themes[2].PromiseDate = statusClosed, true, "", nil
	all["outcome"] = outcome
	clock := Message{Kind: KindClock, Locale: locale, To: like.To, ClocksURL: "https://heed.acme.example/inbox?late=1", MoreClocks: 7, MessageID: like.MessageID, Date: like.Date}
	for i, urgency := range []models.Urgency{models.UrgencyCritical, models.UrgencyHigh, models.UrgencyNormal} {
		clock.Clocks = append(clock.Clocks, ClockLine{Title: like.Themes[0].Title, TitleLang: like.Themes[0].TitleLang, URL: fmt.Sprintf("https://heed.acme.example/suggestions/sug_%d", i),
			Urgency: urgency, DueAt: at.Add(time.Duration(i) * time.Hour), Breached: i < 2})
	}
	clock.Clocks[1].Title = "" // confidential
	all["clock"] = clock
	mixed := digest(locale, 2)
	mixed.Kind = KindDigest
	for _, kind := range []string{"update", "merged", "comment", "release"} {
		mixed.Themes = append(mixed.Themes, toldSamples(locale)[kind].Themes[0])
	}
	mixed.Themes = append(mixed.Themes, promiseMessage(locale, models.StatusPostponed).Themes[0])
	mixed.Themes[5].InRelease = false
	all["digest"] = mixed
	return all
}
