package auth

import (
	"time"

	"gorm.io/gorm"
)

func sweepConsents(*gorm.DB, time.Time) error { return nil }
