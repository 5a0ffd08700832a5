package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// write puts a config.yaml into a folder of the test's own.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAMissingAndAnEmptyFileAreTheDefaults(t *testing.T) {
	for name, path := range map[string]string{
		"empty":    write(t, ""),
		"comments": write(t, "# nothing\n"),
		"sections": write(t, "server:\n  # addr: x\nmail:\n"),
		"null":     write(t, "---\n"),
	} {
		c, err := Load(path, nil)
		if err != nil || c != Default() {
			t.Errorf("%s: %v\n%+v", name, err, c)
		}
	}
	t.Chdir(t.TempDir()) // where there is no config.yaml
	if c, err := Load("", nil); err != nil || c != Default() {
		t.Errorf("missing: %v\n%+v", err, c)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("a file that was named and is not there was passed over")
	}
	if got := Default().Server.PublicURL; got != "http://127.0.0.1:8080" {
		t.Errorf("public_url is %q", got)
	}
}

func TestTheShippedFileIsExactlyTheDefaultsAndMentionsEveryKey(t *testing.T) {
	raw, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{}
	ks := c.keys()
	set := map[string]bool{}
	for i := range ks {
		inner, name := ks[i].set, ks[i].name
		ks[i].set = func(s string) error { set[name] = true; return inner(s) }
	}
	if problems := readFile(ks, "config.yaml", raw); len(problems) > 0 {
		t.Fatal(problems)
	}
	c.derive()
	if c != Default() {
		t.Errorf("config.yaml differs from the defaults:\n%v\n%v", c, Default())
	}
	for _, k := range ks {
		if !set[k.name] {
			t.Errorf("%s is not in config.yaml", k.name)
		}
	}
	lines := strings.Split(string(raw), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "  #") && !strings.HasPrefix(lines[i-1], "  #") {
			t.Errorf("line %d has no comment above it: %s", i+1, line)
		}
	}
}

// A key without a job in this version promises nothing: it says so, and a
// schedule is empty.
func TestKeysThatDoNothingYetSaySo(t *testing.T) {
	raw, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	ks := c.keys()
	for _, name := range []string{"cron.backup"} {
		section, key, _ := strings.Cut(name, ".")
		_, text, _ := strings.Cut(string(raw), "\n"+section+":\n")
		text, _, found := strings.Cut(text, "\n  "+key+":")
		comment := text[strings.LastIndex(text, "\n  ")+1:]
		if !found || !strings.Contains(comment, "Read and checked, not in force in this version.") {
			t.Errorf("%s does not say that it is not in force: %q", name, comment)
		}
		if k, _ := find(ks, name); section == "cron" && k.get() != "" {
			t.Errorf("%s runs nothing %q", name, k.get())
		}
	}
}

func TestProxiesAreRead(t *testing.T) {
	for value, want := range map[string]string{
		"": "[]", " ": "[]",
		"10.0.0.5":                            "[10.0.0.5/32]",
		"10.0.0.5, 10.1.2.3/16,2001:db8::/32": "[10.0.0.5/32 10.1.0.0/16 2001:db8::/32]",
	} {
		c, err := Load("", []string{"HEED_SERVER__TRUSTED_PROXIES=" + value})
		if got := fmt.Sprint(c.Server.Proxies()); err != nil || got != want {
			t.Errorf("%q: %s, want %s (%v)", value, got, want, err)
		}
	}
}

// Each field of Config has one key, so no field is left that nobody can set.
func TestEveryFieldHasItsKey(t *testing.T) {
	var fields int
	typ := reflect.TypeOf(Config{})
	for i := range typ.NumField() {
		fields += typ.Field(i).Type.NumField()
	}
	seen := map[string]bool{}
	for _, k := range new(Config).keys() {
		if seen[k.name] || k.allowed == "" {
			t.Errorf("%s: twice, or allows nothing", k.name)
		}
		seen[k.name] = true
	}
	if len(seen) != fields {
		t.Errorf("%d keys, %d fields", len(seen), fields)
	}
}

func TestValuesAreRead(t *testing.T) {
	for _, c := range []struct {
		key, value string
		got        func(Config) any
		want       any
	}{
		{"server.addr", "0.0.0.0:80", func(c Config) any { return c.Server.PublicURL }, "http://127.0.0.1:80"},
		{"server.addr", "'[::1]:80'", func(c Config) any { return c.Server.PublicURL }, "http://[::1]:80"},
		{"server.public_url", "https://f.example.com/", func(c Config) any { return c.Server.PublicURL }, "https://f.example.com"},
		{"database.url", "postgres://u:p@h/n", func(c Config) any { return c.Database.URL }, "postgres://u:p@h/n"},
		{"mail.smtp_url", "smtp+starttls://u:p@h:587", func(c Config) any { return c.Mail.SMTPURL }, "smtp+starttls://u:p@h:587"},
		{"github.api_url", "https://ghe.example.com/api/v3/", func(c Config) any { return c.GitHub.APIURL }, "https://ghe.example.com/api/v3"},
		{"attachments.max_mb", "8", func(c Config) any { return c.Attachments.MaxMB }, 8},
		{"attachments.per_suggestion", "3", func(c Config) any { return c.Attachments.PerSuggestion }, 3},
		{"github.on_completed", "ship", func(c Config) any { return c.GitHub.OnCompleted }, OnCompletedShip},
		{"github.milestones", "match", func(c Config) any { return c.GitHub.Milestones }, "match"},
		{"github.on_merged", "ready", func(c Config) any { return c.GitHub.OnMerged }, "ready"},
		{"dedup.attach", "off", func(c Config) any { return c.Dedup.Attach }, Attach{Mode: AttachOff}},
		{"dedup.attach", "auto", func(c Config) any { return c.Dedup.Attach }, Attach{Mode: AttachAuto}},
		{"dedup.attach", "0.97", func(c Config) any { return c.Dedup.Attach }, Attach{AttachFixed, .97}},
		{"dedup.embeddings_url", "http://127.0.0.1:11434/", func(c Config) any { return c.Dedup.EmbeddingsURL }, "http://127.0.0.1:11434"},
		{"dedup.embeddings_model", "nomic-embed-text", func(c Config) any { return c.Dedup.EmbeddingsModel }, "nomic-embed-text"},
		{"followups.settle", "90s", func(c Config) any { return c.Followups.Settle }, 90 * time.Second},
		{"followups.settle", "0s", func(c Config) any { return c.Followups.Settle }, time.Duration(0)},
		{"followups.window", "0", func(c Config) any { return c.Followups.Window }, time.Duration(0)},
		{"followups.window", `""`, func(c Config) any { return c.Followups.Window }, time.Duration(0)},
		{"followups.window", "", func(c Config) any { return c.Followups.Window }, time.Duration(0)},
		{"followups.daily_limit", `""`, func(c Config) any { return c.Followups.DailyLimit }, 0},
		{"followups.quiet_hours", "22:30-07:05", func(c Config) any { return c.Followups.QuietHours },
			QuietHours{22*time.Hour + 30*time.Minute, 7*time.Hour + 5*time.Minute}},
		{"followups.quiet_hours", "00:00-06:00", func(c Config) any { return c.Followups.QuietHours.String() }, "00:00-06:00"},
		{"followups.time_zone", "Asia/Shanghai", func(c Config) any { return c.Followups.Zone().String() }, "Asia/Shanghai"},
		{"followups.quiet_hours", `""`, func(c Config) any { return c.Followups.QuietHours.IsZero() }, true},
		{"cron.backup", `""`, func(c Config) any { return c.Cron.Backup }, ""},
		{"cron.doctor", "CRON_TZ=UTC 0 5 * * 1", func(c Config) any { return c.Cron.Doctor }, "CRON_TZ=UTC 0 5 * * 1"},
		{"log.level", "debug", func(c Config) any { return c.Log.Level }, slog.LevelDebug},
	} {
		section, name, _ := strings.Cut(c.key, ".")
		cfg, err := Load(write(t, section+":\n  "+name+": "+c.value+"\n"), nil)
		if err != nil || c.got(cfg) != c.want {
			t.Errorf("%s: %s: got %v, want %v (%v)", c.key, c.value, c.got(cfg), c.want, err)
		}
	}
}

func TestWrongValuesAreRefusedByKeyAndLine(t *testing.T) {
	for key, values := range map[string][]string{
		"server.addr":                {`""`, "8080", "localhost", "h:70000", "h:http"},
		"server.public_url":          {"f.example.com", "ftp://f", "https://f/x", "https://u:p@f", "http://"},
		"server.trusted_proxies":     {"proxy.example.com", "10.0.0.0/33", "10.0.0.1,", "10.0.0.1 10.0.0.2", "10.0.0.1:80", "0.0.0.0/0", "'::/0'", "fe80::1%eth0"},
		"server.metrics_addr":        {"9090"},
		"database.url":               {`""`, "'sqlite:'", "'sqlite::memory:'", "mysql://h/n", "heed.db"},
		"mail.smtp_url":              {"mail.example.com:25", "http://h", "smtp://"},
		"mail.from":                  {`""`, "nobody", "a@b, c@d"},
		"mail.connections":           {"0", "21", "two", "1.5"},
		"github.token":               {`" ghp_x"`, `"a\nb"`},
		"github.app_id":              {"heed", "0", "-7", "Iv1.8a61f9b3a7aba766"},
		"github.private_key_file":    {"none.pem", "'.'", "config_test.go", `"-----BEGIN RSA PRIVATE KEY-----\nhunter2"`},
		"github.repository":          {"heed", "a/b/c", "https://github.com/a/b"},
		"attachments.max_mb":         {"0", "21", "5MB", `""`},
		"attachments.per_suggestion": {"0", "101", "many"},
		"github.on_completed":        {"close", "Hold", `""`},
		"github.milestones":          {"yes", "Create"},
		"github.on_merged":           {"shipped", "hold"},
		"dedup.attach":               {"on", "0", "1", "1.5", "-1", "NaN", `""`, "false"},
		"dedup.embeddings_url":       {"127.0.0.1:9000", "ftp://h/v1", "http://u:p@h/v1", "http://h/v1?key=x"},
		"dedup.embeddings_model":     {`""`, `" bge-m3"`, `"a\nb"`},
		"dedup.embeddings_key":       {`" k"`},
		"followups.settle":           {"5", "5 minutes", "-5m", "721h"},
		"followups.daily_limit":      {"-1", "many"},
		"followups.time_zone":        {"Mars/Olympus", "../etc"},
		"followups.quiet_hours":      {"21-8", "21:00", "25:00-08:00", "21:00-21:00"},
		"cron.deliver":               {"every minute", "'* * * *'", "'@every 0s'", "'@every 100ms'", "'@reboot'", "TZ=UTC", "0 0 30 2 *", "CRON_TZ=Mars/Phobos 0 0 * * *"},
		"i18n.default_locale":        {"fr", `""`},
		"secrets.key_file":           {`""`},
		"log.level":                  {"loud"},
		"log.format":                 {"xml"},
		"followups.window":           {"[5m]", "{a: 1}"},
	} {
		section, name, _ := strings.Cut(key, ".")
		for _, v := range values {
			_, err := Load(write(t, "# first\n"+section+":\n  "+name+": "+v+"\n"), nil)
			ps, ok := err.(Problems)
			if !ok || len(ps) != 1 || ps[0].Line != 3 || ps[0].Key != key || ps[0].Allowed == "" {
				t.Errorf("%s: %s: %v", key, v, err)
			}
		}
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	path := write(t, `server:
  adr: x
  addr: nowhere
servr: {}
mail:
  connections: 99
  connections: 3
  addr: 1
followups: soon
database:
  url: mysql://heed:hunter2@db/heed
entirely_different: 1
`)
	_, err := Load(path, []string{
		"PATH=/bin", "HEED_URL=http://h", "HEED_TOKEN=t", "HEED_TEST_POSTGRES=x",
		"HEED_LOG__LEVEL=loud", "HEED_SERVER_ADDR=1", "HEED_GITHUB__TOKN=hunter3", "HEED_MAIL__SMTP_URL=http://u:hunter4@h", "HEED_GITHUB__APP_ID=heed", "HEED_GITHUB__PRIVATE_KEY_FILE=-----BEGIN RSA PRIVATE KEY-----hunter5",
	})
	ps, ok := err.(Problems)
	if !ok {
		t.Fatal(err)
	}
	want := []string{
		"config.yaml:2: server.adr: is no key; did you mean server.addr?",
		`config.yaml:3: server.addr: "nowhere" is not a host and a port; allowed: HOST:PORT such as 127.0.0.1:8080`,
		"config.yaml:4: servr: is no key; did you mean server?",
		`config.yaml:6: mail.connections: "99" is out of range; allowed: a whole number from 1 to 20`,
		"config.yaml:7: mail.connections: stands a second time; the first is on line 6",
		"config.yaml:8: mail.addr: is no key; did you mean server.addr?",
		"config.yaml:9: followups: is a section: its keys stand indented below it",
		"config.yaml:11: database.url: the value is neither of them; allowed: sqlite:PATH or postgres://USER@HOST/NAME",
		"config.yaml:12: entirely_different: is no key",
		`HEED_LOG__LEVEL: log.level: "loud" is not one of them; allowed: debug, info, warn or error`,
		"HEED_SERVER_ADDR: is no variable of Heed; did you mean HEED_SERVER__ADDR?",
		"HEED_GITHUB__TOKN: is no variable of Heed; did you mean HEED_GITHUB__TOKEN?",
		"HEED_MAIL__SMTP_URL: mail.smtp_url: the value does not begin with smtp:// or smtp+starttls:// or smtps://; allowed: smtp://HOST:PORT, smtp+starttls://… or smtps://…; empty: mail is kept",
		`HEED_GITHUB__APP_ID: github.app_id: "heed" is not the number of an App; allowed: the number that GitHub shows as App ID on the App's page; empty: none`,
		"HEED_GITHUB__PRIVATE_KEY_FILE: github.private_key_file: the value names no file that Heed can read; allowed: the name of the file with the App's private key, as GitHub gives it (PEM, RSA); empty: none",
	}
	for i := range max(len(ps), len(want)) {
		var g, w string
		if i < len(ps) {
			g = strings.TrimPrefix(ps[i].String(), filepath.Dir(path)+"/")
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("problem %d\n got %s\nwant %s", i, g, w)
		}
	}
	if s := err.Error(); strings.Contains(s, "hunter") || strings.Count(s, "\n") != len(want) {
		t.Errorf("a secret in, or not one line each:\n%s", s)
	}
}

func TestBrokenFilesAreSaid(t *testing.T) {
	for text, part := range map[string]string{
		"cron:\n  sla: @every 5s\n": "config.yaml:2: cannot be read: found character that cannot start any token (values that begin with @ or * need quotes)",
		"server:\n\taddr: x\n":      "config.yaml:2: cannot be read",
		"- a\n":                     "sections",
		"server: {}\n---\nlog: {}":  "more than one document",
		"server: &a {}\n? [x]\n: 1": "is no key",
	} {
		if _, err := Load(write(t, text), nil); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v, want %q", text, err, part)
		}
	}
	if _, err := Load(t.TempDir(), nil); err == nil {
		t.Error("a folder was read as a file")
	}
}

func TestVariablesWinOverTheFile(t *testing.T) {
	path := write(t, "followups: {settle: 1m, quiet_hours: '20:00-07:00'}\nserver: {addr: '127.0.0.1:1'}\n")
	c, err := Load(path, []string{"HEED_FOLLOWUPS__SETTLE=0s", "HEED_FOLLOWUPS__QUIET_HOURS=", "HEED_CRON__GITHUB_RECENT=@every 1s", "HEED_SERVER__ADDR=127.0.0.1:2"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Followups.Settle != 0 || !c.Followups.QuietHours.IsZero() || c.Cron.GitHubRecent != "@every 1s" || c.Server.PublicURL != "http://127.0.0.1:2" {
		t.Errorf("%+v", c)
	}
}

func TestLogsShowEveryKeyAndNoSecret(t *testing.T) {
	c, err := Load("", []string{
		"HEED_DATABASE__URL=postgres://heed:hunter2@db/heed?sslpassword=hunter3&sslmode=require",
		"HEED_MAIL__SMTP_URL=smtps://u:hunter4@relay", "HEED_GITHUB__TOKEN=hunter5", "HEED_GITHUB__WEBHOOK_SECRET=hunter6",
	})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c)
	for name, s := range map[string]string{"slog": log.String(), "fmt": fmt.Sprintf("%v %+v %s", c, c, c)} {
		if strings.Contains(s, "hunter") {
			t.Errorf("%s shows a secret: %s", name, s)
		}
		for _, part := range []string{"heed:***@db", "sslmode=require", "u:***@relay", "21:00-08:00"} {
			if !strings.Contains(s, part) {
				t.Errorf("%s lacks %q: %s", name, part, s)
			}
		}
	}
	for _, k := range c.keys() {
		if !strings.Contains(log.String(), "config."+k.name+"=") {
			t.Errorf("the log lacks %s", k.name)
		}
	}
	if s := log.String(); !strings.Contains(s, "token=***") || strings.Contains(s, "app_id=***") {
		t.Errorf("set and unset secrets look alike: %s", s)
	}
}
