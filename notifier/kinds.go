package notifier

import "strings"

// traits are what sets the kinds of mail apart when it is decided who gets one and when.
// What no kind needs by itself is false.
type traits struct {
	kind       Kind
	followUp   bool // it settles first, keeps the person's hours and is told with others
	choosable  bool // a person chooses a mode for it
	takenBack  bool // what it tells can be taken back by itself; a status is taken back by another
	thread     bool // it is about one suggestion
	answer     bool // who called follow-ups spam gets it too: they asked, or answer for it
	held       bool // in doubt it waits for a person
	sealed     bool // what it says stands in its row alone, until it is sent
	unstopping bool // neither preference nor suppression stops it
}

// kinds are all kinds of mail that have a delivery. Every list of kinds derives from it.
var kinds = []traits{
	{kind: KindStatus, followUp: true, choosable: true},
	{kind: KindUpdate, followUp: true, choosable: true, takenBack: true},
	{kind: KindPromise, followUp: true, choosable: true},
	{kind: KindMerged, followUp: true, choosable: true, takenBack: true},
	{kind: KindComment, followUp: true, choosable: true, takenBack: true},
	{kind: KindDigest, followUp: true, held: true},
	{kind: KindReceived, thread: true},
	{kind: KindReply, thread: true, answer: true},
	{kind: KindHandedOver, thread: true},
	{kind: KindOutcome, answer: true},
	{kind: KindClock, answer: true},
	{kind: KindStaffDigest, held: true, sealed: true},
	{kind: KindSignInCode, sealed: true, unstopping: true},
	{kind: KindSafety, sealed: true, unstopping: true},
	{kind: KindEscalation, sealed: true, unstopping: true},
	{kind: KindWebhook, sealed: true, unstopping: true},
}

func traitsOf(k Kind) traits {
	for _, t := range kinds {
		if t.kind == k {
			return t
		}
	}
	return traits{kind: k}
}

func kindsWith(trait func(traits) bool) []Kind {
	var out []Kind
	for _, t := range kinds {
		if trait(t) {
			out = append(out, t.kind)
		}
	}
	return out
}

// sqlKinds lists kinds for IN.
func sqlKinds(trait func(traits) bool) string {
	var b strings.Builder
	for i, k := range kindsWith(trait) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("'" + string(k) + "'")
	}
	return "(" + b.String() + ")"
}

// Choosable are the kinds of follow-up that a person chooses a mode for.
func Choosable() []Kind { return kindsWith(isChoosable) }

func isChoosable(t traits) bool  { return t.choosable }
func isAnswer(t traits) bool     { return t.answer }
func isUnstopping(t traits) bool { return t.unstopping }
func isHeld(t traits) bool       { return t.held }

// isFollowUp reports whether mail of the kind settles first and keeps the person's
// hours.
func isFollowUp(k Kind) bool { return traitsOf(k).followUp }

// isThread reports whether a kind of mail is about one suggestion.
func isThread(k Kind) bool { return traitsOf(k).thread }

// isSealed: what such a mail says stands in its row alone, until it is sent.
func isSealed(kind string) bool { return traitsOf(Kind(kind)).sealed }
