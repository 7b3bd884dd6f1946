package kernel

// best is the routine set for the processor that this runs on.
func best() *routines { return available()[0] }
