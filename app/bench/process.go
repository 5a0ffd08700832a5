package bench

import (
	"bytes"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync"
	"time"
)

const sampleEvery = 50 * time.Millisecond

// rss is the resident size of this process in bytes: the kernel's word where
// there is /proc, else what the runtime has taken and not given back.
func rss() int64 {
	if b, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := bytes.Cut(b, []byte("VmRSS:"))
		if f := bytes.Fields(rest); len(f) > 0 {
			if kb, err := strconv.ParseInt(string(f[0]), 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// cpuSeconds is the CPU time this process has used; false where there is no
// /proc.
func cpuSeconds() (float64, bool) {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, false
	}
	_, rest, _ := bytes.Cut(b, []byte(") ")) // behind the name, which may hold anything
	f := bytes.Fields(rest)
	if len(f) < 13 {
		return 0, false
	}
	user, err := strconv.ParseFloat(string(f[11]), 64)
	system, err2 := strconv.ParseFloat(string(f[12]), 64)
	return (user + system) / ticksPerSecond, err == nil && err2 == nil
}

// ticksPerSecond is Linux's USER_HZ, the same on every platform Go runs on.
const ticksPerSecond = 100

// settledRSS is rss after what can be given back was.
func settledRSS() int64 {
	debug.FreeOSMemory()
	return rss()
}

// watch samples the resident size until the returned function is called, which
// says what it was at most.
func watch() (peak func() int64) {
	most, stop := rss(), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				most = max(most, rss())
			}
		}
	})
	return func() int64 {
		close(stop)
		wg.Wait()
		return max(most, rss())
	}
}
