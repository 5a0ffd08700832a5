package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// text is a key whose value is kept as check returns it.
func text(name string, p *string, allowed string, check func(string) (string, error)) key {
	return key{name: name, allowed: allowed,
		get: func() string { return *p },
		set: func(s string) error {
			v, err := check(s)
			if err == nil {
				*p = v
			}
			return err
		}}
}

func secretURL(name string, p *string, allowed string, check func(string) (string, error)) key {
	k := text(name, p, allowed, check)
	k.url = true
	return k
}

// secret is a key of a value that nobody is shown. A line break in it is a
// slip of copying that would break a header.
func secret(name string, p *string) key {
	k := text(name, p, "one line without spaces at its ends; empty: none", func(s string) (string, error) {
		if s != strings.TrimSpace(s) || strings.ContainsAny(s, "\r\n\x00") {
			return "", errors.New("has spaces at its ends or a line break")
		}
		return s, nil
	})
	k.secret = true
	return k
}

// appID is the number of a GitHub App, 0 for none.
func appID(name string, p *int64) key {
	return key{name: name, allowed: "the number that GitHub shows as App ID on the App's page; empty: none",
		get: func() string {
			if *p == 0 {
				return ""
			}
			return strconv.FormatInt(*p, 10)
		},
		set: func(s string) error {
			if s == "" {
				*p = 0
				return nil
			}
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil || n <= 0 {
				return errors.New("is not the number of an App")
			}
			*p = n
			return nil
		}}
}

// keyFile is a key of a file name that is not shown: somebody will write the private key
// itself there.
func keyFile(name string, p *string) key {
	k := text(name, p, "the name of the file with the App's private key, as GitHub gives it (PEM, RSA); empty: none", optional(rsaKeyFile))
	k.secret = true
	return k
}

func oneOf(name string, p *string, values ...string) key {
	return text(name, p, strings.Join(values, " or "), func(s string) (string, error) {
		if !slices.Contains(values, s) {
			return "", errors.New("is not one of them")
		}
		return s, nil
	})
}

func number(name string, p *int, least, most int) key {
	return key{name: name, allowed: fmt.Sprintf("a whole number from %d to %d", least, most),
		get: func() string { return strconv.Itoa(*p) },
		set: func(s string) error {
			if isOff(s) && least == 0 {
				*p = 0
				return nil
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				return errors.New("is not a whole number")
			}
			if n < least || n > most {
				return errors.New("is out of range")
			}
			*p = n
			return nil
		}}
}

// isOff reports whether s is one of the ways to switch a limit off.
func isOff(s string) bool { return s == "" || s == "0" || s == "0s" }

// longestDuration bounds durations: beyond it a slip (h for m) is likelier
// than a wish.
const longestDuration = 30 * 24 * time.Hour

func duration(name string, p *time.Duration) key {
	return key{name: name, allowed: "a duration such as 90s, 5m or 2h, at most 720h; 0 or empty: off",
		get: func() string { return p.String() },
		set: func(s string) error {
			if isOff(s) {
				*p = 0
				return nil
			}
			d, err := time.ParseDuration(s)
			if err != nil {
				return errors.New("is not a duration")
			}
			if d < 0 || d > longestDuration {
				return errors.New("is out of range")
			}
			*p = d
			return nil
		}}
}

func attach(name string, p *Attach) key {
	return key{name: name, allowed: "off, auto, or a probability between 0 and 1 such as 0.97",
		get: p.String,
		set: func(s string) error {
			if m := AttachMode(s); m == AttachOff || m == AttachAuto {
				*p = Attach{Mode: m}
				return nil
			}
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return errors.New("is none of these")
			}
			if !(f > 0 && f < 1) { // also refuses NaN
				return errors.New("is out of range")
			}
			*p = Attach{Mode: AttachFixed, Probability: f}
			return nil
		}}
}

// String is the form that config.yaml holds.
func (a Attach) String() string {
	if a.Mode == AttachFixed {
		return strconv.FormatFloat(a.Probability, 'g', -1, 64)
	}
	return string(a.Mode)
}

func timeZone(s string) (string, error) {
	if _, err := time.LoadLocation(s); err != nil {
		return "", errors.New("is no time zone")
	}
	return s, nil
}

func quietHours(name string, p *QuietHours) key {
	return key{name: name, allowed: "HH:MM-HH:MM such as 21:00-08:00; empty: none",
		get: p.String,
		set: func(s string) error {
			if isOff(s) {
				*p = QuietHours{}
				return nil
			}
			from, to, ok := strings.Cut(s, "-")
			f, ferr := time.Parse("15:04", strings.TrimSpace(from))
			t, terr := time.Parse("15:04", strings.TrimSpace(to))
			if !ok || ferr != nil || terr != nil {
				return errors.New("is not a span of the day")
			}
			if f.Equal(t) {
				return errors.New("begins when it ends")
			}
			midnight := f.Truncate(24 * time.Hour)
			*p = QuietHours{From: f.Sub(midnight), To: t.Sub(midnight)}
			return nil
		}}
}

// IsZero reports whether there are no quiet hours.
func (q QuietHours) IsZero() bool { return q == QuietHours{} }

// String is the form that config.yaml holds.
func (q QuietHours) String() string {
	if q.IsZero() {
		return ""
	}
	clock := func(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") }
	return clock(q.From) + "-" + clock(q.To)
}

func level(name string, p *slog.Level) key {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	return key{name: name, allowed: "debug, info, warn or error",
		get: func() string { return strings.ToLower(p.String()) },
		set: func(s string) error {
			l, ok := levels[s]
			if !ok {
				return errors.New("is not one of them")
			}
			*p = l
			return nil
		}}
}

func schedule(name string, p *string) key {
	return text(name, p, "a cron expression such as 30 3 * * *, @hourly or @every 60s (1s at least); empty: off", func(s string) (string, error) {
		if isOff(s) {
			return "", nil
		}
		return s, checkSchedule(s)
	})
}

// checkSchedule refuses what the parser would panic at (a zone and nothing
// else), round up silently (under a second), or never run (30 February).
func checkSchedule(s string) error {
	if (strings.HasPrefix(s, "TZ=") || strings.HasPrefix(s, "CRON_TZ=")) && !strings.Contains(s, " ") {
		return errors.New("has a time zone and no time")
	}
	if every, ok := strings.CutPrefix(s, "@every "); ok {
		if d, err := time.ParseDuration(every); err == nil && d < time.Second {
			return errors.New("is too often")
		}
	}
	sched, err := cron.ParseStandard(s)
	if err != nil {
		return fmt.Errorf("is not a cron expression (%w)", err)
	}
	if sched.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return errors.New("never comes")
	}
	return nil
}
