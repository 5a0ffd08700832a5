package app

import (
	"context"

	"github.com/heedhq/heed/models"
)

// calibrateKind is the job that learns from what the team decided.
const calibrateKind = "themes.calibrate"

// askCalibrate lets one node learn, soon.
func (a *App) askCalibrate(ctx context.Context) error {
	return a.queue.Enqueue(ctx, calibrateKind, "", "", a.DB.Now())
}

func (a *App) calibrate(ctx context.Context, _ models.Job) error { return a.Themes.Calibrate(ctx) }
