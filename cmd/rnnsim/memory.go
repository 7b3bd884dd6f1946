package main

import "runtime"

// ballast is memory that is reserved and never touched, and so takes none. The collector, which runs whenever memory has doubled, takes it
// for memory in use: it runs first at 24 MB instead of again and again from four on, which is much of what a short
// command does. What a long one needs is what it needs without.
func ballast() (release func()) {
	const bytes = 12 << 20
	reserved := make([]byte, bytes)
	return func() { runtime.KeepAlive(reserved) }
}
