package notifier

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heedhq/heed/i18n"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/redact"
)

// letter is a leased delivery with what it says, or with its end where nothing
// is to be said.
type letter struct {
	d       models.Delivery
	message Message
	end     *outcome
	// trial: the address bounced, and this mail is to find out if it still does.
	trial bool
	awake awake
}

// writing is what the letters of one batch are written from.
type writing struct {
	n      *Notifier
	items  map[string][]models.FollowUpItem // by delivery
	events map[string]models.FollowUpEvent
	snaps  snapshots
	themes map[string]models.Theme
	people map[string]models.Person
	own    map[[2]string]words // by person and theme
	stops  map[string]string
	trials map[string]bool
	filed  filed
	threads
	clocks   clockWriting
	releases map[string]models.Release
}

// words are the first ones of a person's own suggestion.
type words struct {
	PersonID, ThemeID, Title, Text, Lang string
	SpanStart, SpanEnd                   int
}

// compose writes the letters for leased deliveries, with a handful of queries
// for all of them.
func (n *Notifier) compose(ctx context.Context, ds []models.Delivery) ([]letter, error) {
	if len(ds) == 0 {
		return nil, nil
	}
	w := &writing{n: n, snaps: snapshots{}}
	if err := w.load(ctx, ds); err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	letters := make([]letter, 0, len(ds))
	for _, d := range ds {
		l := letter{d: d, trial: w.trials[d.ID]}
		var err error
		if stop := w.stops[d.ID]; stop != "" {
			end := n.skipped(d, stop)
			l.end = &end
		} else if l.message, err = w.message(d); err != nil {
			end := n.failed(d, err.Error())
			l.end = &end
		}
		letters = append(letters, l)
	}
	return letters, nil
}

func (w *writing) load(ctx context.Context, ds []models.Delivery) error {
	var ids, persons []string
	for _, d := range ds {
		ids, persons = append(ids, d.ID), append(persons, d.PersonID)
	}
	db := w.n.db.Read(ctx)
	var stops []struct {
		ID, Stop string
		Trial    bool
	}
	if err := db.Raw("SELECT * FROM (SELECT id, "+stopOf()+" AS stop, "+wantsTrial+" AS trial FROM deliveries WHERE id IN @ids) x WHERE stop <> '' OR trial", map[string]any{"ids": ids, "now": w.n.db.Now()}).Scan(&stops).Error; err != nil {
		return err
	}
	w.stops, w.trials = map[string]string{}, map[string]bool{}
	for _, s := range stops {
		w.stops[s.ID], w.trials[s.ID] = s.Stop, s.Trial
	}
	if err := w.loadFiled(ctx, ds); err != nil {
		return err
	}
	if err := w.loadClocks(ctx, ds); err != nil {
		return err
	}
	var items []models.FollowUpItem
	if err := db.Select("event_id", "person_id", "theme_id", "kind", "delivery_id").Find(&items, "delivery_id <> '' AND delivery_id IN ?", ids).Error; err != nil {
		return err
	}
	return w.read(ctx, items, persons)
}

// read loads what is said of items to these people.
func (w *writing) read(ctx context.Context, items []models.FollowUpItem, persons []string) error {
	db := w.n.db.Read(ctx)
	w.items = map[string][]models.FollowUpItem{}
	var eventIDs, themeIDs []string
	for _, i := range items {
		w.items[i.DeliveryID] = append(w.items[i.DeliveryID], i)
		eventIDs, themeIDs = append(eventIDs, i.EventID), append(themeIDs, i.ThemeID)
	}
	var events []models.FollowUpEvent
	var themes []models.Theme
	var people []models.Person
	for _, q := range []struct {
		into    any
		ids     []string
		columns []string
	}{{&events, eventIDs, nil}, {&themes, themeIDs, nil}, {&people, persons, []string{"id", "name", "locale", "time_zone", "phrase"}}} {
		if ids := distinct(q.ids); len(ids) > 0 {
			if err := db.Select(q.columns).Find(q.into, "id IN ?", ids).Error; err != nil {
				return err
			}
		}
	}
	w.events = byID(events, func(e models.FollowUpEvent) string { return e.ID })
	w.themes = byID(themes, func(t models.Theme) string { return t.ID })
	w.people = byID(people, func(p models.Person) string { return p.ID })
	if err := w.loadThreads(ctx); err != nil {
		return err
	}
	if err := w.loadReleases(ctx, events); err != nil {
		return err
	}
	return w.loadOwnWords(ctx, items)
}

// loadOwnWords is needed for themes that have no name for the public.
func (w *writing) loadOwnWords(ctx context.Context, items []models.FollowUpItem) error {
	w.own = map[[2]string]words{}
	var people, themes []string
	for _, i := range items {
		s, err := w.snaps.of(w.events[i.EventID])
		if err == nil && i.ThemeID != "" && s.PublicTitle.IsEmpty() && w.themes[i.ThemeID].PublicTitle.IsEmpty() {
			people, themes = append(people, i.PersonID), append(themes, i.ThemeID)
		}
	}
	if len(people) == 0 {
		return nil
	}
	var rows []words
	err := w.n.db.Read(ctx).Raw(`SELECT s.person_id, x.theme_id, s.title, s.text, s.lang, x.span_start, x.span_end FROM suggestions s
		JOIN suggestion_themes x ON x.suggestion_id = s.id WHERE s.person_id IN ? AND x.theme_id IN ? ORDER BY s.created_at DESC, s.id DESC`,
		distinct(people), distinct(themes)).Scan(&rows).Error
	for _, r := range rows { // the first suggestion is the last to stay
		w.own[[2]string{r.PersonID, r.ThemeID}] = r
	}
	return err
}

// message writes one letter in the reader's language.
func (w *writing) message(d models.Delivery) (Message, error) {
	n, p := w.n, w.people[d.PersonID]
	m := Message{
		Kind: Kind(d.Kind), Locale: n.localeOf(d.Locale), To: Recipient{Name: p.Name, Email: d.Address}, Phrase: p.Phrase,
		MessageID: d.MessageID, EnvelopeFrom: n.envelopeFrom(d.ID), Date: d.CreatedAt,
	}
	if n.isBounceAddress(d.Address) {
		return m, errOwnAddress
	}
	var err error
	switch m.Kind {
	case KindSignInCode:
		var code []byte
		code, err = n.auth.Open(d.Content, sealFor(d.ID))
		m.Code, m.ValidFor = string(code), codeLife
		return m, err
	case KindOutcome:
		return w.outcome(d, m)
	case KindSafety, KindEscalation, KindWebhook:
		m.Notice, err = readNotice(d)
		return m, err
	case KindStaffDigest:
		return w.staffMessage(d, m)
	case KindClock:
		return m, w.clockMessage(d, &m)
	}
	m.Zone = n.zoneOf(p.TimeZone)
	token := n.unsubscribeToken(d.PersonID)
	m.UnsubscribeURL, m.PreferencesURL = n.o.PublicURL+"/unsubscribe/"+token, n.o.PublicURL+"/preferences/"+token
	items := w.items[d.ID]
	if isThread(m.Kind) {
		return m, w.said(&m, items)
	}
	return m, w.followUp(&m, items)
}

// followUp tells of the items' themes, the latest first, then what ends a wait.
func (w *writing) followUp(m *Message, items []models.FollowUpItem) error {
	slices.SortFunc(items, func(a, b models.FollowUpItem) int { return cmp.Compare(b.EventID, a.EventID) })
	for _, i := range items {
		c, err := w.change(i, m.Locale)
		if err != nil {
			return err
		}
		m.Themes = append(m.Themes, c)
	}
	slices.SortStableFunc(m.Themes, func(a, b ThemeChange) int { return cmp.Compare(weight(a.Status), weight(b.Status)) })
	if len(items) == 1 {
		m.ThreadRoot = items[0].ThemeID + "." + items[0].PersonID + "@" + w.n.domain
	}
	return w.releaseNotes(m, items)
}

// change says what an event says to one person.
func (w *writing) change(i models.FollowUpItem, locale i18n.Locale) (ThemeChange, error) {
	s, err := w.snaps.of(w.events[i.EventID])
	if err != nil {
		return ThemeChange{}, err
	}
	th := w.themes[i.ThemeID]
	if Kind(i.Kind) == KindPromise {
		s = w.promised(w.events[i.EventID], s)
	}
	c := ThemeChange{Kind: Kind(i.Kind), Since: s.Since, Status: s.To, PromiseDate: s.PromiseDate, Version: s.Version}
	c.Reason, c.ReasonLang = s.Reason.In(string(locale))
	if s.LastAt != nil && !s.Last.IsEmpty() {
		c.Reason, c.ReasonLang = s.Last.In(string(locale))
		c.UpdatedAt = s.LastAt
	}
	w.tell(&c, i, s, locale)
	title := s.PublicTitle
	if title.IsEmpty() {
		title = th.PublicTitle
	}
	own, said := w.own[[2]string{i.PersonID, i.ThemeID}]
	switch {
	case !title.IsEmpty():
		c.Title, c.TitleLang = title.In(string(locale))
	case said && own.first() != "":
		c.Title, c.TitleLang, c.OwnWords = own.first(), own.Lang, true
	default:
		c.Title, c.TitleLang = w.n.o.Renderer.catalog.For(locale).T("mail.unnamed"), string(locale)
	}
	if th.Public && th.IsLive() {
		c.URL = w.n.o.PublicURL + "/t/" + th.ID
	}
	return c, nil
}

// first is what the person said, from where it is about the theme.
func (o words) first() string {
	if o.SpanStart == 0 && o.SpanEnd == 0 && o.Title != "" {
		return redact.WithoutChips(o.Title)
	}
	text := o.Text
	if o.SpanEnd > o.SpanStart && o.SpanEnd <= len(text) {
		text = text[o.SpanStart:o.SpanEnd]
	}
	// What is left out must be seen whole: a cut address is one no longer.
	return clip(oneLine(redact.WithoutChips(strings.ToValidUTF8(text, ""))), ownWords)
}

// weight puts what ends a wait first.
func weight(s models.Status) int {
	order := []models.Status{models.StatusShipped, models.StatusDeclined, models.StatusInProgress, models.StatusPlanned, models.StatusPostponed}
	if i := slices.Index(order, s); i >= 0 {
		return i
	}
	return len(order)
}

func distinct(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })
}

func byID[T any](rows []T, id func(T) string) map[string]T {
	m := make(map[string]T, len(rows))
	for _, r := range rows {
		m[id(r)] = r
	}
	return m
}
