package fixed

import "testing"

func TestTablesMatchTheRecordedExtremes(t *testing.T) {
	// spec: sigmoid runs from 11 to 32757, tanh from -32746 to 32746.
	if got := [4]int16{Sigmoid.Entries[0], Sigmoid.Entries[2047], Tanh.Entries[0], Tanh.Entries[2047]}; got[0] != 11 || got[1] != 32757 || got[2] != -32746 {
		t.Fatalf("table ends %v", got)
	} else {
		t.Log(got)
	}
}
