package issuesync

import (
	"strings"
	"time"

	"github.com/heedhq/heed/models"
)

// Codes of what may be wrong with a link; each has its message "error.<code>".
const (
	codeUnreachable = "github_unreachable"
	codeLimited     = "github_limited"
	codeUnsure      = "github_unsure"
	codeToken       = "github_token_refused"
	codeForbidden   = "github_forbidden"
	codeNotFound    = "github_repository_not_found"
	codeIssuesOff   = "github_issues_off"
	codeUntaken     = "github_not_taken"
	codeRejected    = "github_rejected"
	codeGone        = "github_issue_gone"
	codeMovedOnto   = "github_moved_onto_linked"
	codeNowPublic   = "github_now_public"
	codeArchived    = "github_archived"
	codeTooMany     = "github_too_many_writes"
	codeTwice       = "github_same_repository"
	codeNoTitle     = "github_title_missing"
	codeNoMilestone = "github_milestone_missing"
	codeNoTheme     = "github_theme_gone"

	// A theme whose issue was closed as a duplicate: of what is not known, of an issue that no
	// theme has, of one whose theme it may not go into.
	codeDuplicate      = "github_duplicate"
	codeDuplicateAlone = "github_duplicate_alone"
	codeDuplicateApart = "github_duplicate_apart"
	codeReleasesUnread = "github_releases_unread"

	codeBackfillIssue = "backfill_issue_failed" // one that could not be brought in
)

// note is how IssueLink.LastError is written: a code, and the other side's own
// words behind it.
func note(code, detail string) string {
	if detail == "" {
		detail = "-"
	}
	return code + ": " + detail
}

// Explain turns IssueLink.LastError into an error whose message is in the
// catalogs, so that it is told in the reader's language; nil when nothing is
// wrong. The message's argument is what GitHub said.
func Explain(l *models.IssueLink) *models.Error { return ExplainNote(l.LastError) }

// ExplainNote does the same with the note of an op.
func ExplainNote(note string) *models.Error {
	code, detail, ok := strings.Cut(note, ": ")
	if !ok {
		return nil
	}
	e := &models.Error{Kind: models.Conflict, Code: code}
	switch code {
	case codeUntaken, codeIssuesOff, codeGone, codeTwice, codeNoTitle, codeNoTheme, codeDuplicate: // these say it all
	case codeHookInactive, codeHookForm, codeHookInsecure:
	default:
		e.Args = []any{detail}
	}
	return e
}

// noteOf is the note on a trouble: for a limit its end, else what was said.
func noteOf(t *trouble) string {
	if t.end == limited {
		return note(t.code(), t.until.UTC().Format(time.RFC3339))
	}
	return note(t.code(), t.detail())
}

// AsksToAgree reports whether a repository's trouble ends with Agree.
func AsksToAgree(trouble string) bool { return trouble == codeNowPublic }
