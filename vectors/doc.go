// Package vectors reads stimuli from files and generates them, and is the home of the cases that the project ships: digits-* are LSTMs and GRUs
// trained on handwritten digits, with their recorded quantization and dumps (see README.md in this folder).
package vectors
