package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"
)

// buildIdentity tells this program from any other whose results may differ: its version, and where that is of a tree in work, the
// digest of the program too.
func buildIdentity(program string) (string, error) {
	v := version()
	if v != "devel" && v != "unknown" && !strings.Contains(v, "+dirty") {
		return v, nil
	}
	file, err := os.Open(program)
	if err != nil {
		return "", fmt.Errorf("tell this program from others: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("tell this program from others: %w", err)
	}
	return fmt.Sprintf("%s %x", v, sum.Sum(nil)), nil
}
