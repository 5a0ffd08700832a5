package web

import (
	"testing"
	"time"
)

// Whoever chooses when to hear reads which clock goes, not the library's word for it.
func TestAZoneIsNamedForPeople(t *testing.T) {
	was := time.Local
	t.Cleanup(func() { time.Local = was })
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Skip(err)
	}
	if got := ZoneName(shanghai, time.Unix(0, 0)); got != "Asia/Shanghai" {
		t.Errorf("Shanghai is called %q", got)
	}
	time.Local = time.FixedZone("Local", -3*3600-1800)
	if got := ZoneName(time.Local, time.Unix(0, 0)); got != "UTC-03:30" {
		t.Errorf("the machine's zone is called %q", got)
	}
}
