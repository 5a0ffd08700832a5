package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/heedhq/heed/auth"
	"github.com/heedhq/heed/models"
	"github.com/heedhq/heed/models/modelstest"
)

var ctx = context.Background()

// mailed is a sign-in mail that would have been queued.
type mailed struct{ email, locale, code string }

// post catches codes. A Write may run twice, so the last one of an address
// counts.
type post struct {
	mu   sync.Mutex
	last map[string]mailed
}

func (p *post) send(_ context.Context, _ *gorm.DB, email, locale, code string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = map[string]mailed{}
	}
	p.last[email] = mailed{email, locale, code}
	return nil
}

func (p *post) code(email string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[email].code
}

var testKey = []byte("0123456789abcdef0123456789abcdef")

func newAuth(db *models.DB) (*auth.Auth, *post) {
	p := &post{}
	return auth.New(db, auth.Options{Key: testKey, SendCode: p.send}), p
}

// fails checks the code of an error, "" for none.
func fails(t *testing.T, what string, err error, code string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// must hands on the value of a call that has to succeed.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func count(t *testing.T, db *models.DB, model any, where ...any) int64 {
	t.Helper()
	q := db.Read(ctx).Model(model)
	if len(where) > 0 {
		q = q.Where(where[0], where[1:]...)
	}
	var n int64
	if err := q.Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAGuessableKeyIsRefused(t *testing.T) {
	for _, key := range [][]byte{nil, {}, []byte("short")} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a key of %d bytes was taken", len(key))
				}
			}()
			auth.New(nil, auth.Options{Key: key})
		}()
	}
}

func TestSweepDeletesWhatIsOverAndNothingElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *models.DB, clock *modelstest.Clock) {
		a, p := newAuth(db)
		must[models.Member](t)(a.AddMember(ctx, "pm@x.test", models.RolePM, ""))
		enter := func(email string) string {
			b := must[string](t)(a.Ask(ctx, email, "10.0.0.1", ""))
			s, _, err := a.Confirm(ctx, email, p.code(email), b)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		enter("pm@x.test")
		person := enter("p@x.test")
		if n := must[int64](t)(a.Sweep(ctx)); n != 0 {
			t.Errorf("%d rows swept at once", n)
		}
		clock.Add(25 * time.Hour)
		if n := must[int64](t)(a.Sweep(ctx)); n != 3 {
			t.Errorf("%d rows swept, want the member's session and two codes", n)
		}
		if _, err := a.BySession(ctx, person); err != nil {
			t.Errorf("the person was signed out: %v", err)
		}
	})
}

// together runs f n times at once and returns how many said true.
func together(n int, f func(i int) bool) int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	start, yes := make(chan struct{}), 0
	for i := range n {
		wg.Go(func() {
			<-start
			if f(i) {
				mu.Lock()
				yes++
				mu.Unlock()
			}
		})
	}
	close(start)
	wg.Wait()
	return yes
}
