package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/models"
)

func TestPeopleAreFoundAndMergedFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HEED_DATABASE__URL", "sqlite:"+filepath.Join(dir, "heed.db"))
	t.Setenv("HEED_SECRETS__KEY_FILE", filepath.Join(dir, "heed.key"))
	ctx := context.Background()
	db, err := models.Open(ctx, models.Options{URL: "sqlite:" + filepath.Join(dir, "heed.db")})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if _, err := models.PersonAt(tx, db.Now(), "email", "mei@acme.com", models.Person{Name: "Mei Lin"}); err != nil {
			return err
		}
		_, err := models.PersonAt(tx, db.Now(), "telegram", "@mei", models.Person{Name: "梅林"})
		return err
	})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	heed := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(&env{ctx: ctx, out: &out, errs: &errs, in: &bytes.Buffer{}}, args); got != code {
			t.Fatalf("heed %v: exit %d, %s", args, got, errs.String())
		}
		return out.String() + errs.String()
	}
	if out := heed(exitOK, "person", "find", "lin"); !strings.Contains(out, "mei@acme.com") || strings.Contains(out, "@mei") && strings.Contains(out, "telegram") {
		t.Errorf("found %s", out)
	}
	var found []struct{ ID, Address string }
	if err := json.Unmarshal([]byte(heed(exitOK, "person", "find", "mei", "--json")), &found); err != nil || len(found) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
	heed(exitFailed, "person", "find", "nobody")
	heed(exitUsage, "person", "find")
	heed(exitFailed, "person", "merge", "telegram:@mei", "nobody@x.test")
	if out := heed(exitOK, "person", "merge", "telegram:@mei", "mei@acme.com", "--dry-run"); !strings.Contains(out, "Would move 0 suggestions") {
		t.Error(out)
	}
	if out := heed(exitOK, "person", "merge", "telegram:@mei", "mei@acme.com"); !strings.Contains(out, "1 addresses") || !strings.Contains(out, "/undo") {
		t.Error(out)
	}
	if out := heed(exitFailed, "person", "merge", "telegram:@mei", "mei@acme.com"); !strings.Contains(out, "same person already") {
		t.Error(out)
	}
}
