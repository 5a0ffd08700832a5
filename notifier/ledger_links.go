package notifier

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
)

// Links of mails that lead to a page with a button: to say that what shipped solves it
// or not, and that something is not what one meant. Opening one changes nothing.

const (
	solvedPurpose = "solved"
	meantPurpose  = "meant"
)

// linkToken names what a mail told one person, and shows that Heed wrote it.
func (n *Notifier) linkToken(purpose, event, person string) string {
	return event + "." + person + "." + n.auth.Digest(purpose, event+"."+person)
}

// Asked is what the page behind such a link is about. Person is who was written to, as
// they are now; Locale is theirs or "". Theme is as the mail named it. Activity is
// what was told of. Suggestion is set where the mail was about one.
type Asked struct {
	Person     auth.Actor
	Theme      string
	Activity   string
	Suggestion string
}

// AskedSolved reads the link of a mail about something that shipped, and AskedMeant
// that of one which told that things were put together. NotFound link_unknown.
func (n *Notifier) AskedSolved(ctx context.Context, token string) (Asked, error) {
	asked, e, err := n.asked(ctx, solvedPurpose, token)
	if err != nil {
		return asked, err
	}
	if s, err := readSnapshot(e); err != nil || e.Kind != string(KindStatus) || s.To != models.StatusShipped {
		return asked, models.Fail(models.NotFound, "link_unknown")
	}
	return asked, nil
}

// AskedMeant: see AskedSolved.
func (n *Notifier) AskedMeant(ctx context.Context, token string) (Asked, error) {
	asked, e, err := n.asked(ctx, meantPurpose, token)
	if err != nil {
		return asked, err
	}
	if !slices.Contains([]Kind{KindMerged, KindReceived}, Kind(e.Kind)) {
		return asked, models.Fail(models.NotFound, "link_unknown")
	}
	if e.Kind == string(KindReceived) {
		var of about
		if err := json.Unmarshal([]byte(e.Snapshot), &of); err != nil {
			return asked, wrapLedger("read link", err)
		}
		asked.Suggestion = of.Suggestion
	}
	return asked, nil
}

func (n *Notifier) asked(ctx context.Context, purpose, token string) (Asked, models.FollowUpEvent, error) {
	var e models.FollowUpEvent
	unknown := models.Fail(models.NotFound, "link_unknown")
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !n.auth.IsDigest(purpose, parts[0]+"."+parts[1], parts[2]) {
		return Asked{}, e, unknown
	}
	db := n.db.Read(ctx)
	p, err := standing(db, parts[1])
	if err == nil {
		err = db.First(&e, "id = ?", parts[0]).Error
	}
	if models.IsNotFound(err) || models.KindOf(err) == models.NotFound {
		return Asked{}, e, unknown
	}
	if err != nil {
		return Asked{}, e, wrapLedger("read link", err)
	}
	who := auth.Actor{Kind: models.ActorPerson, ID: p.ID, PersonID: p.ID, Name: p.Name, Locale: p.Locale}
	return Asked{Person: who, Theme: e.ThemeID, Activity: e.ActivityID}, e, nil
}
