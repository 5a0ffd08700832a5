package notifier

import (
	"testing"

	"github.com/heedhq/heed/i18n"
)

// Whatever people are told of, and why not, has its words in both languages: what has
// none would be shown as a key.
func TestEveryKindAndReasonHasItsWords(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Locales() {
		p := catalog.For(l)
		wants := func(keys ...string) {
			t.Helper()
			for _, key := range keys {
				if !p.Has(key) {
					t.Errorf("%s lacks %s", l, key)
				}
			}
		}
		for _, k := range Choosable() {
			wants("delivery.kind."+string(k), "hook.subject."+string(k), "preferences.kind."+string(k))
		}
		for _, k := range []Kind{KindDigest, KindReceived, KindReply, KindHandedOver, KindSafety, KindEscalation, KindWebhook, KindTest, KindStaffDigest, KindClock, KindOutcome} {
			wants("delivery.kind." + string(k))
		}
		for _, why := range []string{SkipQuiet, SkipUnchanged, SkipSuperseded, SkipPreference, SkipNoChannel, SkipChannel, SkipSuppressed, SkipMuted, SkipRecalled,
			SkipTakenBack, SkipAuthor, SkipPromiseRecent, SkipFlood, SkipTooLate} {
			wants("skip."+why, "preferences.why."+why)
		}
	}
}
