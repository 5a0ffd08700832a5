package issuesync

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heedhq/heed/models"
)

// The fields that theme and issue have in common.
const (
	fieldTitle  = "title"
	fieldBlock  = "block"
	fieldState  = "state"
	fieldLabel  = "label"
	fieldTarget = "target"
)

var fields = []string{fieldTitle, fieldBlock, fieldState, fieldLabel, fieldTarget}

// values are the fields of one side. A title is text, a block its digest. A theme's status
// is two fields of its issue: the state, open or why it is closed, and the statuses that its
// labels speak of. What it is planned for is its milestone's title.
type values map[string]string

// pair is a field as both sides had it when they were last brought together. They need
// not be equal: an issue that was linked keeps its title, a completed one may wait for a
// release.
type pair struct {
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// shadow holds the pairs of a link.
type shadow map[string]pair

func readShadow(l *models.IssueLink) (shadow, error) {
	sh := shadow{}
	if l.Shadow == "" {
		return sh, nil
	}
	if err := json.Unmarshal([]byte(l.Shadow), &sh); err != nil {
		return nil, fmt.Errorf("shadow of %s: %w", l.ID, err)
	}
	return sh, nil
}

func (sh shadow) encode() string {
	b, _ := json.Marshal(sh) // texts only: it cannot fail
	return string(b)
}

// way is where a field goes.
type way int

const (
	stay way = iota // both are as they were
	take            // GitHub's comes here
	push            // ours goes there
)

// merge is the three-way merge of a field: who has changed it since the pair was written
// speaks; where both have, the later one does (diff3's rule for a line, with a clock for its
// conflicts). GitHub's time has whole seconds; in the same one GitHub speaks.
func merge(was pair, ours, theirs string, oursAt, theirsAt func() time.Time) (to way, conflict bool) {
	switch here, there := ours != was.Ours, theirs != was.Theirs; {
	case here && there:
		if oursAt().Truncate(time.Second).After(theirsAt()) {
			return push, true
		}
		return take, true
	case here:
		return push, false
	case there:
		return take, false
	}
	return stay, false
}

// labelPrefix begins the labels that are ours. Others are never touched.
const labelPrefix = "heed: "

// labelOf is the label of a status, "" for one that needs none: it is new, or the issue is
// closed.
func labelOf(st models.Status) string {
	switch st {
	case models.StatusUnderReview, models.StatusPlanned, models.StatusInProgress, models.StatusPostponed:
		return labelPrefix + strings.ReplaceAll(string(st), "_", " ")
	}
	return ""
}

// labelled are the statuses that an issue's labels speak of, in order, each once.
func labelled(labels []string) (all []models.Status) {
	for _, st := range models.Settable() {
		if labelOf(st) != "" && slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, labelOf(st)) }) {
			all = append(all, st)
		}
	}
	return all
}

// The states of an issue, as one word.
const (
	isOpen       = "open"
	isCompleted  = "completed"
	isNotPlanned = "not_planned"
	isDuplicate  = "duplicate"
)

// stateOf joins state and reason. GitHub's default reason is completed, and issues closed
// before there were reasons have none.
func stateOf(state, reason string) string {
	switch {
	case state != "closed":
		return isOpen
	case reason == "":
		return isCompleted
	}
	return reason
}

// labelsOf are the statuses that an issue's labels speak of, as one text.
func labelsOf(is *issue) string {
	var all []string
	for _, st := range labelled(is.labels) {
		all = append(all, string(st))
	}
	return strings.Join(all, " ")
}

// wantedState is the state in which the issue of a theme belongs.
func wantedState(st models.Status) string {
	switch st {
	case models.StatusShipped:
		return isCompleted
	case models.StatusDeclined:
		return isNotPlanned
	}
	return isOpen
}

// change is what is to be written to an issue.
type change struct {
	edit
	add, remove []string // labels
}

// toState brings an issue to the state of a status. What was closed as a duplicate is closed
// when it is declined.
func (c *change) toState(st models.Status, is *issue) {
	now, want := stateOf(is.state, is.reason), wantedState(st)
	if now == want || now == isDuplicate && want == isNotPlanned {
		return
	}
	state := "closed"
	if want == isOpen {
		state = "open"
	} else {
		c.Reason = &want
	}
	c.State = &state
}

// toLabel brings an issue to the label of a status.
func (c *change) toLabel(st models.Status, is *issue) {
	label, there := labelOf(st), false
	for _, l := range is.labels {
		if label != "" && strings.EqualFold(l, label) {
			there = true
		} else if len(labelled([]string{l})) > 0 {
			c.remove = append(c.remove, l)
		}
	}
	if label != "" && !there {
		c.add = []string{label}
	}
}
