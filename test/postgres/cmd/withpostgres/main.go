//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/heedhq/heed/test/peer"
	"github.com/heedhq/heed/test/postgres"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withpostgres -- COMMAND [ARGUMENTS]")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
	}
	os.Exit(code)
}

// run gives the exit code to end with; an error beside it has to be told.
func run(args []string) (int, error) {
	// From before the start, so that an interrupt never leaves a server behind.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	environment := withoutVariable(os.Environ())
	server, err := postgres.Start(postgres.Options{})
	switch {
	case errors.Is(err, postgres.ErrNotInstalled) && !peer.Required("postgres"):
		fmt.Fprintf(os.Stderr, "withpostgres: %v: RUNNING WITHOUT POSTGRES\n", err)
	case err != nil:
		return 1, err
	default:
		url, err := server.NewDatabase()
		if err != nil {
			return 1, errors.Join(err, server.Stop())
		}
		environment = append(environment, postgres.Variable+"="+url)
	}
	code, err := execute(args, environment, signals)
	if server != nil {
		err = errors.Join(err, server.Stop())
	}
	if err != nil && code == 0 {
		code = 1
	}
	return code, err
}

// execute hands signals on, so that the command ends first and in its own way.
func execute(args, environment []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment, os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("run %s: %w", args[0], err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have ended this very moment
		case err := <-done:
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() >= 0 {
				return exit.ExitCode(), nil
			}
			if err != nil {
				return 1, fmt.Errorf("run %s: %w", args[0], err)
			}
			return 0, nil
		}
	}
}

func withoutVariable(environment []string) []string {
	var out []string
	for _, e := range environment {
		if !strings.HasPrefix(e, postgres.Variable+"=") {
			out = append(out, e)
		}
	}
	return out
}
