package app

import (
	"context"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/intake"
	"github.com/heedhq/heed/models"
	issuesync "github.com/heedhq/heed/sync"
)

// FileIssues is the door through which package sync brings issues in.
func FileIssues(in *intake.Intake) issuesync.Door {
	return func(ctx context.Context, f issuesync.Filing) (func(context.Context) (issuesync.Filed, error), error) {
		p, err := in.PrepareIssue(ctx, auth.GitHub(), intake.Issue{Title: f.Title, Text: f.Text, URL: f.URL, ExternalID: f.ExternalID, Author: f.Author, Name: f.Name})
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (issuesync.Filed, error) {
			x, err := in.Commit(ctx, auth.GitHub(), p)
			return issuesync.Filed{Suggestion: x.Suggestion.ID, Theme: x.Theme, New: x.Suggestion.Action == models.ActionNew, Again: x.Again}, err
		}, nil
	}
}
