//go:build (!amd64 && !arm64) || purego

package kernel

// available is the routine sets that run here, best first.
func available() []*routines { return []*routines{generic} }
