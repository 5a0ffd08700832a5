package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Verb says what happened.
type Verb string

// The verbs of the activity table.
const (
	SuggestionFiled    Verb = "suggestion.filed"
	SuggestionEdited   Verb = "suggestion.edited"
	SuggestionAssigned Verb = "suggestion.assigned"
	SuggestionAttached Verb = "suggestion.attached" // it joined a theme by itself
	SuggestionClosed   Verb = "suggestion.closed"
	SuggestionStepped  Verb = "suggestion.state"   // it went from one state to another
	SuggestionReplied  Verb = "suggestion.replied" // staff answered its person
	PersonReplied      Verb = "person.replied"     // the person wrote into the thread
	PersonObjected     Verb = "person.objected"    // the person says: this is not what I meant
	AttachmentAdded    Verb = "attachment.added"   // a file came with it
	EmergencyOpened    Verb = "emergency.opened"
	EmergencyAlerted   Verb = "emergency.alerted"
	EmergencyAnswered  Verb = "emergency.acknowledged"
	DecisionMade       Verb = "decision.made"
	ThemeCreated       Verb = "theme.created"
	ThemeConfirmed     Verb = "theme.confirmed"
	ThemeEdited        Verb = "theme.edited"
	ThemeStatus        Verb = "theme.status"
	ThemeMerged        Verb = "theme.merged"
	ThemeSplit         Verb = "theme.split"
	ThemeReady         Verb = "theme.ready"           // GitHub says completed; a person or a release ships it
	ThemeWantsReason   Verb = "theme.wants_reason"    // GitHub says not planned; staff must say why
	ThemePromise       Verb = "theme.promise"         // its promise date was set, and nothing else
	ThemePromiseCame   Verb = "theme.promise_came"    // its people are told where it stands, though nothing changed
	ThemePromiseMissed Verb = "theme.promise_overdue" // its day passed, and its people wait for a member
	ThemeUpdated       Verb = "theme.updated"         // staff wrote how it goes
	ReleaseShipped     Verb = "release.shipped"       // after the statuses of its themes
	CommentAdded       Verb = "comment.added"         // PersonID is who wrote it, "" for staff
	CommentSettled     Verb = "comment.settled"       // it was shown or removed
	SolvedAnswered     Verb = "solved.answered"       // a person said whether what shipped solves it
	VoteAdded          Verb = "vote.added"
	VoteRemoved        Verb = "vote.removed"
	IssueWanted        Verb = "issue.wanted"
	IssueLinked        Verb = "issue.linked"
	IssueChanged       Verb = "issue.changed"
	IssueUnlinked      Verb = "issue.unlinked"
	DismissedProposal  Verb = "proposal.dismissed"
	ActivityUndone     Verb = "activity.undone"
	PersonMerged       Verb = "person.merged" // of PersonID, into the snapshot's Into
	PersonEdited       Verb = "person.edited"
	FollowUpTold       Verb = "follow_up.told"     // by hand, to who has no channel
	FollowUpRecalled   Verb = "follow_up.recalled" // taken out of the mail before all had it; Event says what
	AccountEdited      Verb = "account.edited"
	SegmentEdited      Verb = "segment.edited"
	TokenCreated       Verb = "token.created" // also by consent; the change names it
	TokenRevoked       Verb = "token.revoked"
	RuleChanged        Verb = "rule.changed" // a routing rule, its place in the order included
	TeamChanged        Verb = "team.changed"
	ClocksChanged      Verb = "clocks.changed"
	ClockWarned        Verb = "clock.warned"   // a first reply will soon be late
	ClockBreached      Verb = "clock.breached" // it is late
	WebhookEdited      Verb = "webhook.edited"
	WebhookOff         Verb = "webhook.off"       // Heed switched it off; the change names it
	GitHubConnected    Verb = "github.connection" // it was made, changed or ended; the change names it
)

// IsSetting reports whether the snapshot is a SettingStep or a ClockStep and no Change.
func (v Verb) IsSetting() bool {
	return v == RuleChanged || v == TeamChanged || v == ClocksChanged || v == ClockWarned || v == ClockBreached
}

// Actor kinds.
const (
	ActorMember    = "member"
	ActorAgent     = "agent"
	ActorService   = "service"
	ActorPerson    = "person"
	ActorAnonymous = "anonymous"
	ActorGitHub    = "github"
	ActorSystem    = "system"
)

// By is who did something, as an activity keeps it.
type By struct {
	Kind, ID, Name string
}

// Activity is what happened, to what, by whom. Seq is its place in commit
// order. Snapshot is JSON whose shape belongs to the verb. UndoneBy is the
// activity that took it back.
type Activity struct {
	Seq          int64 `gorm:"primaryKey;autoIncrement:false"`
	ID           string
	Verb         Verb
	ActorKind    string
	ActorID      string
	ActorName    string
	ThemeID      string
	SuggestionID string
	PersonID     string
	UndoneBy     string
	Snapshot     string
	CreatedAt    time.Time
}

// Record writes activities inside a Write, giving each its Seq (and its ID and
// time where they are empty). The sequence comes from a counter row, not from
// an auto-increment: its row lock makes the order of Seq the order of commits
// on every database, so readers by cursor miss nothing. Call it late in the
// transaction: on PostgreSQL other writers wait for the counter from then on.
func (db *DB) Record(ctx context.Context, tx *gorm.DB, by By, acts ...*Activity) error {
	if len(acts) == 0 {
		return nil
	}
	var last int64
	err := tx.Raw("UPDATE counters SET n = n + ? WHERE name = 'activity' RETURNING n", len(acts)).Scan(&last).Error
	if err != nil {
		return fmt.Errorf("record activity: %w", err)
	}
	for i, a := range acts {
		a.Seq = last - int64(len(acts)-1-i)
		if a.ID == "" {
			a.ID = NewID(PrefixActivity)
		}
		if a.CreatedAt.IsZero() {
			a.CreatedAt = db.Now()
		}
		a.ActorKind, a.ActorID, a.ActorName = by.Kind, by.ID, by.Name
	}
	if err := tx.Create(acts).Error; err != nil {
		return fmt.Errorf("record activity: %w", err)
	}
	if w := joined(ctx, db); w != nil {
		w.seq = max(w.seq, last)
	}
	return nil
}

// LockRecord makes concurrent transactions that record wait until this one ends, as
// Record itself does. It is the last lock that anybody takes: what it guards can be
// in no wrong order with rows, nor with what was recorded before.
func (db *DB) LockRecord(tx *gorm.DB) error {
	if db.dialect == "sqlite" {
		return nil // there is one writer
	}
	return tx.Exec("SELECT n FROM counters WHERE name = 'activity' FOR UPDATE").Error
}

// Consume hands activities after the named cursor to fn, at most limit of them
// in order, and moves the cursor in the same transaction as what fn writes.
// It returns how many there were; 0 means the reader is at the end.
func (db *DB) Consume(ctx context.Context, name string, limit int, fn func(context.Context, *gorm.DB, []Activity) error) (int, error) {
	due, err := db.behind(ctx, name)
	if err != nil || !due {
		return 0, err
	}
	var n int
	err = db.Write(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := db.Lock(tx, "cursor:"+name); err != nil {
			return err
		}
		cur := Cursor{Name: name}
		if err := tx.Limit(1).Find(&cur, "name = ?", name).Error; err != nil {
			return err
		}
		var acts []Activity
		if err := tx.Where("seq > ?", cur.Seq).Order("seq").Limit(limit).Find(&acts).Error; err != nil {
			return err
		}
		if n = len(acts); n == 0 {
			return nil
		}
		if err := fn(ctx, tx, acts); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO cursors (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
			name, acts[n-1].Seq).Error
	})
	if err != nil {
		return 0, fmt.Errorf("consume %s: %w", name, err)
	}
	return n, nil
}

// behind asks without a write transaction whether there is anything to read.
func (db *DB) behind(ctx context.Context, name string) (bool, error) {
	var due bool
	err := db.Read(ctx).Raw(`SELECT (SELECT n FROM counters WHERE name = 'activity') >
		COALESCE((SELECT seq FROM cursors WHERE name = ?), 0)`, name).Scan(&due).Error
	if err != nil {
		return false, fmt.Errorf("consume %s: %w", name, err)
	}
	return due, nil
}
