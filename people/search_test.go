package people_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
	"github.com/heedhq/heed/people"
	"github.com/heedhq/heed/redact"
)

var (
	ctx     = context.Background()
	pm      = auth.Actor{Kind: models.ActorMember, ID: "mem_pm", Name: "Ana", Role: models.RolePM}
	support = auth.Actor{Kind: models.ActorMember, ID: "mem_su", Name: "Sam", Role: models.RoleSupport}
)

func newPeople(db *models.DB) *people.People {
	return people.New(db, redact.New(redact.Options{Key: []byte(strings.Repeat("k", 32))}))
}

// somebody makes a person at addresses "channel:value" (without a channel: e-mail).
func somebody(t testing.TB, db *models.DB, name string, at ...string) string {
	t.Helper()
	now := db.Now()
	p := models.Person{ID: models.NewID(models.PrefixPerson), Name: name, Rev: 1, CreatedAt: now, UpdatedAt: now}
	err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(&p).Error; err != nil {
			return err
		}
		for _, a := range at {
			channel, value, handle := strings.Cut(a, ":")
			if !handle {
				channel, value = models.ChannelEmail, a
			}
			if err := tx.Create(&models.Address{Channel: channel, Value: value, PersonID: p.ID, CreatedAt: now}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func TestPeopleAreFoundByAnyBeginning(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, _ *modelstest.Clock) {
		p := newPeople(db)
		mei := somebody(t, db, "Mei Lin", "mei.lin@acme.com")
		wang := somebody(t, db, "王小明", "telegram:@Wang_XM", "wxm@qq.example")
		trad := somebody(t, db, "陳曉雲", "weibo:xiaoyun88")
		full := somebody(t, db, "ＡＬＩＣＥ　Ｏ'Neil", "alice@orbit.io")
		percent := somebody(t, db, "", "100%_real@x.test")
		if n, err := p.Index(ctx); err != nil || n != 5 {
			t.Fatalf("indexed %d, %v", n, err)
		}
		for q, want := range map[string]string{
			"me": mei, "MEI": mei, "lin": mei, "lin m": mei, "mei.lin@ac": mei, "acme": mei, "acme.com": mei, "mei acme": mei,
			"王": wang, "王小": wang, "小明": wang, "明": wang, "wang_": wang, "@wang": wang, "wxm@": wang,
			"陈晓": trad, "陳曉": trad, "晓云": trad, "xiaoyun": trad, "alice": full, "neil": full, "ａｌ": full, "orbit": full,
			"100%": percent, "100%_r": percent,
			"": "", " ": "", "%": "", "_": "", "ei": "", "cme": "", "小王": "", "mei orbit": "", "nobody": "", "\x00": "", "@": "", "'": "", "x": "",
		} {
			hits, err := p.SearchPeople(ctx, support, q, 0)
			if err != nil {
				t.Fatalf("%q: %v", q, err)
			}
			if q == "x" { // three of them have one
				continue
			}
			if want == "" && len(hits) != 0 || want != "" && (len(hits) != 1 || hits[0].ID != want) {
				t.Errorf("%q finds %+v, want %q", q, hits, want)
			}
		}
		hits, _ := p.SearchPeople(ctx, support, "小明", 5)
		if h := hits[0]; h.Name != "王小明" || h.Channel != "email" || h.Address != "wxm@qq.example" {
			t.Errorf("how to reach them: %+v", h)
		}
	})
}

func TestOnlyStaffFindPeople(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	p := newPeople(db)
	for name, a := range map[string]auth.Actor{
		"anonymous": auth.Anonymous(), "person": {Kind: models.ActorPerson, ID: "per_x", PersonID: "per_x"},
		"agent":        {Kind: models.ActorAgent, ID: "tok_a", TokenID: "tok_a", Scopes: auth.Scopes()},
		"filing token": {Kind: models.ActorService, ID: "tok_s", TokenID: "tok_s", Scopes: []auth.Scope{auth.ScopeSuggestionsWrite}},
	} {
		if hits, err := p.SearchPeople(ctx, a, "mei", 5); err == nil || hits != nil {
			t.Errorf("%s may search: %v", name, hits)
		}
	}
}

// A search goes through an index from its first to its last row.
func TestNoSearchGoesThroughEverybody(t *testing.T) {
	db := modelstest.Open(t, modelstest.SQLiteURL(t), nil)
	var plan []struct{ Detail string }
	err := db.Read(ctx).Raw("EXPLAIN QUERY PLAN SELECT person_id FROM person_terms WHERE term >= ? AND term < ? ORDER BY term, person_id LIMIT 10", []byte("a"), []byte("a\xff")).Scan(&plan).Error
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0].Detail, "SEARCH") {
		t.Errorf("%+v, %v", plan, err)
	}
}

// many is how many people BenchmarkSearchPeople searches through:
// go test ./people -run - -bench Search -args -people 1000000
var many = flag.Int("people", 20_000, "people to search through")

func BenchmarkSearchPeople(b *testing.B) {
	db := modelstest.Open(b, modelstest.SQLiteURL(b), nil)
	p := newPeople(db)
	err := db.Write(ctx, func(_ context.Context, tx *gorm.DB) error {
		const series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @many) "
		args := map[string]any{"many": *many, "now": db.Now()}
		for _, q := range []string{
			"INSERT INTO people (id, name, indexed, created_at, updated_at) " + series + "SELECT printf('per_%026d', i), printf('Person %d', i), TRUE, @now, @now FROM n",
			"INSERT INTO addresses (channel, value, person_id, created_at) " + series + "SELECT 'email', printf('p%d@bench.example', i), printf('per_%026d', i), @now FROM n",
			"INSERT INTO person_terms (term, person_id) " + series + "SELECT CAST(printf('person %d', i) AS BLOB), printf('per_%026d', i) FROM n",
			"INSERT INTO person_terms (term, person_id) " + series + "SELECT CAST('person' AS BLOB), printf('per_%026d', i) FROM n",
			"INSERT INTO person_terms (term, person_id) " + series + "SELECT CAST(printf('%d', i) AS BLOB), printf('per_%026d', i) FROM n",
			"INSERT INTO person_terms (term, person_id) " + series + "SELECT CAST(printf('p%d@bench.example', i) AS BLOB), printf('per_%026d', i) FROM n",
		} {
			if err := tx.Exec(q, args).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{"p", "person", "person 77", "77", "p77@bench", "person p", "1 7", "nobody"} {
		b.Run(strings.ReplaceAll(q, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.SearchPeople(ctx, pm, q, 10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
