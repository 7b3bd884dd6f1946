package verify

import (
	"fmt"
	"math"

	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/internal/npy"
)

// checkAccuracy classifies by the float head behind the quantized layers. It fails where a class is not the recorded one.
// inferred is what the float model makes of the sequences.
func (r *caseRun) checkAccuracy(path string, inferred []*golden.FloatResult, last [][]int16, positions []int, recorded [][]float64) (*Check, error) {
	labels, err := readLabels(path, len(last))
	if err != nil {
		return nil, err
	}
	float, err := golden.NewFloat(r.net, nil)
	if err != nil {
		return nil, err
	}
	check := &Check{Name: NameAccuracy, Title: "classes of the test sequences", Against: path, Verdict: Pass, Compared: int64(len(labels))}
	activation := r.net.Head[len(r.net.Head)-1].Activation
	quantizedRight, floatRight, same := 0, 0, 0
	for i, label := range labels {
		h := make([]float64, len(last[i]))
		for k, q := range last[i] {
			h[k] = fixed.Real(int64(q), positions[k])
		}
		class := classOf(lastRow(float.HeadOf(h, h)), activation)
		floatClass := classOf(lastRow(inferred[i].Head), activation)
		quantizedRight += count(int64(class) == label)
		floatRight += count(int64(floatClass) == label)
		same += count(class == floatClass)
		if recorded != nil && class != classOf(recorded[i], "") {
			check.Wrong++
		}
	}
	total := float64(len(labels))
	check.Findings = []string{fmt.Sprintf("accuracy %.2f %% quantized, %.2f %% float, the same class for %.2f %%",
		100*float64(quantizedRight)/total, 100*float64(floatRight)/total, 100*float64(same)/total)}
	if recorded == nil {
		check.Informative = true
		return check, nil
	}
	if want := r.QuantizedAccuracy; want != nil && math.Abs(*want-float64(quantizedRight)/total) > 1e-9 {
		check.Verdict = Fail
		check.Findings = append(check.Findings, fmt.Sprintf("the recorded accuracy is %.2f %%", 100**want))
	}
	if check.Wrong > 0 {
		check.Verdict = Fail
		check.Findings = append(check.Findings, fmt.Sprintf("%s not the recorded ones", plural(check.Wrong, "class")))
	}
	return check, nil
}

func readLabels(path string, count int) ([]int64, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, err
	}
	labels, err := array.Int64s()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(array.Shape) != 1 || len(labels) != count {
		return nil, fmt.Errorf("%s has shape %v; a label for each of the %d sequences is wanted", path, array.Shape, count)
	}
	return labels, nil
}

// classOf is the place of the largest value. A single value says yes (1) or no (0): a probability above one half where a
// sigmoid yields it, a positive number otherwise.
func classOf(values []float64, activation string) int {
	if len(values) == 1 {
		middle := 0.0
		if activation == "sigmoid" {
			middle = 0.5
		}
		return count(values[0] > middle)
	}
	at := 0
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
