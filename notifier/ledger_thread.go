package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// Mail about one suggestion to its person: that it was received, that staff
// replied, that it was handed over. An event of these has one reader, so its item
// and its delivery are made with it, in the transaction that moves the cursor.

// SkipFlood: strangers gave this address so often that it gets no more
// confirmations today.
const SkipFlood = "flood"

// SkipTooLate: a confirmation that comes days after is of no use.
const SkipTooLate = "too_late"

const (
	// maxConfirmations to one address in a day for what nobody proved to have sent:
	// anybody can type anybody's address into a form.
	maxConfirmations = 5
	// sourcesOfForms are where a person, or staff with them, filled a form in.
	// Integrations confirm in their own channel.
	sourcePortal, sourceCapture, sourceWidget, sourceMail = "portal", "capture", "widget", "mail"
)

// about is the snapshot of an event of one suggestion.
type about struct {
	Suggestion string `json:"suggestion"`
	Message    string `json:"message,omitempty"`
}

// told is what is to be told of an activity, and when.
type told struct {
	kind Kind
	lane string
	at   time.Time
	about
}

// makeThreadEvent writes down what the person of a suggestion hears of an
// activity.
func (n *Notifier) makeThreadEvent(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	if act.PersonID == "" {
		return nil // nobody is known; who has the receipt reads it on their page
	}
	t, err := n.threadTold(tx, act)
	if err != nil || t.kind == "" {
		return err
	}
	text, err := json.Marshal(t.about)
	if err != nil {
		return err
	}
	event := models.NewID(models.PrefixEvent)
	res := tx.Exec(`INSERT INTO follow_up_events (id, activity_id, kind, theme_id, rev, actor_name, notify, snapshot, created_at)
		VALUES (?, ?, ?, '', ?, ?, TRUE, ?, ?) ON CONFLICT DO NOTHING`, event, act.ID, t.kind, act.Seq, act.ActorName, string(text), act.CreatedAt)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error // made before
	}
	item := models.FollowUpItem{EventID: event, PersonID: act.PersonID, Kind: string(t.kind), DueAt: t.at, CreatedAt: n.db.Now()}
	people, err := reach(tx, []string{act.PersonID})
	if err != nil {
		return err
	}
	p := people[act.PersonID]
	if item.SkipReason, err = n.whyNot(tx, act, t.kind, p.Email); err != nil {
		return err
	}
	if item.SkipReason == "" {
		d := n.newDelivery(t.kind, t.lane, p.Email, string(n.localeOf(p.Locale)), t.at, mailLife)
		d.DedupKey, d.PersonID, d.CreatedAt = d.Kind+"/"+event+"/"+act.PersonID, act.PersonID, n.db.Now()
		if err := tx.Create(&d).Error; err != nil {
			return err
		}
		item.DeliveryID = d.ID
		n.db.AfterCommit(ctx, n.laneOf(t.lane).nudge)
	}
	return tx.Create(&item).Error
}

// threadTold reads an activity; kind is "" when its person hears nothing of it. A
// reply and a confirmation leave at once; handing over can be taken back, so it
// settles first.
func (n *Notifier) threadTold(tx *gorm.DB, act *models.Activity) (told, error) {
	c, err := act.Change()
	if err != nil {
		return told{}, fmt.Errorf("activity %s: %w", act.ID, err)
	}
	t := told{lane: models.LaneNow, at: n.db.Now(), about: about{Suggestion: act.SuggestionID, Message: c.Message}}
	switch act.Verb {
	case models.SuggestionReplied:
		t.kind = KindReply
	case models.SuggestionFiled:
		var source string
		if err := tx.Model(&models.Suggestion{}).Where("id = ?", act.SuggestionID).Limit(1).Pluck("source", &source).Error; err != nil {
			return t, err
		}
		if slices.Contains([]string{sourcePortal, sourceCapture, sourceWidget, sourceMail}, source) {
			t.kind = KindReceived
		}
	case models.SuggestionStepped, models.ActivityUndone:
		stepped := act.Verb == models.SuggestionStepped || c.UndoneVerb == models.SuggestionStepped && c.Again
		if stepped && c.State != nil && c.State.To == models.StateHandedOver && c.State.From != models.StateHandedOver {
			t.kind, t.lane, t.at = KindHandedOver, models.LaneNormal, models.Milli(act.CreatedAt.Add(n.o.Settle))
		}
	}
	return t, nil
}

// whyNot is why no delivery is made, "" when one is. Preference and suppression
// are asked when it is sent.
func (n *Notifier) whyNot(tx *gorm.DB, act *models.Activity, kind Kind, address string) (string, error) {
	if address == "" {
		return SkipNoChannel, nil
	}
	if kind == KindReceived && n.db.Now().Sub(act.CreatedAt) > mailLife {
		return SkipTooLate, nil
	}
	if kind != KindReceived || act.ActorKind != models.ActorAnonymous {
		return "", nil
	}
	var sent int64
	err := tx.Model(&models.Delivery{}).Where("person_id = ? AND kind = ? AND created_at > ?", act.PersonID, KindReceived, n.db.Now().Add(-24*time.Hour)).Count(&sent).Error
	if sent >= maxConfirmations {
		return SkipFlood, err
	}
	return "", err
}

// stopThread is why mail about one suggestion is not sent although nobody stops
// mail to its person: handing over was taken back, or something came after it.
const stopThread = `WHEN deliveries.kind = 'handed_over' AND EXISTS (SELECT 1 FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id
			JOIN activities a ON a.id = e.activity_id WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id AND a.undone_by <> '') THEN 'unchanged'
		WHEN deliveries.kind = 'handed_over' AND NOT EXISTS (SELECT 1 FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id
			JOIN activities a ON a.id = e.activity_id JOIN suggestions s ON s.id = a.suggestion_id
			WHERE i.delivery_id <> '' AND i.delivery_id = deliveries.id AND s.state = 'handed_over') THEN 'superseded'`

// threads are what mails about suggestions are written from.
type threads struct {
	suggestions map[string]models.Suggestion
	messages    map[string]models.Message
	joined      map[string]bool // suggestions that joined a published theme by themselves
}

func (w *writing) loadThreads(ctx context.Context) error {
	var suggestions, messages []string
	for _, e := range w.events {
		if a, err := readAbout(e); err == nil && isThread(Kind(e.Kind)) {
			suggestions, messages = append(suggestions, a.Suggestion), append(messages, a.Message)
		}
	}
	if len(suggestions) == 0 {
		return nil
	}
	db := w.n.db.Read(ctx)
	var rows []models.Suggestion
	err := db.Select("id", "title", "text", "lang", "receipt").Find(&rows, "id IN ?", distinct(suggestions)).Error
	if err != nil {
		return err
	}
	w.threads.suggestions = byID(rows, func(s models.Suggestion) string { return s.ID })
	var joined []string
	err = db.Raw(`SELECT x.suggestion_id FROM suggestion_themes x JOIN themes h ON h.id = x.theme_id
		WHERE x.suggestion_id IN ? AND x.action = 'attached' AND h.public = TRUE`, distinct(suggestions)).Scan(&joined).Error
	if err != nil {
		return err
	}
	w.threads.joined = map[string]bool{}
	for _, id := range joined {
		w.threads.joined[id] = true
	}
	var said []models.Message
	if ids := distinct(messages); len(ids) > 0 {
		err = db.Find(&said, "id IN ?", ids).Error
	}
	w.threads.messages = byID(said, func(m models.Message) string { return m.ID })
	return err
}

func readAbout(e models.FollowUpEvent) (about, error) {
	var a about
	if err := json.Unmarshal([]byte(e.Snapshot), &a); err != nil {
		return a, fmt.Errorf("event %s: %w", e.ID, err)
	}
	return a, nil
}

// said fills a message about one suggestion in.
func (w *writing) said(m *Message, items []models.FollowUpItem) error {
	if len(items) != 1 {
		return fmt.Errorf("a mail of kind %s about %d events", m.Kind, len(items))
	}
	e := w.events[items[0].EventID]
	a, err := readAbout(e)
	if err != nil {
		return err
	}
	s, ok := w.threads.suggestions[a.Suggestion]
	if !ok {
		return fmt.Errorf("suggestion %s is gone", a.Suggestion)
	}
	own := words{Title: s.Title, Text: s.Text}
	m.Said = &Said{Words: own.first(), WordsLang: s.Lang, Receipt: s.Receipt, URL: w.n.o.PublicURL + "/s/" + s.ID}
	if m.Said.Words == "" {
		m.Said.Words, m.Said.WordsLang = w.n.o.Renderer.catalog.For(m.Locale).T("mail.unnamed.said"), string(m.Locale)
	}
	if m.Kind == KindReply {
		said, ok := w.threads.messages[a.Message]
		if !ok {
			return fmt.Errorf("message %s is gone", a.Message)
		}
		m.Said.Reply, m.Said.ReplyLang, m.Said.By = said.Text, said.Lang, said.ActorName
		m.UnsubscribeURL, m.PreferencesURL = "", "" // who wrote to us gets an answer; it is no follow-up
	}
	if m.Kind == KindReceived && w.threads.joined[s.ID] {
		m.Said.MeantURL = w.n.o.PublicURL + "/meant/" + w.n.linkToken(meantPurpose, e.ID, items[0].PersonID)
	}
	m.ThreadRoot = s.ID + "@" + w.n.domain
	return nil
}

// nameSuggestions fills in which suggestions mails are about.
func (n *Notifier) nameSuggestions(ctx context.Context, rows []DeliveryRow) error {
	var ids []string
	for _, r := range rows {
		if isThread(Kind(r.Kind)) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []struct{ DeliveryID, SuggestionID string }
	err := n.db.Read(ctx).Raw(`SELECT i.delivery_id, a.suggestion_id FROM follow_up_items i JOIN follow_up_events e ON e.id = i.event_id
		JOIN activities a ON a.id = e.activity_id WHERE i.delivery_id <> '' AND i.delivery_id IN ?`, ids).Scan(&found).Error
	if err != nil {
		return wrapLedger("list deliveries", err)
	}
	about := map[string]string{}
	for _, f := range found {
		about[f.DeliveryID] = f.SuggestionID
	}
	for i := range rows {
		rows[i].SuggestionID = about[rows[i].ID]
	}
	return nil
}
