// Package fault is the datapath with one thing wrong.
//
// A Fault is one mistake that a design of this kind can have: a quantization point that rounds where it should floor, a table
// whose index is off by one, a bias that is added before the shift, a state that comes a step late. Catalogue lists those that a
// model's cells can have; a Datapath computes the model with some of them switched on. Without a fault it computes what the
// simulator and the exact reference compute, in a third way: as a list of nodes whose every property is a field that a
// fault can set.
//
// A Follower walks along a recorded run and computes nodes from what was recorded for the nodes that they read, so that a
// fault shows in the nodes that it touches and nowhere else. Diagnosis searches recorded runs for faults with it; the grading of
// stimuli runs whole sequences.
package fault
