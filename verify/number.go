package verify

import "rnnsim/internal/words"

func grouped(n int64) string             { return words.Grouped(n) }
func plural(n int64, noun string) string { return words.Plural(n, noun) }
