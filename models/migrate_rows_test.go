package models_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"
)

// A repository may have been read under several spellings of its name, and looked at under
// another: it becomes one row, which forgets neither how far it was read nor that it waits for
// a person's word.
func TestARepositoryOfSeveralNamesBecomesOneRow(t *testing.T) {
	pool, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "before.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, os.DirFS("migrations"), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 25); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO issue_links (id, theme_id, repository, repository_id, issue_id, number, state, created_at, updated_at) VALUES
			('ilk_1', 'thm_1', 'Acme/Web', 7, 71, 1, 'linked', '2027-01-01', '2027-01-01'),
			('ilk_2', 'thm_2', 'Acme/Now', 8, 81, 1, 'linked', '2027-01-01', '2027-01-01'),
			('ilk_3', 'thm_3', 'acme/former', 8, 82, 2, 'linked', '2027-01-01', '2027-01-01'),
			('ilk_4', 'thm_4', 'acme/unread', 9, 91, 1, 'linked', '2027-01-01', '2027-01-01')`,
		`INSERT INTO github_cursors (repository, since, checked_at, private, trouble) VALUES
			('Acme/Web', '2027-01-05', '2027-01-06', FALSE, ''),
			('acme/web', '2027-01-03', '2027-01-04', TRUE, 'github_now_public'),
			('Acme/Now', '2027-01-03', '2027-01-04', TRUE, 'github_now_public'),
			('acme/former', '2027-01-02', '2027-01-02', FALSE, 'github_not_found: 404'),
			('acme/nobodys', '2027-01-02', '2027-01-02', FALSE, '')`,
	} {
		if _, err := pool.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.UpTo(ctx, 26); err != nil {
		t.Fatalf("the migration: %v", err)
	}
	var rows []string
	all, err := pool.Query("SELECT id || ' since ' || strftime('%d', since) || ' private ' || private || ' ' || trouble FROM github_repositories ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	for all.Next() {
		var row string
		if err := all.Scan(&row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if want := []string{"7 since 03 private 1 github_now_public", "8 since 02 private 1 github_now_public"}; all.Err() != nil || !slices.Equal(rows, want) {
		t.Errorf("%v: %q, want %q", all.Err(), rows, want)
	}
}
