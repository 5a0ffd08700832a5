package people

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// What a MergedRow names.
const (
	rowPerson   = "person"  // what the one who stays learned: detail is a learned
	rowAddress  = "address" // "channel value"
	rowSaid     = "suggestion"
	rowPlace    = "place" // "suggestion theme" where it stood
	rowVote     = "vote"  // a theme: detail is a pair of votes
	rowStood    = "stood" // a theme that the one who stays voted for
	rowMove     = "move"  // of a vote, by an activity before: detail is the move, with its new owner or gone
	rowMail     = "delivery"
	rowHeld     = "held" // a mail that was not sent because both were to get it
	rowItem     = "item" // an event
	rowBoth     = "both" // an event that reached both: detail is a pair of items
	rowWish     = "preference"
	rowSession  = "session"
	rowComment  = "comment"
	rowAnswer   = "answer"
	mergedState = "person_merged" // the answer of a held mail
)

// plainRows change hands as they are. A room that adds rows of a person adds them
// here.
var plainRows = []struct{ what, table, key string }{
	{rowSaid, "suggestions", "id"},
	{rowMail, "deliveries", "id"},
	{rowSession, "sessions", "hash"},
	{rowAddress, "addresses", "channel || ' ' || value"},
	{rowComment, "comments", "id"},
	{rowAnswer, "solved_answers", "id"},
}

// pair is what either of two people had; nil for nothing.
type pair[T any] struct{ Mine, Theirs *T }

// Consequence is what a merge would move. InCommon counts the themes that both voted
// for: there they count once.
type Consequence struct {
	Suggestions int
	Votes       int
	InCommon    int
	Addresses   int
}

// Foresee says what a merge would move, and changes nothing. Errors as Merge.
func (p *People) Foresee(ctx context.Context, a auth.Actor, id, into string) (c Consequence, err error) {
	if err := auth.Can(a, auth.ReadPeople); err != nil {
		return c, err
	}
	db := p.db.Read(ctx)
	from, to, err := two(db, id, into)
	if err != nil {
		return c, wrap("foresee merge", err)
	}
	err = db.Raw(`SELECT (SELECT COUNT(*) FROM suggestions WHERE person_id = @from) AS suggestions, (SELECT COUNT(*) FROM votes WHERE person_id = @from) AS votes,
		(SELECT COUNT(*) FROM votes a JOIN votes b ON b.theme_id = a.theme_id AND b.person_id = @into WHERE a.person_id = @from) AS in_common,
		(SELECT COUNT(*) FROM addresses WHERE person_id = @from) AS addresses`, map[string]any{"from": from.ID, "into": to.ID}).Scan(&c).Error
	return c, wrap("foresee merge", err)
}

// Merge makes two people one: everything of id belongs to into from then on, and
// whoever uses either address is that person. Nobody is mailed. It returns the
// activity, which undo takes for 30 days, and the person who stays. Needs
// auth.EditPeople. Errors: NotFound person_not_found; Conflict person_merged for
// somebody who is another already; Invalid merge_itself and person_unknown on into.
func (p *People) Merge(ctx context.Context, a auth.Actor, id, into string) (string, *models.Person, error) {
	if err := auth.Can(a, auth.EditPeople); err != nil {
		return "", nil, err
	}
	act := &models.Activity{}
	var kept *models.Person
	err := p.db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		from, to, err := p.holdTwo(tx, id, into)
		if err != nil {
			return err
		}
		*act = models.Activity{ID: models.NewID(models.PrefixActivity), Verb: models.PersonMerged, PersonID: from.ID}
		c, err := p.join(tx, act.ID, from, to)
		if err != nil {
			return err
		}
		kept = to
		act.Snapshot = c.Encode()
		return p.db.Record(ctx, tx, a.By(), act)
	})
	return act.ID, kept, wrap("merge people", err)
}

// two reads who is to be merged. Whoever was merged is no longer somebody to merge;
// to merge with them is to merge with who they are.
func two(tx *gorm.DB, id, into string) (from, to *models.Person, err error) {
	from, to = &models.Person{}, &models.Person{}
	if err := tx.First(from, "id = ?", id).Error; models.IsNotFound(err) {
		return nil, nil, models.Fail(models.NotFound, "person_not_found")
	} else if err != nil {
		return nil, nil, err
	}
	if from.MergedInto != "" {
		return nil, nil, models.Fail(models.Conflict, "person_merged")
	}
	if into, err = models.StandingPerson(tx, into); err != nil {
		return nil, nil, err
	}
	if err := tx.First(to, "id = ?", into).Error; models.IsNotFound(err) {
		return nil, nil, models.BadField("into", "person_unknown")
	} else if err != nil {
		return nil, nil, err
	}
	if from.ID == to.ID {
		return nil, nil, models.BadField("into", "merge_person_itself")
	}
	return from, to, nil
}

// holdTwo is two, and nobody changes, files, votes or is told meanwhile: addresses,
// then people, then whoever shares LockPeople, in the order of those who file.
func (p *People) holdTwo(tx *gorm.DB, id, into string) (from, to *models.Person, err error) {
	if from, to, err = two(tx, id, into); err != nil {
		return nil, nil, err
	}
	if err := p.hold(tx, from.ID, to.ID); err != nil {
		return nil, nil, err
	}
	return two(tx, id, into) // as they are now that they stand still
}

func (p *People) hold(tx *gorm.DB, ids ...string) error {
	if p.db.Dialect() == "sqlite" {
		return nil // there is one writer
	}
	var as []models.Address
	if err := p.db.Hold(tx).Order("channel, value").Find(&as, "person_id IN ?", ids).Error; err != nil {
		return err
	}
	// Who shares LockPeople may be adding a vote of theirs, which looks at the key of the
	// person: that is left free, or they and this would wait for each other.
	var ps []models.Person
	if err := tx.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).Order("id").Find(&ps, "id IN ?", ids).Error; err != nil {
		return err
	}
	return p.db.Lock(tx, models.LockPeople)
}

// join carries a merge out and notes what it did under the activity.
func (p *People) join(tx *gorm.DB, activity string, from, to *models.Person) (models.Change, error) {
	m := &merging{p: p, tx: tx, args: map[string]any{"act": activity, "from": from.ID, "into": to.ID, "now": p.db.Now()}}
	if err := m.holdWhatCounts(); err != nil {
		return models.Change{}, err
	}
	for _, step := range []func() error{
		m.votes, m.votesMoved, m.items, m.wishes, m.plain,
		func() error { return m.learn(from, to) }, m.recount, m.tellAgain,
	} {
		if err := step(); err != nil {
			return models.Change{}, err
		}
	}
	var said int64
	err := tx.Model(&models.MergedRow{}).Where("activity_id = ? AND what = ?", activity, rowSaid).Count(&said).Error
	return models.Change{Into: to.ID, Suggestions: int(said)}, err
}

// merging is one merge, or its undo, on its way.
type merging struct {
	p    *People
	tx   *gorm.DB
	args map[string]any // act, from, into, now
}

func (m *merging) exec(statements ...string) error {
	for _, s := range statements {
		if err := m.tx.Exec(s, m.args).Error; err != nil {
			return err
		}
	}
	return nil
}

func (m *merging) id(name string) string { return m.args[name].(string) }

// note keeps what undo needs of one row.
func (m *merging) note(what, row string, detail any) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	return m.tx.Create(&models.MergedRow{ActivityID: m.id("act"), What: what, RowID: row, Detail: string(b)}).Error
}

// concerned are the themes whose people change: those that the moved person votes
// for or has suggestions in.
const concerned = `SELECT theme_id FROM votes WHERE person_id = @from
	UNION SELECT x.theme_id FROM suggestions s JOIN suggestion_themes x ON x.suggestion_id = s.id WHERE s.person_id = @from`

// holdWhatCounts holds the texts and then the themes of who is moved, in the order
// of those who file and decide.
func (m *merging) holdWhatCounts() error {
	if m.p.db.Dialect() == "sqlite" {
		return nil
	}
	var held []string
	err := m.p.db.Hold(m.tx).Model(&models.ExactText{}).
		Where("(product, hash) IN (SELECT s.product, s.exact_hash FROM suggestions s WHERE s.exact_hash <> '' AND s.person_id = @from)", m.args).
		Order("product, hash").Pluck("hash", &held).Error
	if err != nil {
		return err
	}
	return m.tx.Clauses(clause.Locking{Strength: "UPDATE"}).Model(&models.Theme{}).Where("id IN ("+concerned+")", m.args).Order("id").Pluck("id", &held).Error
}

// plain moves the rows that change hands as they are.
func (m *merging) plain() error {
	err := m.exec(`INSERT INTO merged_rows (activity_id, what, row_id) SELECT @act, 'place', s.id || ' ' || x.theme_id
		FROM suggestions s JOIN suggestion_themes x ON x.suggestion_id = s.id WHERE s.person_id = @from`)
	for _, r := range plainRows {
		if err != nil {
			return err
		}
		err = m.exec(`INSERT INTO merged_rows (activity_id, what, row_id) SELECT @act, '`+r.what+`', `+r.key+` FROM `+r.table+` WHERE person_id = @from`,
			`UPDATE `+r.table+` SET person_id = @into WHERE person_id = @from`)
	}
	return err
}

// recount brings what is derived from who stands behind what in step: the people of
// the themes, and of those who say the same.
func (m *merging) recount() error {
	return m.exec(
		`UPDATE themes SET people_count = (SELECT COUNT(*) FROM votes v WHERE v.theme_id = themes.id)
			WHERE id IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'vote')`,
		countEchoes("SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'suggestion'"))
}

// countEchoes is the statement that counts anew who is behind the lines that the
// suggestions which selects stand in.
func countEchoes(which string) string {
	return `UPDATE suggestions SET echo_people = (SELECT COUNT(DISTINCT o.person_id) FROM suggestions o WHERE o.person_id <> ''
			AND (o.id = suggestions.id OR o.id IN (SELECT e.id FROM suggestions e WHERE e.echo_of <> '' AND e.echo_of = suggestions.id)))
		WHERE echoes > 0 AND id IN (SELECT CASE WHEN s.echo_of = '' THEN s.id ELSE s.echo_of END FROM suggestions s WHERE s.id IN (` + which + `))`
}

// tellAgain lets fan-outs that are under way begin anew, since they go by the id of
// a person: who was told of keeps their row, who would be missed is found.
func (m *merging) tellAgain() error {
	return m.exec(`UPDATE fanouts SET cursor = '', people = 0 WHERE done_at IS NULL AND cursor <> '' AND event_id IN (
		SELECT e.id FROM follow_up_events e WHERE e.theme_id IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'vote')
			OR e.bulk_id = e.activity_id AND EXISTS (SELECT 1 FROM follow_up_events b WHERE b.bulk_id = e.bulk_id AND b.bulk_id <> ''
				AND b.theme_id IN (SELECT row_id FROM merged_rows WHERE activity_id = @act AND what = 'vote')))`,
		`UPDATE take_outs SET cursor = '', taken = 0, gone = 0 WHERE done_at IS NULL AND event_id IN (SELECT i.event_id FROM follow_up_items i WHERE i.person_id = @into)`)
}
