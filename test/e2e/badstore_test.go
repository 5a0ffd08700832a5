//go:build unix

package e2e

import (
	"database/sql"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the "sqlite" driver, to lock the database from outside

	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/test/process"
)

// A database that somebody else keeps locked is an answer with a time to come back,
// not a failure: nothing is stored, reading goes on, and afterwards all is well.
func TestLockedDatabase(t *testing.T) {
	url := modelstest.SQLiteURL(t)
	h := &house{t: t, Process: process.New(t, process.Options{Env: map[string]string{"HEED_DATABASE__URL": url}}).Start()}
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lock, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]any{"text": "Dark mode, please.", "external_id": "locked"}
	if a := h.refuses(t, refusal{body: text, status: 503, code: "database_busy"}); a.Header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %v", a.Header)
	}
	if n := len(h.everySuggestion("")); n != 0 {
		t.Errorf("%d suggestions stored while it was locked, want 0", n)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := h.once("", "/suggestions", text, nil); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	if n := len(h.everySuggestion("")); n != 1 {
		t.Errorf("%d suggestions stored, want 1", n)
	}
	h.sound()
	h.Stop()
}
