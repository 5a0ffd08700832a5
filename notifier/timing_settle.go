package notifier

import (
	"cmp"
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

// settlement is one batch of people with something due, in its transaction.
type settlement struct {
	n          *Notifier
	tx         *gorm.DB
	now        time.Time
	rhythms    map[string]*rhythm
	events     map[string]models.FollowUpEvent
	snaps      snapshots
	asked      asked
	deliveries []models.Delivery
	tied       [][3]string // event, person and delivery of items that go
}

// settlePeople decides for each person: one delivery for what goes now, another look
// at a known time for the rest. What it costs grows with the batch, not with all that
// waits.
func (n *Notifier) settlePeople(tx *gorm.DB, people []string) error {
	s := &settlement{n: n, tx: tx, now: n.db.Now(), snaps: snapshots{}}
	var items []models.FollowUpItem
	err := n.db.Claim(tx).Select("event_id", "person_id", "theme_id", "kind", "due_at", "hold", "created_at").Where("person_id IN ?", people).Where(waiting).Where("due_at <= ?", s.now.Add(n.gather())).Order("event_id").Find(&items).Error
	if err != nil {
		return err
	}
	if s.rhythms, err = n.rhythms(tx, people); err != nil {
		return err
	}
	byPerson := map[string][]models.FollowUpItem{}
	var events []string
	for _, i := range items {
		byPerson[i.PersonID], events = append(byPerson[i.PersonID], i), append(events, i.EventID)
	}
	var told []models.FollowUpEvent
	if events = distinct(events); len(events) > 0 {
		if err := tx.Find(&told, "id IN ?", events).Error; err != nil {
			return err
		}
	}
	s.events = byID(told, func(e models.FollowUpEvent) string { return e.ID })
	if s.asked, err = n.askAgain(tx, people, told); err != nil {
		return err
	}
	for _, person := range people {
		if mine := byPerson[person]; len(mine) > 0 { // else another transaction has just superseded them
			if err := s.settle(person, mine); err != nil {
				return err
			}
		}
	}
	if err := tieAll(tx, s.tied); err != nil {
		return err
	}
	return createAll(tx, s.deliveries)
}

// sorted is what becomes of one person's items.
type sorted struct {
	goes    []models.FollowUpItem
	digests []string // the modes whose digest goes with it
	passes  bool     // it waits for no ceiling
}

func (s *settlement) settle(person string, mine []models.FollowUpItem) error {
	r := s.rhythms[person]
	if r == nil || r.Email == "" { // it was there when the audience was written down
		return s.byHand(r, mine)
	}
	x, err := s.sort(r, mine)
	if err != nil || len(x.goes) == 0 {
		return err
	}
	if v := r.when(s.now, x.passes); v.at.After(s.now) {
		return s.putOff(x.goes, v)
	}
	if r.open != "" {
		joined, err := s.join(r, x)
		if err != nil || joined {
			return err
		}
		r.open, r.last = "", s.now // it has just been taken out of our hands
		if v := r.when(s.now, x.passes); v.at.After(s.now) {
			return s.putOff(x.goes, v)
		}
	}
	return s.deliver(person, r, x)
}

// byHand leaves what no mail can tell to a channel, or to a member.
func (s *settlement) byHand(r *rhythm, mine []models.FollowUpItem) error {
	for _, i := range mine {
		not := ""
		if r != nil {
			not = s.asked.whyNot(i, r.mode(i.Kind))
		}
		if err := tieItems(s.tx, []models.FollowUpItem{i}, "skip_reason", cmp.Or(not, SkipNoChannel)); err != nil {
			return err
		}
	}
	return nil
}

// sort parts what goes now from what waits for a digest and from what is not to be
// told any more.
func (s *settlement) sort(r *rhythm, mine []models.FollowUpItem) (x sorted, err error) {
	for _, i := range mine {
		mode := r.mode(i.Kind)
		one, not := []models.FollowUpItem{i}, s.asked.whyNot(i, mode)
		switch {
		case not != "":
			err = tieItems(s.tx, one, "skip_reason", not)
		case mode == models.ModeInstant:
			x.goes = append(x.goes, i)
		case i.Hold == mode && i.DueAt.After(s.now): // its digest is moments away
		case i.Hold != mode:
			err = s.putOff(one, verdict{r.nextDigest(mode, s.now), mode})
		default:
			if at := r.digestOf(mode, i, s.events[i.EventID]); at.After(s.now) {
				err = s.putOff(one, verdict{at, mode})
			} else {
				x.goes, x.digests = append(x.goes, i), append(x.digests, mode)
			}
		}
		if err != nil {
			return x, err
		}
	}
	for _, i := range x.goes {
		if snap, err := s.snaps.of(s.events[i.EventID]); err == nil && i.Kind == string(KindStatus) && snap.To == models.StatusShipped {
			x.passes = true
		}
	}
	x.digests = distinct(x.digests)
	return x, nil
}

// putOff lets items wait for a known time. What waits for a digest is of it also when
// the digest itself is late; a daily one for which a day has no room comes with the
// next.
func (s *settlement) putOff(items []models.FollowUpItem, v verdict) error {
	for _, i := range items {
		at, hold, r := v.at, v.hold, s.rhythms[i.PersonID]
		if i.Hold == models.HoldDaily || i.Hold == models.HoldWeekly {
			if m := r.mode(i.Kind); m == i.Hold {
				hold = i.Hold
			}
		}
		if v.hold == models.HoldCeiling && hold == models.HoldDaily {
			at = r.nextDigest(models.ModeDaily, s.now)
		}
		err := s.tx.Exec("UPDATE follow_up_items SET due_at = ?, hold = ? WHERE event_id = ? AND person_id = ?", models.Milli(at), hold, i.EventID, i.PersonID).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// deliver makes the one mail of what goes now.
func (s *settlement) deliver(person string, r *rhythm, x sorted) error {
	kind := kindOf(x.goes)
	newest := x.goes[len(x.goes)-1]
	about := newest.EventID
	if len(x.digests) > 0 {
		kind, about = KindDigest, x.digests[0]+"/"+r.lastSlot(x.digests[0], s.now).UTC().Format(time.RFC3339) // one a slot
	}
	d := s.n.newDelivery(kind, models.LaneNormal, r.Email, string(s.n.localeOf(r.Locale)), s.now, mailLife)
	d.DedupKey = d.Kind + "/" + about + "/" + person
	d.PersonID, d.ThemeID = person, newest.ThemeID
	s.deliveries = append(s.deliveries, d)
	for _, i := range x.goes {
		s.tied = append(s.tied, [3]string{i.EventID, i.PersonID, d.ID})
	}
	return s.mark(r, x.digests)
}

// mark writes down for which slots the person's digests went.
func (s *settlement) mark(r *rhythm, modes []string) error {
	for _, mode := range modes {
		column := "last_daily_at"
		if mode == models.ModeWeekly {
			column = "last_weekly_at"
		}
		err := s.tx.Exec("INSERT INTO rhythms (person_id, "+column+", updated_at) VALUES (?, ?, ?) ON CONFLICT (person_id) DO UPDATE SET "+column+" = excluded."+column,
			r.PersonID, models.Milli(r.lastSlot(mode, s.now)), s.now).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// join puts what goes now into a mail that waits and was never tried, so that a relay
// that was down for a day brings one mail and not one for each change. Of one theme the
// last status is told.
func (s *settlement) join(r *rhythm, x sorted) (joined bool, err error) {
	var there []models.FollowUpItem
	if err := s.tx.Order("event_id").Find(&there, "delivery_id <> '' AND delivery_id = ?", r.open).Error; err != nil {
		return false, err
	}
	var old []models.FollowUpItem
	all := []models.FollowUpItem{}
	for _, i := range there {
		if i.Kind == string(KindStatus) && hasTheme(x.goes, i.ThemeID) {
			old = append(old, i)
		} else {
			all = append(all, i)
		}
	}
	all = append(all, x.goes...)
	kind := kindOf(all)
	if len(x.digests) > 0 {
		kind = KindDigest
	}
	res := s.tx.Exec(`UPDATE deliveries SET kind = CASE WHEN kind = 'digest' THEN kind ELSE ? END, theme_id = ?, not_after = ?, updated_at = ?
		WHERE id = ? AND state = 'ready' AND body_hash = ''`, kind, all[len(all)-1].ThemeID, s.now.Add(mailLife), s.now, r.open)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	if err := tieItems(s.tx, old, "delivery_id = '', skip_reason", SkipSuperseded); err != nil {
		return false, err
	}
	if err := tieItems(s.tx, x.goes, "delivery_id", r.open); err != nil {
		return false, err
	}
	return true, s.mark(r, x.digests)
}

func hasTheme(items []models.FollowUpItem, theme string) bool {
	for _, i := range items {
		if i.ThemeID == theme && i.Kind == string(KindStatus) {
			return true
		}
	}
	return false
}

// retime has everything that waits for the person looked at again: their wishes, their
// zone or they themselves are others now. What waits for a digest stays of it.
func (n *Notifier) retime(ctx context.Context, tx *gorm.DB, person string) error {
	now := n.db.Now()
	err := tx.Exec("UPDATE follow_up_items SET due_at = ?, hold = CASE WHEN hold IN ('daily', 'weekly') THEN hold ELSE '' END WHERE person_id = ? AND hold <> '' AND "+waiting, now, person).Error
	if err == nil {
		err = tx.Exec("UPDATE deliveries SET run_at = ?, answer = '' WHERE person_id = ? AND state || '' = 'ready' AND answer = ?", now, person, NightAnswer).Error
	}
	n.db.AfterCommit(ctx, func() { wake(n.settle); n.normal.nudge() })
	return err
}

// holdEdited keeps settling from deciding by what people were before these activities;
// it comes before all that the activities lead to, since settling waits for some of it.
func (n *Notifier) holdEdited(tx *gorm.DB, acts []models.Activity) error {
	for _, act := range acts {
		if act.Verb == models.PersonEdited || act.Verb == models.PersonMerged {
			return n.db.Lock(tx, settleLock)
		}
	}
	return nil
}

// retimeEdited follows what became of a person elsewhere.
func (n *Notifier) retimeEdited(ctx context.Context, tx *gorm.DB, act *models.Activity) error {
	person, err := models.StandingPerson(tx, act.PersonID)
	if err != nil || person == "" {
		return err
	}
	return n.retime(ctx, tx, person)
}

// TickDigests is the cron job digests: what waits for a digest is a row with its time,
// and this looks whether one has come.
func (n *Notifier) TickDigests(ctx context.Context, j models.Job) error { return n.TickSettle(ctx, j) }
