package bench

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/app"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

func quiet(string) func(int, int) { return func(_, _ int) {} }

func TestIngestStoresEveryPostOnce(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	r, err := Ingest(context.Background(), Options{Items: 300, Posts: 120, Clients: 8, Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failures(); len(f) > 0 {
		t.Errorf("failures: %v", f)
	}
	if r.ByStatus["201"] != 120 || r.Stored.Accepted != 120 || r.Stored.Rows != 120 {
		t.Errorf("by status %v, stored %+v; want 120 each", r.ByStatus, *r.Stored)
	}
	if r.Indexed < 300 || r.Requests != 120 || r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.Max || r.DatabaseBytes == 0 || r.RSS.Peak < r.RSS.Loaded/2 {
		t.Errorf("figures do not fit together: %+v", *r)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheSameFromEverybodyIsOneThemeAndOneLine(t *testing.T) {
	r, err := Ingest(context.Background(), Options{Posts: 120, Clients: 8, Same: true, Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Failures(); len(f) > 0 {
		t.Errorf("failures: %v", f)
	}
	if s := r.Stored; s.Rows != 120 || s.Themes != 1 || s.Lines != 1 || !slices.Contains(r.Conditions, sameCondition) {
		t.Errorf("stored %+v", *s)
	}
}

func TestSimilarAsksAndStoresNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kept.db")
	r, err := Similar(context.Background(), Options{Items: 300, Queries: 40, Clients: 2, URL: "sqlite:" + file, Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Failures()) > 0 || r.ByStatus["200"] != 40 || r.Found["5"] == 0 || r.Stored != nil {
		t.Errorf("%+v", *r)
	}
	db := modelstest.Open(t, "sqlite:"+file, nil)
	var n int64
	if err := db.Read(context.Background()).Model(&models.Suggestion{}).Count(&n).Error; err != nil || n != 300 {
		t.Errorf("%d suggestions stored, want the 300 that were seeded (%v)", n, err)
	}
	again, err := Similar(context.Background(), Options{Filled: true, Queries: 40, Adding: 50, Clients: 1, URL: "sqlite:" + file, Progress: quiet})
	if err != nil || len(again.Failures()) > 0 || again.Items != 300 || again.Added.Requests == 0 || again.ByStatus["adding 201"] != again.Added.Requests {
		t.Errorf("measured again while others post: %v %+v", err, again)
	}
	more, err := Ingest(context.Background(), Options{Filled: true, Posts: 20, Clients: 2, URL: "sqlite:" + file, Progress: quiet})
	if err != nil || len(more.Failures()) > 0 || more.Stored.Rows != 20 {
		t.Errorf("posts after others' posts: %v %+v", err, more)
	}
	for name, o := range map[string]Options{"no URL": {}, "nothing stored": {URL: modelstest.SQLiteURL(t)}} {
		o.Filled, o.Queries, o.Clients, o.Progress = true, 1, 1, quiet
		if _, err := Similar(context.Background(), o); err == nil || !strings.Contains(err.Error(), "--filled") {
			t.Errorf("%s: measured as filled: %v", name, err)
		}
	}
	if _, err := Similar(context.Background(), Options{Items: 1, Queries: 1, Clients: 1, URL: "sqlite:" + file, Progress: quiet}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a database with data was taken: %v", err)
	}
}

func TestAFilledPostgresIsRefused(t *testing.T) {
	url := modelstest.EmptyPostgresURL(t)
	if err := empty(context.Background(), url); err != nil {
		t.Errorf("an empty database was refused: %v", err)
	}
	modelstest.Open(t, url, nil)
	if err := empty(context.Background(), url); err == nil {
		t.Error("a database with tables was taken")
	}
}

func TestWhatCannotBeMeasuredIsSaid(t *testing.T) {
	for name, o := range map[string]Options{
		"no clients":     {Posts: 1},
		"no posts":       {Clients: 1},
		"negative items": {Clients: 1, Posts: 1, Items: -1},
		"another scheme": {Clients: 1, Posts: 1, URL: "mysql://x"},
	} {
		o.Progress = quiet
		if _, err := Ingest(context.Background(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestComparingFindsWhatIsLostDoubledAndUnasked(t *testing.T) {
	ctx := context.Background()
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		for id, text := range map[string]string{"sug_1": "one", "sug_2": "two", "sug_2b": "two", "sug_3": "refused"} {
			now := db.Now()
			s := models.Suggestion{ID: id, Text: text, Source: ingestBench, Kind: models.KindSuggestion, State: models.StateNew, Receipt: id, Waiting: true, CreatedAt: now, UpdatedAt: now}
			if err := tx.Create(&s).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{app: &app.App{DB: db}, source: ingestBench}
	s, err := h.compare(ctx, []filed{{ID: "sug_1", Action: "new"}, {ID: "sug_2", Action: "new"}, {ID: "sug_gone", Action: "new"}, {}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Accepted != 3 || s.Rows != 4 || s.Lost != 1 || s.Doubled != 1 || s.Unasked != 1 || len(s.Broken) != 0 {
		t.Errorf("%+v", *s)
	}
	r := Report{Stored: s, Errors: map[string]int{"500": 2}}
	if f := r.Failures(); len(f) != 4 || !slices.ContainsFunc(f, func(s string) bool { return strings.Contains(s, "status 500") }) {
		t.Errorf("failures: %v", f)
	}
}

func TestPercentilesAreByNearestRank(t *testing.T) {
	var out []outcome
	for i := 100; i >= 1; i-- {
		out = append(out, outcome{took: time.Duration(i) * time.Millisecond})
	}
	if m := measure(out, 2*time.Second); m != (Measured{Requests: 100, PerSecond: 50, P50: 50, P90: 90, P99: 99, Max: 100}) {
		t.Errorf("%+v", m)
	}
	if m := measure(nil, time.Second); m != (Measured{}) {
		t.Errorf("of nothing: %+v", m)
	}
}

// An agent's tool stores what REST does: each text once, none lost.
func TestIngestByAnAgentsTool(t *testing.T) {
	r, err := Ingest(t.Context(), Options{Items: 40, Clients: 4, Posts: 60, MCP: true, Progress: func(string) func(int, int) { return func(int, int) {} }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Stored.Accepted != 60 || r.Stored.Lost+r.Stored.Doubled+r.Stored.Unasked != 0 || len(r.Failures()) > 0 {
		t.Errorf("stored %+v, %v", r.Stored, r.Failures())
	}
}
