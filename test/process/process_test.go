//go:build unix

package process

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The driver is tested on a program that keeps the documented contract: this test
// binary, told by a variable to play heed. What heed itself does is for its own tests.
const playHeed = "PLAY_HEED"

func TestMain(m *testing.M) {
	if mode := os.Getenv(playHeed); mode != "" {
		os.Exit(pretend(mode))
	}
	os.Exit(m.Run())
}

func pretend(mode string) int {
	switch {
	case len(os.Args) > 2 && os.Args[1] == "token":
		fmt.Println(`{"token":"secret-of-` + mode + `"}`)
		return 0
	case len(os.Args) > 1 && os.Args[1] == "suggest":
		text, err := io.ReadAll(os.Stdin)
		fmt.Printf("%s %s %s %v", os.Getenv("HEED_URL"), os.Getenv("HEED_TOKEN"), text, err)
		return 0
	case len(os.Args) < 2 || os.Args[1] != "serve" && os.Args[1] != "demo":
		fmt.Fprintln(os.Stderr, "usage")
		return 2
	}
	fmt.Println(os.Args[1]+" on", os.Getenv("HEED_DATABASE__URL"))
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"auth":%q,"body":%q,"method":%q,"err":%q,"foreign":%q}`, r.Header.Get("Authorization"), body, r.Method, fmt.Sprint(err), os.Getenv("HEED_LOG__LEVEL"))
	})
	go http.ListenAndServe(os.Getenv("HEED_SERVER__ADDR"), nil)
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	<-term
	fmt.Println("farewell")
	return 0
}

func start(t *testing.T, env map[string]string) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if env == nil {
		env = map[string]string{}
	}
	env[playHeed] = "test"
	return New(t, Options{Binary: self, Env: env, SMTP: "smtp://127.0.0.1:1"}).Start()
}

func TestStartMakesATokenAndCallsCarryIt(t *testing.T) {
	t.Setenv("HEED_LOG__LEVEL", "of the developer")
	p := start(t, nil)
	if p.Token != "secret-of-test" || p.Ready <= 0 || !p.Running() {
		t.Errorf("token %q, ready after %s, running %v", p.Token, p.Ready, p.Running())
	}
	got := p.Call("POST", "/api/v1/suggestions", map[string]string{"text": "深色模式"}).Want(t, 201).JSON(t)
	if got["auth"] != "Bearer secret-of-test" || got["body"] != `{"text":"深色模式"}` || got["method"] != "POST" {
		t.Errorf("the server saw %v", got)
	}
	if got["foreign"] != "" {
		t.Errorf("a HEED_ variable of the caller reached the process: %v", got["foreign"])
	}
	anonymous, err := p.Try("GET", "/", nil, map[string]string{"Authorization": ""})
	if err != nil || anonymous.JSON(t)["auth"] != "" {
		t.Errorf("without a token: %s (%v)", anonymous.Body, err)
	}
	if rss := p.RSS(); rss < 1<<20 || rss > 1<<30 {
		t.Errorf("RSS of %d bytes", rss)
	}
}

func TestKillLeavesNoFarewellAndStopDoes(t *testing.T) {
	p := start(t, nil)
	url, token := p.URL, p.Token
	p.Kill()
	if p.Running() || strings.Contains(p.Log(), "farewell") {
		t.Errorf("after Kill: running %v, log %q", p.Running(), p.Log())
	}
	if _, err := p.Try("GET", "/", nil, nil); err == nil {
		t.Error("a killed server answers")
	}
	p.Start()
	if p.URL != url || p.Token != token {
		t.Errorf("started again as %s with %s, want the same %s and token", p.URL, p.Token, url)
	}
	p.Restart()
	if n := strings.Count(p.Log(), "farewell"); n != 1 {
		t.Errorf("%d farewells in the log, want one from Restart:\n%s", n, p.Log())
	}
	if want := "sqlite:" + filepath.Join(p.Dir, "heed.db"); strings.Count(p.Log(), want) != 3 {
		t.Errorf("not three starts on %s:\n%s", want, p.Log())
	}
	p.Stop()
}

func TestCommandLine(t *testing.T) {
	p := start(t, nil)
	if out, _, code := p.TryCLI("from stdin", "suggest", "-"); code != 0 || out != p.URL+" "+p.Token+" from stdin <nil>" {
		t.Errorf("suggest: exit code %d, said %q", code, out)
	}
	if out, said, code := p.TryCLI("", "nonsense"); code != 2 || said != "usage\n" || out != "" {
		t.Errorf("nonsense: exit code %d, said %q and %q, want 2 and usage on stderr", code, out, said)
	}
}

func TestDemoRunsTheOtherCommand(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := New(t, Options{Binary: self, Demo: true, Env: map[string]string{playHeed: "test"}}).Start()
	if said := p.Log(); !strings.Contains(said, "demo on ") || strings.Contains(said, "serve on ") {
		t.Errorf("log %q", said)
	}
	p.Stop()
}

func TestOptionsWinOverDefaults(t *testing.T) {
	p := start(t, map[string]string{"HEED_DATABASE__URL": "postgres://elsewhere"})
	if !strings.Contains(p.Log(), "serve on postgres://elsewhere") {
		t.Errorf("log %q", p.Log())
	}
}

func TestBuild(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("%s is not the module: %v", root, err)
	}
	if _, err := os.Stat(filepath.Join(root, "main.go")); err != nil {
		t.Skipf("SKIPPED: %s has no main.go to build yet", root)
	}
	path := Build(t)
	if again := Build(t); again != path {
		t.Errorf("built twice: %s and %s", path, again)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("%s cannot be run: %v", path, err)
	}
}
