// Package verify judges a run: it compares streams of frames, finds the first divergence and says where it lies, what was
// there, what belonged there, and what led to it.
//
// Compare holds one stream of frames against another, whatever they come from; Lockstep does the same for two producers that
// run at the same time, so that no trace is stored. Replay judges a recorded run frame by frame from its own recorded inputs,
// so that an error shows where it arises and nowhere else. Run puts the checks of one model together and gives a Report, and
// RunCase does it for a recorded case, from its float model on.
//
// A verification that compared nothing never passes: its verdict is Nothing.
package verify
