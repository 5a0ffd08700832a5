package app

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	roomWanted = 800 << 20 // bytes in which a million suggestions shall fit
	roomOver   = 1.2       // of what is alive, where that is more
	roomLook   = 30 * time.Second
)

// boundMemory keeps the collector from letting the heap grow to twice what is
// alive, which matters once the index is large: up to roomWanted nothing is
// waited for, beyond it the heap grows by a fifth. GOMEMLIMIT, where an
// operator has set it, holds instead.
func boundMemory(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	tick := time.NewTicker(roomLook)
	defer tick.Stop()
	defer debug.SetMemoryLimit(math.MaxInt64)
	for {
		debug.SetMemoryLimit(max(roomWanted, int64(roomOver*float64(alive()))))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// alive is what the last collection left, in bytes.
func alive() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
