package app_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/redact"
	issuesync "github.com/heedhq/heed/sync"
	"github.com/heedhq/heed/themes"
)

func TestTheDoorForIssuesSaysWhatBecameOfThem(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	door := app.FileIssues(intake.New(db, themes.New(db, themes.Options{}), redact.New(redact.Options{}), "en"))
	bring := func(id, title string) (f issuesync.Filed) {
		t.Helper()
		commit, err := door(t.Context(), issuesync.Filing{Title: title, Text: "Every day", URL: "https://github.com/acme/web/issues/7", ExternalID: id, Author: "octo", Name: "acme/web#7"})
		if err == nil {
			err = db.Write(t.Context(), func(ctx context.Context, _ *gorm.DB) (err error) { f, err = commit(ctx); return err })
		}
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	first := bring("1", "Reminders before a deadline")
	if !first.New || first.Again || first.Theme == nil || first.Theme.Status != models.StatusCandidate {
		t.Errorf("the first: %+v", first)
	}
	if joined := bring("2", "Reminders before a deadline"); joined.New || joined.Again || joined.Theme == nil || joined.Theme.ID != first.Theme.ID {
		t.Errorf("the same words: %+v", joined)
	}
	if again := bring("1", "Renamed since"); !again.Again || again.Suggestion != first.Suggestion {
		t.Errorf("the first again: %+v", again)
	}
}
