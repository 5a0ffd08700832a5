//go:build unix

package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heedhq/heed/test/peer"
)

func ask(url, statement string) (answer string, err error) {
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(context.Background(), statement).Scan(&answer)
	return answer, err
}

func TestAServerOfOnesOwn(t *testing.T) {
	for _, fsync := range []bool{false, true} {
		s, err := Start(Options{Fsync: fsync})
		if errors.Is(err, ErrNotInstalled) {
			peer.Missing(t, "postgres", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop() // for the paths below that end early
		first, err := s.NewDatabase()
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.NewDatabase()
		if err != nil || first == second || !strings.HasPrefix(first, "postgres://heed@127.0.0.1:") {
			t.Errorf("databases %s and %s (%v)", first, second, err)
		}
		want := map[bool]string{true: "on", false: "off"}[fsync]
		if got, err := ask(first, "show fsync"); err != nil || got != want {
			t.Errorf("fsync is %s (%v), want %s", got, err, want)
		}
		if got, err := ask(second, "select count(*)::text from pg_tables where schemaname = 'public'"); err != nil || got != "0" {
			t.Errorf("a new database has %s tables (%v)", got, err)
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
			t.Errorf("the folder is left behind: %v", err)
		}
		if _, err := ask(first, "show fsync"); err == nil {
			t.Error("a stopped server answers")
		}
	}
}

func TestAPrivateTemporaryFolderIsNotUsedForAnotherAccount(t *testing.T) {
	private := t.TempDir()
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]bool{private: false, filepath.Join(private, "inside"): false, "/": true} {
		if got := enterable(folder); got != want {
			t.Errorf("enterable(%s) = %v, want %v", folder, got, want)
		}
	}
}
