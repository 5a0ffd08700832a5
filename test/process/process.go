//go:build unix

package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heedhq/heed/test/peer"
)

// Options of a process; the zero value is a fresh instance that sends no mail.
type Options struct {
	Env    map[string]string // HEED_SECTION__KEY and others; wins over what New sets
	Dir    string            // data, key and log; "" makes one that goes with the test
	SMTP   string            // mail.smtp_url, e.g. smtpsink's URL()
	Binary string            // "" means Build
	Demo   bool              // run `heed demo` instead of `heed serve`
}

const (
	readyWithin = 30 * time.Second
	stopWithin  = 30 * time.Second
)

// Process is one instance of heed. It is not for use by several goroutines, except
// for Try and URL.
type Process struct {
	URL    string        // server.public_url, the same after each start
	Dir    string        // working folder
	Token  string        // admin token, made at the first start
	Ready  time.Duration // from the last start to /readyz
	Binary string

	t       testing.TB
	command string
	env     []string
	client  *http.Client
	child   *peer.Child
}

// connections is how many idle connections Try keeps: enough that a test with many
// clients measures heed and not the opening of sockets.
const connections = 64

// New prepares an instance without starting it. At the test's end it is killed, and
// its log is printed when the test has failed.
func New(t testing.TB, opts Options) *Process {
	t.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	p := &Process{t: t, Dir: opts.Dir, Binary: opts.Binary, command: "serve", client: client}
	if opts.Demo {
		p.command = "demo"
	}
	if p.Dir == "" {
		p.Dir = t.TempDir()
	}
	if p.Binary == "" {
		p.Binary = Build(t)
	}
	server, metrics := freePort(t), freePort(t)
	p.URL = "http://" + server
	settings := map[string]string{
		"HEED_SERVER__ADDR":           server,
		"HEED_SERVER__PUBLIC_URL":     p.URL,
		"HEED_SERVER__METRICS_ADDR":   metrics,
		"HEED_DATABASE__URL":          "sqlite:" + filepath.Join(p.Dir, "heed.db"),
		"HEED_SECRETS__KEY_FILE":      filepath.Join(p.Dir, "key"),
		"HEED_MAIL__FROM":             "Heed <heed@example.test>",
		"HEED_FOLLOWUPS__SETTLE":      "0s",
		"HEED_FOLLOWUPS__WINDOW":      "0s",
		"HEED_FOLLOWUPS__DAILY_LIMIT": "0",
		"HEED_FOLLOWUPS__QUIET_HOURS": "",
	}
	if opts.SMTP != "" {
		settings["HEED_MAIL__SMTP_URL"] = opts.SMTP
	}
	maps.Copy(settings, opts.Env)
	p.env = environment(settings)
	t.Cleanup(p.cleanup)
	return p
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := peer.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// environment is the caller's, without its HEED_… variables, plus the settings.
func environment(settings map[string]string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "HEED_") {
			env = append(env, e)
		}
	}
	for k, v := range settings {
		env = append(env, k+"="+v)
	}
	return env
}

// Setenv changes one setting from the next start or CLI call on.
func (p *Process) Setenv(key, value string) { p.env = append(p.env, key+"="+value) }

// Start runs `heed serve` (or demo), waits for /readyz and, the first time, makes the token.
func (p *Process) Start() *Process {
	p.t.Helper()
	p.StartWithoutToken()
	if p.Token == "" {
		var made struct{ Token string }
		out := p.CLI("token", "create", "--name", "test", "--kind", "member", "--scopes", "admin", "--json")
		if err := json.Unmarshal([]byte(out), &made); err != nil || made.Token == "" {
			p.t.Fatalf("heed token create said %q (%v)", out, err)
		}
		p.Token = made.Token
	}
	return p
}

// StartWithoutToken is Start for a test that wants to see the very first state.
func (p *Process) StartWithoutToken() {
	p.t.Helper()
	if p.Running() {
		p.t.Fatal("heed is running already")
	}
	log, err := os.OpenFile(p.logFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close() // the child has its own handle
	cmd := exec.Command(p.Binary, p.command)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.Dir, p.env, log, log
	began := time.Now()
	if p.child, err = peer.Start(cmd); err != nil {
		p.t.Fatal(err)
	}
	for !p.answers("/readyz") {
		if !p.Running() {
			p.t.Fatalf("heed %s ended with exit code %d before it was ready", p.command, p.child.ExitCode())
		}
		if time.Since(began) > readyWithin {
			p.t.Fatalf("heed %s is not ready after %s", p.command, readyWithin)
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.Ready = time.Since(began)
}

func (p *Process) answers(path string) bool {
	res, err := p.client.Get(p.URL + path)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Running says whether the process has been started and has not ended.
func (p *Process) Running() bool { return p.child != nil && p.child.Running() }

// Kill is SIGKILL: nothing in flight is finished.
func (p *Process) Kill() {
	p.t.Helper()
	if !p.Running() {
		p.t.Fatal("heed is not running, so there is nothing to kill")
	}
	p.child.Kill()
}

// Stop is SIGTERM; heed must finish and exit with 0.
func (p *Process) Stop() {
	p.t.Helper()
	if !p.Running() {
		p.t.Fatal("heed is not running, so there is nothing to stop")
	}
	if err := p.child.Terminate(syscall.SIGTERM, stopWithin); err != nil {
		p.t.Fatal(err)
	}
	if code := p.child.ExitCode(); code != 0 {
		p.t.Fatalf("heed %s ended with exit code %d after SIGTERM, want 0", p.command, code)
	}
}

// Restart stops it in an orderly way and starts it again on the same data and port.
func (p *Process) Restart() {
	p.t.Helper()
	p.Stop()
	p.Start()
}

// CLI runs `heed args…` with the same settings and gives its standard output; the
// test fails unless it exits with 0.
func (p *Process) CLI(args ...string) string {
	p.t.Helper()
	out, said, code := p.TryCLI("", args...)
	if code != 0 {
		p.t.Fatalf("heed %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, said)
	}
	return out
}

// TryCLI runs `heed args…` with that standard input and gives what it said and its
// exit code: 0 ok, 1 failed, 2 usage. HEED_URL and HEED_TOKEN are set.
func (p *Process) TryCLI(stdin string, args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command(p.Binary, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.Dir, strings.NewReader(stdin), &out, &said
	cmd.Env = append(p.env[:len(p.env):len(p.env)], "HEED_URL="+p.URL, "HEED_TOKEN="+p.Token)
	child, err := peer.Start(cmd)
	if err != nil {
		p.t.Fatal(err)
	}
	code = child.ExitCode()
	return out.String(), said.String(), code
}

// RSS is the resident memory in bytes.
func (p *Process) RSS() int64 {
	p.t.Helper()
	if !p.Running() {
		p.t.Fatal("heed is not running, so it has no memory")
	}
	kib, err := residentKiB(p.child.PID())
	if err != nil {
		p.t.Fatalf("ask for the memory of heed: %v", err)
	}
	return kib << 10
}

// residentKiB asks Linux's /proc, and ps elsewhere.
func residentKiB(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err == nil {
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
				return strconv.ParseInt(fields[1], 10, 64)
			}
		}
	}
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
}

// Log is everything the process has printed so far, over all its starts.
func (p *Process) Log() string {
	p.t.Helper()
	said, err := os.ReadFile(p.logFile())
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(said)
}

func (p *Process) logFile() string { return filepath.Join(p.Dir, "log") }

// lastOfLog is how much of the log a failing test prints, in bytes.
const lastOfLog = 32 << 10

func (p *Process) cleanup() {
	if p.Running() {
		p.child.Kill()
	}
	if p.t.Failed() {
		said := p.Log()
		p.t.Logf("log of heed in %s:\n%s", p.Dir, said[max(0, len(said)-lastOfLog):])
	}
}
