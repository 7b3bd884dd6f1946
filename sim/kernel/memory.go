package kernel

import (
	"bytes"
	"unsafe"
)

// aligned makes a slice that starts on a cache line.
func aligned[T int8 | int16 | int32](n int) []T {
	const line = 64
	size := int(unsafe.Sizeof(T(0)))
	s := make([]T, n+line/size)
	skip := 0
	if off := int(uintptr(unsafe.Pointer(unsafe.SliceData(s))) % line); off != 0 {
		skip = (line - off) / size
	}
	return s[skip : skip+n : skip+n]
}

// containsLowest says whether -128 is among x.
func containsLowest(x []int8) bool {
	return bytes.IndexByte(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)), 1<<7) >= 0
}
