//go:build !(goexperiment.simd && amd64)

package encoder

// bestKernel returns the fastest kernel this build has.
func bestKernel() kernel { return plain{} }
