package export_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
)

// A device's waveform: a clock, a valid that stays up, an array, a packed vector, and a bit range without a space.
const deviceVCD = `$date today $end
$timescale 1ps $end
$scope module tb $end
$var wire 1 ! clk $end
$var wire 1 " done $end
$var wire 1 # start $end
$scope module dut $end
$var wire 8 $ x[0] [7:0] $end
$var wire 8 % x[1][7:0] $end
$var wire 32 & h[31:0] $end
$var real 64 ' temperature $end
$upscope $end
$upscope $end
$enddefinitions $end
$dumpvars
0! 0" x# bx $ bx % bx &
$end
#5 1!
#10 0! 1" 1# b1 $ b10000000 % b11111111111111110000000000000001 & r1.5 '
#15 1! b1111 $
$comment the flip-flop has seen 1, not 15 $end
#20 0! 0#
#25 1! b0 &
#30 0! 0"
#35 1! bx $
#40 0! 1" 1#
`

const deviceMap = `
# comment
sample = tb.clk rising
when = tb.done   # as the clock sees it
start = tb.start
input_0[*] = tb.dut.x[*]
h_next = tb.dut.h
`

func deviceHeader() dump.Header {
	return dump.Header{Cells: []dump.Cell{{Graph: "net", Nodes: []dump.Node{
		{Name: "input_0", Width: 2, Bits: 8, Position: 3},
		{Name: "it", Width: 2, Bits: 16, Position: 15},
		{Name: "h_next", Width: 2, Bits: 16, Position: 12},
	}}}}
}

func openDevice(text, signals string) (*export.VCDSource, error) {
	m, err := export.ParseSignalMap([]byte(signals))
	if err != nil {
		return nil, err
	}
	h := deviceHeader()
	return export.OpenVCD(strings.NewReader(text), export.VCDReadOptions{Map: m, Like: &h})
}

func TestADevicesWaveform(t *testing.T) {
	s, err := openDevice(deviceVCD, deviceMap)
	require.NoError(t, err)
	require.Equal(t, []string{"net.it"}, s.Left())
	frames, err := drain(s)
	require.NoError(t, err)
	require.Equal(t, []*dump.Frame{
		{Fixed: [][]int16{{1, -128}, {1, -1}}},
		{Step: 1, Fixed: [][]int16{{15, -128}, {1, -1}}},
	}, frames)

	// A step later the device shows what it has not driven.
	s, err = openDevice(deviceVCD+"#45 1!\n#50 0!\n", deviceMap)
	require.NoError(t, err)
	frames, err = drain(s)
	require.Len(t, frames, 2)
	require.ErrorContains(t, err, `node "input_0"[0] of sequence 1, step 0: signal "tb.dut.x[0]" has unknown bits`)
}

func TestMapsOfSignalsSayWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"form":         {"sample = tb.clk rising", "sample", "line 3"},
		"edge":         {"rising", "sideways", "rising, falling or change"},
		"no sample":    {"sample = tb.clk rising\n", "", "no line of sample"},
		"star":         {"x[*]", "x", "a star on both sides"},
		"twice":        {"h_next =", "input_0[1] =", "has these units already"},
		"no signal":    {"tb.done", "tb.nothing", `no signal "tb.nothing"`},
		"no node":      {"h_next", "h_last", `no node "h_last"`},
		"no graph":     {"sample", "graph = other\nsample", `no graph "other"`},
		"packed width": {"tb.dut.h", "tb.dut.x[0]", "no multiple"},
		"unit":         {"h_next =", "h_next[2] =", `node "h_next" has 2 units, and the map names unit 2`},
		"nothing":      {"input_0[*] = tb.dut.x[*]\nh_next = tb.dut.h", "it[*] = tb.dut.y[*]", "no node has a signal"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(deviceMap, c.from, c.to, 1)
			require.NotEqual(t, deviceMap, text)
			_, err := openDevice(deviceVCD, text)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := export.ParseSignalMap(nil)
	require.ErrorContains(t, err, "empty")
}

// A map need not name all units of a node, nor need the waveform have all that a star stands for.
func TestADevicesWaveformOfSomeUnits(t *testing.T) {
	for _, c := range []struct {
		from, to string
		units    []int
		values   [][]int16 // by frame
	}{
		{"input_0[*] = tb.dut.x[*]", "input_0[1] = tb.dut.x[1]", []int{1}, [][]int16{{-128}, {-128}}},
		{"input_0[*] = tb.dut.x[*]", "input_0[0] = tb.dut.x[0]", []int{0}, [][]int16{{1}, {15}}},
		{"input_0[*] = tb.dut.x[*]", "input_0[1] = tb.dut.x[0]\ninput_0[0] = tb.dut.x[1]", nil, [][]int16{{-128, 1}, {-128, 15}}},
		{"x[0] [7:0]", "z [7:0]", []int{1}, [][]int16{{-128}, {-128}}},
		{"x[1][7:0]", "x[01][7:0]", []int{0}, [][]int16{{1}, {15}}},
		{"x[1][7:0]", "x[2][7:0]", []int{0}, [][]int16{{1}, {15}}},
	} {
		s, err := openDevice(strings.Replace(deviceVCD, c.from, c.to, 1), strings.Replace(deviceMap, c.from, c.to, 1))
		require.NoError(t, err, c.to)
		n := s.Header().Cells[0].Nodes[0]
		if c.units == nil {
			require.Nil(t, n.Part, c.to)
		} else {
			require.Equal(t, &dump.Part{Units: c.units, Of: 2}, n.Part, c.to)
		}
		require.Len(t, c.values[0], n.Width)
		frames, err := drain(s)
		require.NoError(t, err)
		for i, f := range frames {
			require.Equal(t, c.values[i], f.Fixed[0], c.to)
		}
	}
}

func TestWaveformsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "cut off"},
		"text":        {"hello", "this is no VCD"},
		"section":     {"$scope module", "$end is missing"},
		"scope":       {"$upscope $end", "no scope is open"},
		"var":         {"$var wire 8 $end", "$var of 2 words"},
		"width":       {"$var wire -1 ! a $end", `width "-1"`},
		"definitions": {"$scope module a $end", "$enddefinitions"},
		"change":      {strings.Replace(deviceVCD, "b1111 $", "q1111 $", 1), `"q1111" is no value change`},
		"no value":    {strings.Replace(deviceVCD, "b1111 $", "b $", 1), `"b" is a value change without a value`},
		"too wide":    {strings.Replace(deviceVCD, "b1111 $", "b1111111111 $", 1), "a value of 10"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openDevice(c.text, deviceMap)
			if err == nil {
				_, err = drain(s)
			}
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "line ")
		})
	}
	_, err := export.OpenVCD(strings.NewReader(deviceVCD), export.VCDReadOptions{})
	require.ErrorContains(t, err, "--signals FILE")
	h := deviceHeader()
	_, err = export.OpenVCD(strings.NewReader(deviceVCD), export.VCDReadOptions{Like: &h})
	require.ErrorContains(t, err, "--signals FILE")
	m, err := export.ParseSignalMap([]byte(deviceMap))
	require.NoError(t, err)
	_, err = export.OpenVCD(strings.NewReader(deviceVCD), export.VCDReadOptions{Map: m})
	require.ErrorContains(t, err, "--model")
}

func FuzzOpenVCD(f *testing.F) {
	f.Add([]byte(deviceVCD), []byte(deviceMap))
	f.Add([]byte("$comment rnnsim-vcd {\"cells\":[{\"Graph\":\"net\",\"Nodes\":[{\"Name\":\"h\",\"Width\":1,\"Bits\":16}]}]} $end $scope module rnnsim $end $scope module net $end"+
		" $var wire 1 a frame $end $var wire 9 b sequence $end $var wire 9 c step $end $scope module h $end $var wire 16 d u0 $end $enddefinitions $end #0 0a b0 b b0 c b1 d #1 1a"), []byte(nil))
	f.Fuzz(func(t *testing.T, text, signals []byte) {
		h := deviceHeader()
		options := export.VCDReadOptions{Like: &h}
		if m, err := export.ParseSignalMap(signals); err == nil {
			options.Map = m
		} else if len(signals) == 0 {
			options = export.VCDReadOptions{}
		}
		s, err := export.OpenVCD(strings.NewReader(string(text)), options)
		if err != nil {
			return
		}
		frames, _ := drain(s)
		for _, f := range frames {
			for i, n := range s.Header().Cells[f.Cell].Nodes {
				require.Len(t, f.Fixed[i], n.Width)
			}
		}
	})
}
