// Package isa is the instruction set of the RNN accelerator (DPURADR16L on the U25 card, DPURAHR16L on the U50 and U50LV):
// words of 128 bits in, typed instructions out, and back; a text form of them; and the rules that a stream has to keep.
//
// The layouts were read out of compiled models, all of whose words they decode and encode again without a bit left over. What
// the fields mean is proven by executing those models where this documentation says nothing else. Marks say where that is not so:
// [S] read in the sources of the vendor's older compiler and runtime only, [I] inferred, [?] not known. docs/accelerator.md has
// the whole account.
//
// The package is a leaf: it imports nothing of the project.
package isa
