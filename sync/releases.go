package issuesync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// firstLook is how far before the first look at a repository a release may have come out to
// count: what is connected now brings no hundred old ones.
const firstLook = 24 * time.Hour

// mostNoted is how many issues of a release's notes are looked for.
const mostNoted = 500

// ReadsReleases reports whether what is released on GitHub becomes a draft here.
func (s *Sync) ReadsReleases() bool { return s.Configured() && s.opts.Releases }

// hintOfRelease lets the releases of a watched repository be read, whatever happened to one.
func (s *Sync) hintOfRelease(ctx context.Context, tx *gorm.DB, h hint) (Outcome, error) {
	if !s.opts.Releases || h.Repository.ID == 0 {
		return Ignored, nil
	}
	if !strings.EqualFold(h.Repository.FullName, s.opts.Repository) {
		var links int64
		if err := tx.Model(&models.IssueLink{}).Where("repository_id = ?", h.Repository.ID).Count(&links).Error; err != nil || links == 0 {
			return Ignored, err
		}
	}
	return Queued, s.queue.Enqueue(ctx, ReleasesJob, strconv.FormatInt(h.Repository.ID, 10), "", s.db.Now())
}

// releasesJob reads the releases of the repository whose id is the job's key.
func (s *Sync) releasesJob(ctx context.Context, j models.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil || !s.opts.Releases {
		return nil
	}
	return laterIfLimited(s.releases(ctx, watched{RepositoryID: id}))
}

// releases brings the drafts here in step with the latest releases of a repository, for free
// while they are as they were. What cannot be read for want of a right is noted and no error.
func (s *Sync) releases(ctx context.Context, w watched) error {
	row, err := s.releaseList(ctx, w)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("repositories/%d/releases?per_page=30", w.RepositoryID)
	var all []*github.RepositoryRelease
	read, err := s.unlessSame(ctx, path, &all)
	t := asTrouble(err)
	switch {
	case t != nil && t.end == unchanged:
		return s.noteReleases(ctx, row, "") // it may have been refused in between
	case t != nil && t.end == refused:
		return s.noteReleases(ctx, row, note(codeReleasesUnread, t.detail()))
	case err != nil:
		return err
	}
	out := slices.DeleteFunc(slices.Clone(all), func(r *github.RepositoryRelease) bool { return !isOut(r) })
	slices.SortFunc(out, func(a, b *github.RepositoryRelease) int {
		return cmp.Or(a.GetPublishedAt().Compare(b.GetPublishedAt().Time), cmp.Compare(a.GetID(), b.GetID()))
	})
	for i, r := range out {
		var before time.Time
		if i > 0 {
			before = out[i-1].GetPublishedAt().Time
		}
		if r.GetPublishedAt().Before(s.api.via.onGitHub(row.Since).Truncate(time.Second)) {
			continue
		}
		if err := s.themes.DraftRelease(ctx, auth.GitHub(), s.published(row, r, before)); err != nil {
			return err
		}
	}
	if err := s.withdraw(ctx, w, all, read.next == ""); err != nil {
		return err
	}
	return errors.Join(s.noteReleases(ctx, row, ""), s.remember(ctx, path, read))
}

// isOut reports whether a release is for everybody: no draft, and none that comes before one.
func isOut(r *github.RepositoryRelease) bool {
	return r.GetID() != 0 && !r.GetDraft() && !r.GetPrerelease() && !r.GetPublishedAt().IsZero()
}

// published is what we take of a release. Its texts are as hostile as any.
func (s *Sync) published(row models.GithubReleaseList, r *github.RepositoryRelease, before time.Time) themes.Published {
	line := func(text string, most int) string {
		return clip(strings.Join(strings.Fields(s.opts.Redact(plain(text))), " "), most-1)
	}
	name := s.repositoryOf(r.GetHTMLURL(), row.Repository)
	return themes.Published{RepositoryID: row.RepositoryID, GithubID: r.GetID(), Repository: name, Version: versionOf(line(r.GetTagName(), 100)), Name: line(r.GetName(), themes.MaxTitle),
		URL: s.onlyOurs(r.GetHTMLURL()), Notes: s.notesOf(r.GetBody()), Named: s.namedIn(r.GetBody(), name), Since: before, At: r.GetPublishedAt().Time}
}

// versionOf is a tag as people say it: v2.4.0 is 2.4.0.
func versionOf(tag string) string {
	if len(tag) > 1 && (tag[0] == 'v' || tag[0] == 'V') && tag[1] >= '0' && tag[1] <= '9' {
		return tag[1:]
	}
	return tag
}

// notesOf are a release's notes, fit for a form: without what nobody sees, masked and cut.
func (s *Sync) notesOf(body string) string {
	return clip(strings.TrimSpace(s.opts.Redact(htmlComment.ReplaceAllString(plain(body), ""))), themes.MaxText-1)
}

// onlyOurs is an address on GitHub's pages, "" for any other.
func (s *Sync) onlyOurs(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != s.api.gh.BaseURL.Scheme || !strings.EqualFold(u.Host, webHost(s.api.gh.BaseURL)) {
		return ""
	}
	return address
}

// repositoryOf reads the repository's name out of its release's address.
func (s *Sync) repositoryOf(address, otherwise string) string {
	if s.onlyOurs(address) == "" {
		return otherwise
	}
	u, _ := url.Parse(address) // onlyOurs could
	if parts := strings.Split(strings.Trim(u.Path, "/"), "/"); len(parts) > 2 && isRepository(parts[0]+"/"+parts[1]) {
		return parts[0] + "/" + parts[1]
	}
	return otherwise
}

// word is a piece of a text that may name an issue.
var word = regexp.MustCompile(`[^\s()\[\]{}<>,;"'|]+`)

// namedIn lists the issues that a text of the repository names, each once.
func (s *Sync) namedIn(text, own string) (refs []models.IssueRef) {
	seen := map[models.IssueRef]bool{}
	for _, w := range word.FindAllString(text, -1) {
		n, ok := s.naming(strings.TrimLeft(w, "*_~:.-–—"))
		if strings.EqualFold(n.repository, own) {
			n.repository = ""
		}
		ref := models.IssueRef{Repository: n.repository, Number: n.number}
		if ok && !seen[ref] && len(refs) < mostNoted {
			seen[ref] = true
			refs = append(refs, ref)
		}
	}
	return refs
}

// withdraw takes the open drafts away whose release is no longer out. Of one that the page
// does not have, and another might, GitHub is asked by itself.
func (s *Sync) withdraw(ctx context.Context, w watched, page []*github.RepositoryRelease, whole bool) error {
	var open []models.ReleaseDraft
	if err := s.db.Read(ctx).Find(&open, "repository_id = ? AND state = ?", w.RepositoryID, models.DraftOpen).Error; err != nil {
		return err
	}
	for _, d := range open {
		there := false
		if i := slices.IndexFunc(page, func(r *github.RepositoryRelease) bool { return r.GetID() == d.GithubID }); i >= 0 {
			there = isOut(page[i])
		} else if !whole {
			var r github.RepositoryRelease
			_, err := s.api.do(ctx, http.MethodGet, fmt.Sprintf("repositories/%d/releases/%d", w.RepositoryID, d.GithubID), nil, &r)
			if t := asTrouble(err); err != nil && (t == nil || !t.vanished()) {
				return err
			}
			there = err == nil && isOut(&r)
		}
		if there {
			continue
		}
		if err := s.themes.WithdrawRelease(ctx, auth.GitHub(), d.ID); err != nil {
			return err
		}
	}
	return nil
}

// releaseList is the repository's row, made at the first look: releases count since its oldest
// link was made, and not more than firstLook before.
func (s *Sync) releaseList(ctx context.Context, w watched) (row models.GithubReleaseList, err error) {
	res := s.db.Read(ctx).Limit(1).Find(&row, "repository_id = ?", w.RepositoryID)
	if res.Error != nil || res.RowsAffected == 1 {
		return row, res.Error
	}
	var first models.IssueLink
	res = s.db.Read(ctx).Where("repository_id = ?", w.RepositoryID).Order("created_at").Limit(1).Find(&first)
	if res.Error != nil {
		return row, res.Error
	}
	row = models.GithubReleaseList{RepositoryID: w.RepositoryID, Repository: s.opts.Repository, Since: s.db.Now()}
	if res.RowsAffected == 1 {
		row.Repository, row.Since = first.Repository, later(row.Since.Add(-firstLook), first.CreatedAt)
	}
	return row, s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	})
}

// noteReleases notes why the releases cannot be read, "" that they can.
func (s *Sync) noteReleases(ctx context.Context, row models.GithubReleaseList, trouble string) error {
	if row.Trouble == trouble {
		return nil
	}
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&models.GithubReleaseList{}).Where("repository_id = ?", row.RepositoryID).Update("trouble", trouble).Error
	})
}

// forgetReleases begins anew when releases are wanted again.
func (s *Sync) forgetReleases(ctx context.Context) error {
	var rows int64
	if err := s.db.Read(ctx).Model(&models.GithubReleaseList{}).Count(&rows).Error; err != nil || rows == 0 {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Exec("DELETE FROM github_release_lists").Error })
}

// reading is an answer that was read: its tag, the one that it was asked with, and where the
// next page is.
type reading struct{ had, etag, next string }

// unlessSame reads what is at path into v; the trouble "unchanged" says that all of it was
// taken over before, as it still is.
func (s *Sync) unlessSame(ctx context.Context, path string, v any) (reading, error) {
	var had models.GithubPage
	if err := s.db.Read(ctx).Limit(1).Find(&had, "id = ?", s.pageID(path)).Error; err != nil {
		return reading{}, err
	}
	res, err := s.api.ask(ctx, http.MethodGet, path, had.ETag, nil, v)
	if err != nil {
		return reading{}, err
	}
	return reading{had.ETag, res.Header.Get("ETag"), s.api.following(res.Header.Get("Link"))}, nil
}

// remember notes that all of what was read at path was taken over. Where another did so
// meanwhile, nobody knows which of both was the later view: the next reads it anew.
func (s *Sync) remember(ctx context.Context, path string, r reading) error {
	return s.db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		var now models.GithubPage
		if err := s.db.Hold(tx).Limit(1).Find(&now, "id = ?", s.pageID(path)).Error; err != nil {
			return err
		}
		if now.ETag != r.had || r.etag == "" {
			return tx.Delete(&models.GithubPage{}, "id = ?", s.pageID(path)).Error
		}
		at := s.db.Now()
		row := models.GithubPage{ID: s.pageID(path), ETag: r.etag, Last: at, Issues: "[]", ReadAt: at}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&row).Error
	})
}
