//go:build unix

package peer

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestKillEndsTheWholeGroup(t *testing.T) {
	var out strings.Builder
	cmd := exec.Command("sh", "-c", "sleep 300 & echo $!; wait")
	cmd.Stdout = &out
	c, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	c.Kill()
	if c.Running() {
		t.Error("still running after Kill")
	}
	grandchild, err := strconv.Atoi(strings.TrimSpace(out.String()))
	if err != nil {
		t.Fatalf("no id of the grandchild in %q", out.String())
	}
	deadline := time.Now().Add(5 * time.Second)
	for alive(grandchild) {
		if time.Now().After(deadline) {
			t.Fatalf("grandchild %d outlived the group", grandchild)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive reads a zombie as dead: in a container nobody may reap it.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestTerminateTellsAStubbornChildFromAnOrderlyOne(t *testing.T) {
	for _, c := range []struct {
		name, script string
		stubborn     bool
		code         int
	}{
		{"ends with its own code", "trap 'exit 7' TERM; while :; do sleep 0.05; done", false, 7},
		{"ignores the signal", "trap '' TERM; while :; do sleep 0.05; done", true, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			child, err := Start(exec.Command("sh", "-c", c.script))
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(200 * time.Millisecond)
			err = child.Terminate(syscall.SIGTERM, time.Second)
			if (err != nil) != c.stubborn {
				t.Errorf("Terminate: %v, want an error: %v", err, c.stubborn)
			}
			if got := child.ExitCode(); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
		})
	}
}

func TestRequiredReadsAList(t *testing.T) {
	t.Setenv(RequireVariable, "github, postgres")
	for name, want := range map[string]bool{"github": true, "postgres": true, "git": false, "": false} {
		if got := Required(name); got != want {
			t.Errorf("Required(%q) = %v, want %v", name, got, want)
		}
	}
}
