// Package suite runs many verifications as one: it reads a suite.yaml, gives each case to a process of its own, keeps each result
// in a file named by the digest of what determines it, and puts the results together into one summary. Suites can be split into
// shards, and the shards' results merged to the bytes that one machine would have given.
package suite
