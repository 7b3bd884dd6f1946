package main

import "runtime/debug"

// version is the module's version, with the commit where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	result := info.Main.Version
	if result == "" || result == "(devel)" {
		result = "devel"
	}
	return result
}
