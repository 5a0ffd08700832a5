package cli

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// progressEvery bounds how often a line is drawn again.
const progressEvery = 100 * time.Millisecond

// progress returns a function that draws how far some long work is, for calls
// one after the other. It draws on a terminal alone, on standard error.
func (e *env) progress(label string) func(done, total int) {
	f, ok := e.errs.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(_, _ int) {}
	}
	var last time.Time
	return func(done, total int) {
		now := time.Now()
		if done < total && now.Sub(last) < progressEvery {
			return
		}
		last = now
		end := ""
		if done >= total {
			end = "\n"
		}
		fmt.Fprintf(f, "\r%s  %d of %d  %d %%%s", label, done, total, 100*done/max(1, total), end)
	}
}
