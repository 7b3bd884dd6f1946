package dump

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	npzSuffix   = ".npz"
	framePrefix = "frame_"
)

// frameNumber reads the name of a frame's folder, frame_<k>.
func frameNumber(name string) (int, error) {
	digits, ok := strings.CutPrefix(name, framePrefix)
	k, err := strconv.Atoi(digits)
	if !ok || err != nil || k < 0 || strconv.Itoa(k) != digits {
		return 0, fmt.Errorf("%q is no frame's folder, %s<number>", name, framePrefix)
	}
	return k, nil
}

// fileStem is the quantizer's way from a name to a file: every character but digits and letters becomes "_".
func fileStem(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, name)
}
