package bench

import (
	"context"
	"testing"

	"github.com/heedhq/heed/models/modelstest"
)

// Everybody of the mailing gets one mail, nobody of those who wait, and all of it is
// measured.
func TestFollowUpsTellsEachOnce(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": modelstest.EmptyPostgresURL} {
		t.Run(name, func(t *testing.T) {
			r, err := FollowUps(context.Background(), FollowUpsOptions{People: 60, Mails: 40, Connections: 2, Size: 1000, URL: url(t), Progress: quiet})
			if err != nil {
				t.Fatal(err)
			}
			if f := r.Failures(); len(f) > 0 {
				t.Error(f)
			}
			if r.Mailing.Mails != 40 || r.Mailing.PerSecond <= 0 || r.Mailing.Sending < r.Mailing.PerSecond || r.Mailing.Bytes < 2000 || r.FirstChange <= 0 || r.ChangesMeanwhile.Requests < 1 ||
				r.WritesMeanwhile.Requests < 1 || r.SignInCodes.Requests < 1 || r.SignInCodes.Max > 60_000 {
				t.Errorf("not all was measured: %+v", r)
			}
		})
	}
}

func TestFollowUpsRefusesWhatItCannotMeasure(t *testing.T) {
	good := FollowUpsOptions{People: 1, Mails: 1, Connections: 1}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*FollowUpsOptions){
		"nobody waits":         func(o *FollowUpsOptions) { o.People = 0 },
		"nobody is told":       func(o *FollowUpsOptions) { o.Mails = 0 },
		"no connection":        func(o *FollowUpsOptions) { o.Connections = 0 },
		"too many connections": func(o *FollowUpsOptions) { o.Connections = 101 },
		"a huge reason":        func(o *FollowUpsOptions) { o.Size = 20_001 },
		"another scheme":       func(o *FollowUpsOptions) { o.URL = "mysql://x" },
	} {
		o := good
		if spoil(&o); o.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
