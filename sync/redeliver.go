package issuesync

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/models"
)

const (
	keptThere  = 3 * 24 * time.Hour // GitHub forgets deliveries after that
	mostPages  = 50                 // of deliveries, in one look
	mostTries  = 3                  // at one delivery
	mostAgain  = 100                // deliveries asked for again in an hour: more are but hints
	mostGUIDs  = 500                // in one question to the database
	lookedBack = 3                  // so many in a row tell that a webhook fails
	keepLooks  = 48 * time.Hour     // what is known of a webhook that nobody looks at any more
)

// sent is an attempt of GitHub's to tell us something.
type sent struct {
	ID           int64     `json:"id"`
	GUID         string    `json:"guid"`
	DeliveredAt  time.Time `json:"delivered_at"`
	Status       string    `json:"status"`
	StatusCode   int       `json:"status_code"`
	Event        string    `json:"event"`
	RepositoryID int64     `json:"repository_id"`
}

func (d sent) pending() bool { return d.StatusCode == 0 && (d.Status == "" || d.Status == "pending") }

func (d sent) failed() bool { return !d.pending() && (d.StatusCode < 200 || d.StatusCode > 399) }

// recover looks at what a webhook has sent since the last look, and asks again for what did
// not arrive. failing says, as a note, that it fails all the time; quiet that we may not ask.
// row.Since moves on as far as nothing is left to be asked for.
func (s *Sync) recover(ctx context.Context, h *hook, row *models.GithubHook) (failing, quiet string, err error) {
	start := s.api.via.gitHubNow()
	newest, all, err := s.sentSince(ctx, h, row.Since)
	if err != nil {
		return "", "", err
	}
	if failing = failingOf(newest); strings.HasPrefix(failing, codeHookSecret) {
		return failing, "", nil // again and again they would be refused; once the secret is right they are asked for
	}
	hold, quiet, err := s.askAgain(ctx, h, row.RepositoryID, all)
	if err != nil {
		return failing, "", err
	}
	row.Since = start.Add(-overlap) // what is under way ends within that
	if !hold.IsZero() && hold.Before(row.Since) {
		row.Since = hold
	}
	return failing, quiet, nil
}

// sentSince lists what was sent since then, the latest first, and besides the latest page as
// it is.
func (s *Sync) sentSince(ctx context.Context, h *hook, since time.Time) (newest, all []sent, err error) {
	since = since.Truncate(time.Second)
	path := h.at + "/deliveries?per_page=100"
	for n := 0; path != "" && n < mostPages; n++ {
		var some []sent
		res, err := h.via.do(ctx, http.MethodGet, path, nil, &some)
		if err != nil {
			return nil, nil, err
		}
		if n == 0 {
			newest = some
		}
		for _, d := range some {
			if d.DeliveredAt.Before(since) {
				return newest, all, nil
			}
			all = append(all, d)
		}
		path = h.via.following(res.Header.Get("Link"))
	}
	return newest, all, nil
}

// failingOf says, as a note, that the last deliveries failed, all of them; "" otherwise.
func failingOf(newest []sent) string {
	over := slices.DeleteFunc(slices.Clone(newest), sent.pending)
	over = over[:min(len(over), lookedBack)]
	if len(over) == 0 || slices.ContainsFunc(over, func(d sent) bool { return !d.failed() }) {
		return ""
	}
	code := codeHookFailing
	if over[0].StatusCode == http.StatusUnauthorized {
		code = codeHookSecret
	}
	detail := over[0].Status
	if c := strconv.Itoa(over[0].StatusCode); over[0].StatusCode != 0 && !strings.Contains(detail, c) {
		detail = c + " " + detail
	}
	return note(code, clip(strings.TrimSpace(detail), 100))
}

// askAgain has GitHub send what did not arrive. hold is when the oldest was sent that may have
// to be asked for once more.
func (s *Sync) askAgain(ctx context.Context, h *hook, repositoryID int64, all []sent) (hold time.Time, quiet string, err error) {
	lost, err := s.lostOf(ctx, all)
	if err != nil {
		return hold, "", err
	}
	for _, d := range lost {
		tries, mine, err := s.claimAgain(ctx, d.GUID, repositoryID)
		if err != nil {
			return hold, "", err
		}
		if tries > 0 && (tries < mostTries || mine) && (hold.IsZero() || d.DeliveredAt.Before(hold)) {
			hold = d.DeliveredAt
		}
		if !mine {
			continue
		}
		_, err = h.via.do(ctx, http.MethodPost, h.at+"/deliveries/"+strconv.FormatInt(d.ID, 10)+"/attempts", nil, nil)
		switch t := asTrouble(err); {
		case t != nil && t.end == refused && (t.signIn || t.status == http.StatusUnauthorized || t.status == http.StatusForbidden):
			return time.Time{}, note(codeHookNoAgain, t.detail()), nil
		case t != nil && t.end == refused: // GitHub knows it no more
		case err != nil:
			return hold, "", err
		}
	}
	return hold, "", nil
}

// lostOf lists of each delivery that matters and has not arrived its first attempt, the
// latest first.
func (s *Sync) lostOf(ctx context.Context, all []sent) (lost []sent, err error) {
	arrived, matters := map[string]bool{}, s.hookEvents()
	var linked []int64
	if err := s.db.Read(ctx).Model(&models.IssueLink{}).Where("repository_id <> 0").Distinct().Pluck("repository_id", &linked).Error; err != nil {
		return nil, err
	}
	var released []int64 // the configured one may have no links yet
	if err := s.db.Read(ctx).Model(&models.GithubReleaseList{}).Pluck("repository_id", &released).Error; err != nil {
		return nil, err
	}
	linked = append(linked, released...)
	for _, d := range all {
		if !d.failed() { // or it may yet
			arrived[d.GUID] = true
		}
	}
	first := map[string]int{}
	for _, d := range all {
		if arrived[d.GUID] || !slices.Contains(matters, d.Event) || d.RepositoryID != 0 && !slices.Contains(linked, d.RepositoryID) {
			continue // an App hears of repositories that are not ours
		}
		if i, known := first[d.GUID]; known {
			lost[i] = d
			continue
		}
		first[d.GUID] = len(lost)
		lost = append(lost, d)
	}
	for some := range slices.Chunk(lost, mostGUIDs) {
		var guids, here []string
		for _, d := range some {
			guids = append(guids, d.GUID)
		}
		if err := s.db.Read(ctx).Model(&models.HookDelivery{}).Where("guid IN ?", guids).Pluck("guid", &here).Error; err != nil {
			return nil, err
		}
		for _, guid := range here { // it came, and the answer was lost
			arrived[guid] = true
		}
	}
	return slices.DeleteFunc(lost, func(d sent) bool { return arrived[d.GUID] }), nil
}

// claimAgain notes, before anything leaves, that a delivery is asked for again: not twice in an
// hour, not more than mostTries times, and not more than mostAgain of all in an hour. tries
// is how often it was, with this time.
func (s *Sync) claimAgain(ctx context.Context, guid string, repositoryID int64) (tries int, mine bool, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		tries, mine = 0, false
		if err := s.db.Lock(tx, "github_redeliveries"); err != nil {
			return err
		}
		var row models.GithubRedelivery
		if err := tx.Limit(1).Find(&row, "guid = ?", guid).Error; err != nil {
			return err
		}
		now := s.db.Now()
		if tries = row.Attempts; tries >= mostTries || tries > 0 && row.AskedAt.After(now.Add(-s.opts.Pace.Refused)) {
			return nil
		}
		var lately int64
		if err := tx.Model(&models.GithubRedelivery{}).Where("asked_at > ?", now.Add(-time.Hour)).Count(&lately).Error; err != nil || lately >= mostAgain {
			return err
		}
		tries, mine = tries+1, true
		row = models.GithubRedelivery{GUID: guid, RepositoryID: repositoryID, Attempts: tries, AskedAt: now}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "guid"}}, UpdateAll: true}).Create(&row).Error
	})
	return tries, mine, err
}
