//go:build unix

package peer

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

const (
	serving     = "serving: this process may be killed now\n"
	servesAfter = time.Minute
	abandoned   = 3 // the exit code
)

// Serving is what a test that plays a node says once it serves: Again waits for it. The node
// ends with whoever started it, also where that was killed itself.
func Serving() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // the starter holds its other end
		os.Exit(abandoned)
	}()
	os.Stdout.WriteString(serving)
}

// Again starts the caller's own test binary once more, at one test alone, and returns once
// that test calls Serving: a node of its own process, to be killed. env are variables
// ("NAME=value") besides the caller's own. What still runs at the caller's end is killed.
func Again(t testing.TB, test string, env ...string) *Child {
	t.Helper()
	h := &herald{serves: make(chan struct{})}
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), h, os.Stderr
	_, err := cmd.StdinPipe() // closed when either of the two ends
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	select {
	case <-h.serves:
	case <-c.Done():
		t.Fatalf("%s ended before it served:\n%s", test, h.said.String())
	case <-time.After(servesAfter):
		t.Fatalf("%s does not serve after %s", test, servesAfter)
	}
	return c
}

// herald is a child's standard output. It is written by one goroutine, which ends with
// the child.
type herald struct {
	said   bytes.Buffer
	once   sync.Once
	serves chan struct{}
}

func (h *herald) Write(b []byte) (int, error) {
	h.said.Write(b)
	if bytes.Contains(h.said.Bytes(), []byte(serving)) {
		h.once.Do(func() { close(h.serves) })
	}
	return len(b), nil
}

// Size is how large a test is: the number in the environment variable, or small without one.
func Size(t testing.TB, variable string, small int) int {
	t.Helper()
	given := os.Getenv(variable)
	if given == "" {
		return small
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s: not a number above 0", variable, given)
	}
	return n
}
