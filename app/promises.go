package app

import (
	"github.com/heedhq/heed/app/config"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/themes"
)

// promises are the days that each status promises.
func promises(c config.Followups) themes.Promises {
	return themes.Promises{models.StatusUnderReview: c.PromiseUnderReview, models.StatusPlanned: c.PromisePlanned,
		models.StatusInProgress: c.PromiseInProgress, models.StatusPostponed: c.PromisePostponed}
}
