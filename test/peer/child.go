//go:build unix

package peer

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"syscall"
	"time"
)

// Child is a running program that leads its own process group, so that whatever
// it starts ends with it. Make one with Start.
type Child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // what Wait said; set before done closes
}

// Start runs cmd in a process group of its own.
func Start(cmd *exec.Cmd) (*Child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	// A grandchild that keeps the output pipe open must not hang Wait for ever.
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	c := &Child{cmd: cmd, done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// PID is the process id, which is also the id of the group.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed once the child has ended and has been waited for.
func (c *Child) Done() <-chan struct{} { return c.done }

// ExitCode waits for the end and gives the exit code; -1 when a signal ended it.
func (c *Child) ExitCode() int {
	<-c.done
	return c.cmd.ProcessState.ExitCode()
}

// Running says whether the child has not ended yet.
func (c *Child) Running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Kill sends SIGKILL to the whole group and waits for the child's end.
func (c *Child) Kill() {
	if c.Running() {
		c.signalGroup(syscall.SIGKILL)
	}
	<-c.done
}

// Terminate sends sig to the child alone and waits. A child that has not ended
// within the patience is killed with its group, and that is an error.
func (c *Child) Terminate(sig syscall.Signal, patience time.Duration) error {
	if c.Running() {
		if err := c.cmd.Process.Signal(sig); err != nil && c.Running() {
			return fmt.Errorf("signal %d: %w", c.PID(), err)
		}
	}
	select {
	case <-c.done:
	case <-time.After(patience):
		c.Kill()
		return fmt.Errorf("process %d did not end within %s of %s", c.PID(), patience, sig)
	}
	var exit *exec.ExitError
	if c.err != nil && !errors.As(c.err, &exit) {
		return fmt.Errorf("wait for %d: %w", c.PID(), c.err)
	}
	return nil
}

// signalGroup is only called while the child has not been waited for, so its id
// cannot belong to anybody else yet.
func (c *Child) signalGroup(sig syscall.Signal) {
	// The only error is "no such process": it has just ended by itself.
	_ = syscall.Kill(-c.PID(), sig)
}

// FreePort gives a TCP port of 127.0.0.1 that nothing listens on at the moment.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
