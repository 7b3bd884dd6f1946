// Package directed finds stimuli that do a given thing: sequences that hit a bin of the coverage.
//
// The search climbs on the integer that the bin is about (how far a sum is from saturating, an index from a segment of its table, a state
// from an end): the nearest generated pattern is altered, and an alteration stays that does not lead away. Among the alterations
// are steps with the signs of a row of weights, which drive one unit of one gate as far as x can. The same seed finds the same.
package directed
