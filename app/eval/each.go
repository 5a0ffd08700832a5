package eval

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls f for 0 to n−1 on every processor, and ends at the first error.
func each(ctx context.Context, progress func(done, total int), n int, f func(i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next, done atomic.Int64
	var shown sync.Mutex
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					stop(err)
					return
				}
				shown.Lock()
				progress(int(done.Add(1)), n)
				shown.Unlock()
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
