//go:build unix

package main

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/heedhq/heed/test/peer"
	"github.com/heedhq/heed/test/postgres"
)

func TestTheCommandSeesADatabaseAndItsExitCodeCounts(t *testing.T) {
	server, err := postgres.Start(postgres.Options{})
	if errors.Is(err, postgres.ErrNotInstalled) {
		peer.Missing(t, "postgres", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(postgres.Variable, "postgres://inherited")
	out := filepath.Join(t.TempDir(), "out")
	code, err := run([]string{"sh", "-c", `echo "$` + postgres.Variable + `" > "$0"; exit 7`, out})
	if code != 7 || err != nil {
		t.Errorf("exit code %d (%v), want 7", code, err)
	}
	said, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(said), "postgres://heed@127.0.0.1:") {
		t.Errorf("the command saw %q (%v)", said, err)
	}
}

func TestExecute(t *testing.T) {
	signals := make(chan os.Signal, 1)
	defer signal.Stop(signals)
	for _, c := range []struct {
		name string
		args []string
		code int
		told bool
	}{
		{"success", []string{"true"}, 0, false},
		{"its own code", []string{"sh", "-c", "exit 3"}, 3, false},
		{"killed", []string{"sh", "-c", "kill -9 $$"}, 1, true},
		{"no such command", []string{"/no/such/command"}, 1, true},
	} {
		if code, err := execute(c.args, os.Environ(), signals); code != c.code || (err != nil) != c.told {
			t.Errorf("%s: %d (%v), want %d", c.name, code, err, c.code)
		}
	}
	signals <- syscall.SIGTERM
	if code, err := execute([]string{"sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.05; done"}, os.Environ(), signals); code != 5 && err == nil {
		t.Errorf("after a signal: %d (%v), want the command's 5 or its death", code, err)
	}
}
