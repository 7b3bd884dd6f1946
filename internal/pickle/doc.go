// Package pickle reads Python pickles (protocols 0 to 5) without being Python: it builds containers, numbers, text and the
// values that its caller knows how to make, and runs nothing.
//
// A pickle is a program for a stack machine. Its dangerous instruction is the call of a named function (REDUCE, INST, OBJ with
// arguments). Here a name is only a [Global], two strings. Called are the containers' own constructors, and the names that
// [Hooks.Call] knows; a call of anything else ends the reading with an error that says the name. An instance of an unknown
// class (NEWOBJ without a call) becomes an [Object]: its class's name and its attributes, and no more; so the weights of a
// whole pickled module can be had without the code that defined it.
//
// The reader is bounded: see [MaxOperations] and [MaxText]. Values may contain themselves, as in Python; who walks over them
// must bound the walk.
//
// The opcodes are those of CPython's pickletools. The package is a leaf: it imports nothing of the project.
package pickle
