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
	roomWaste  = 128 << 20 // bytes of garbage that need not be collected yet
	wasteMost  = 300       // percent of what is alive
	roomLook   = 30 * time.Second
)

// boundMemory keeps the collector from letting the heap grow to twice what is
// alive, which matters once the index is large: up to roomWanted nothing is
// waited for, beyond it the heap grows by a fifth. While little is alive, it lets
// roomWaste come together before it collects: that halves its work while many are
// written to. GOMEMLIMIT and GOGC, where an operator has set one, hold instead.
func boundMemory(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return
	}
	tick := time.NewTicker(roomLook)
	defer tick.Stop()
	defer debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for {
		live := alive()
		debug.SetMemoryLimit(max(roomWanted, int64(roomOver*float64(live))))
		debug.SetGCPercent(int(min(max(100, 100*roomWaste/max(live, 1)), wasteMost)))
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
