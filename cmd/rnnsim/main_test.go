package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// update rewrites recorded outputs (scripts, README.md) with what the program prints now.
var update = flag.Bool("update", false, "rewrite recorded outputs")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rnnsim": main, "measured": measured})
}

// linkVectors makes the shipped cases reachable as vectors/ in a folder where commands are run.
func linkVectors(workDir string) error {
	vectors, err := shippedVectors()
	if err != nil {
		return err
	}
	return os.Symlink(vectors, workDir+"/vectors")
}
