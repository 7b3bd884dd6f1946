package kernel

// best is the routine set for the processor that this runs on, or a lesser one that the environment chooses. A choice that cannot
// be made is an error where a cell is prepared; here it is passed over.
func best() *routines {
	c, err := FromEnvironment()
	switch r, _ := c.routines(); {
	case err != nil:
		return available()[0]
	case r == nil:
		return generic
	default:
		return r
	}
}
