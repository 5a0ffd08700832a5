package models_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

// An upgrade finds out of itself who says the same where: the rows of a store from
// before are made, and the statement of the migration is run on them.
func TestAnUpgradeFindsTheEchoes(t *testing.T) {
	file, err := os.ReadFile("migrations/0004_echoes.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(file), "WITH placed")
	statement, _, end := strings.Cut(rest, ";")
	if !ok || !end {
		t.Fatal("the migration has no such statement")
	}
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		ctx := context.Background()
		rows := []struct {
			text, person, product, theme string
			state                        models.SuggestionState
			lead                         int // the row it echoes; -1: none
		}{
			{"same", "a", "", "thm_1", models.StateNew, -1},
			{"same", "b", "", "thm_1", models.StateAnswered, 0},
			{"same", "b", "", "thm_1", models.StateNew, 0},
			{"same", "c", "", "thm_2", models.StateNew, -1},  // elsewhere
			{"same", "c", "x", "thm_1", models.StateNew, -1}, // of another product
			{"same", "d", "", "thm_1", models.StateClosed, -1},
			{"same", "d", "", "", models.StateNew, -1},
			{"same", "", "", "", models.StateNew, 6},
			{"other", "a", "", "thm_1", models.StateNew, -1},
			{"", "a", "", "thm_1", models.StateNew, -1}, // no words at all
			{"", "b", "", "thm_1", models.StateNew, -1},
		}
		id := func(i int) string { return fmt.Sprintf("sug_%02d", i) }
		err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
			now := db.Now()
			for _, th := range []string{"thm_1", "thm_2"} {
				if err := tx.Create(&models.Theme{ID: th, Title: th, Status: models.StatusCandidate, StatusAt: now, CreatedAt: now, UpdatedAt: now}).Error; err != nil {
					return err
				}
			}
			for i, r := range rows {
				s := models.Suggestion{ID: id(i), Text: r.text, ExactHash: r.text, PersonID: r.person, Product: r.product, State: r.state, Receipt: id(i), CreatedAt: now, UpdatedAt: now}
				if r.theme != "" {
					s.ThemesCount = 1
					if err := tx.Create(&models.SuggestionTheme{SuggestionID: s.ID, ThemeID: r.theme, CreatedAt: now}).Error; err != nil {
						return err
					}
				}
				if err := tx.Create(&s).Error; err != nil {
					return err
				}
			}
			return tx.Exec("WITH placed" + statement).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []models.Suggestion
		if err := db.Read(ctx).Order("id").Find(&got).Error; err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			want := ""
			if r.lead >= 0 {
				want = id(r.lead)
			}
			if got[i].EchoOf != want {
				t.Errorf("%s %+v echoes %q, want %q", got[i].ID, r, got[i].EchoOf, want)
			}
		}
		if got[0].Echoes != 2 || got[0].EchoPeople != 2 || got[6].Echoes != 1 || got[6].EchoPeople != 1 || got[8].Echoes != 0 {
			t.Errorf("counted wrongly: %+v", got)
		}
	})
}
