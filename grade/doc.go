// Package grade says how good stimuli are at finding faults: their mutation score.
//
// The datapath is altered by one fault of package fault's catalogue at a time and run on the stimuli. A fault is noticed where a value
// differs: of any node, which a bench that compares traces sees, or of h of the last layer, which is all that a bench sees that
// compares outputs. For a fault that is not noticed there is an input that shows it, found by search and run to be sure, or a proof that no
// input can, or it stays open.
package grade
