package isa

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bitsOf is the slow twin of word128.get: the word as one large number.
func bitsOf(w Word, hi, lo int) int64 {
	n := new(big.Int)
	for i := WordSize - 1; i >= 0; i-- {
		n.Or(n.Lsh(n, 8), big.NewInt(int64(w[i])))
	}
	value := int64(0)
	for bit := hi; bit >= lo; bit-- {
		value = value<<1 | int64(n.Bit(bit))
	}
	return value
}

// anyInstruction draws an instruction whose fields take all values that they can hold.
func anyInstruction(t *rapid.T) Instruction {
	i := newInstruction(Unit(rapid.IntRange(0, int(Units)-1).Draw(t, "unit")))
	mask := rapid.IntRange(0, 1<<Units-1)
	*i.Dependencies() = Depends{On: Mask(mask.Draw(t, "on")), By: Mask(mask.Draw(t, "by"))}
	for _, f := range i.fields() {
		lowest, highest := f.limits()
		*f.value = rapid.OneOf(rapid.IntRange(lowest, highest), rapid.SampledFrom([]int{lowest, highest})).Draw(t, f.name)
	}
	return i
}

func TestEncodeAndDecodeAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInstruction(t)
		w, err := Encode(i)
		require.NoError(t, err)
		back, err := Decode(w)
		require.NoError(t, err)
		require.Equal(t, i, back)
		require.Equal(t, int64(i.Unit().Bit()), bitsOf(w, 127, 120))
		require.Equal(t, int64(i.Dependencies().On), bitsOf(w, 119, 112))
		require.Equal(t, int64(i.Dependencies().By), bitsOf(w, 111, 104))
		for _, f := range i.fields() {
			want := int64(*f.value)
			switch {
			case f.form == minusOne:
				want--
			case f.form == signed && want < 0:
				want += 1 << f.width()
			}
			require.Equal(t, want, bitsOf(w, f.hi, f.lo), "field %s", f.name)
		}
	})
}

func TestDecodeTakesEveryBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Word
		for i := range w {
			w[i] = rapid.Byte().Draw(t, "byte")
		}
		w[15] = 1 << rapid.IntRange(0, 7).Draw(t, "opcode")
		i, err := Decode(w)
		if err != nil {
			var f *FieldError
			require.ErrorAs(t, err, &f)
			return
		}
		back, err := Encode(i)
		require.NoError(t, err)
		require.Equal(t, w, back)
	})
}

func TestFieldsDoNotOverlap(t *testing.T) {
	for u := range Units {
		seen := map[int]string{}
		for _, f := range newInstruction(u).fields() {
			for bit := f.lo; bit <= f.hi; bit++ {
				assert.Less(t, bit, 104)
				assert.Empty(t, seen[bit], "%s: bit %d of %s", u, bit, f.name)
				seen[bit] = f.name
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	word := func(i Instruction, alter func(w *Word)) Word {
		w, err := Encode(i)
		require.NoError(t, err)
		alter(&w)
		return w
	}
	load := &Load{Length: 1}
	for _, c := range []struct {
		want string
		word Word
	}{
		{"field opcode: 0x00 is none of the seven", word(load, func(w *Word) { w[15] = 0 })},
		{"field opcode: 0x80 is none of the seven", word(load, func(w *Word) { w[15] = 0x80 })},
		{"field opcode: 0x03 is none of the seven", word(load, func(w *Word) { w[15] = 3 })},
		{"field on: 0x80 has a bit that is no unit's", word(load, func(w *Word) { w[14] = 0x80 })},
		{"field by: 0xff has a bit that is no unit's", word(load, func(w *Word) { w[13] = 0xff })},
		{"field reserved: bit 2 is set in a word of load", word(load, func(w *Word) { w[0] |= 4 })},
		{"field reserved: bit 103 is set in a word of end", word(&End{}, func(w *Word) { w[12] |= 0x80 })},
	} {
		_, err := Decode(c.word)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for want, i := range map[string]Instruction{
		"field len: 0 is outside 1 to 65536":          &Load{},
		"field bank: 256 is outside 0 to 255":         &Save{Length: 1, Bank: 256},
		"field trunc: 128 is outside -128 to 127":     &MatMul{VectorLength: 1, WeightSize: 1, Shift: 128},
		"field trunc: -33 is outside -32 to 31":       &Add{Addends: 2, Length: 1, Shift: -33},
		"field ddr_addr: -1 is outside 0 to 42949672": &Load{Length: 1, Address: -1},
		"field by: 0x80 has a bit":                    &End{Depends{By: 0x80}},
	} {
		_, err := Encode(i)
		assert.ErrorContains(t, err, want)
	}
}

func TestSegmentErrorsNameThePlace(t *testing.T) {
	good, err := Segment{Name: "loop", Words: []Instruction{&End{}, &End{}}}.Bytes()
	require.NoError(t, err)
	_, err = ParseSegment("loop", good[:31])
	require.EqualError(t, err, "segment loop: 31 bytes are no whole number of 16-byte words: 15 are left after word 0: unexpected EOF")
	good[17] = 1
	_, err = ParseSegment("loop", good)
	require.EqualError(t, err, "segment loop, word 1, field reserved: bit 8 is set in a word of end, which has no field there")
	_, err = Segment{Name: "init", Words: []Instruction{&Load{}}}.Bytes()
	require.EqualError(t, err, "segment init, word 0, field len: 0 is outside 1 to 65536")
	err = Segment{Name: "init", Words: []Instruction{&Load{Length: 1, Bank: 99}}}.Validate(U25, 1)
	require.EqualError(t, err, "segment init, word 0, field bank: bank 99 does not exist on U25 with batch 1")
}

func TestTextAndWordsAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInstruction(t)
		target := rapid.SampledFrom([]*Target{nil, U25, U50}).Draw(t, "target")
		text := Format(i, target)
		back, err := ParseText(text+" ; a remark", target)
		require.NoError(t, err, text)
		require.Equal(t, i, back, text)
	})
}

func TestAssembleRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"end":                             "line 1: \"end\": a segment has to begin first",
		".segment a\n.segment a":          "line 2: \".segment a\": .segment takes a name that no other segment has",
		".segment a\njump":                `line 2: "jump" is no mnemonic; load, save, mmul`,
		".segment a\nend on=load on=save": `line 2: "on=save": each field once`,
		".segment a\nend on=cpu":          `line 2: field on: "cpu" is no unit`,
		".segment a\nend len=4":           "line 2: field len: end has no such field",
		".segment a\nload bank=w1 len=1":  "line 2: field bank_addr: is missing",
		".segment a\nload bank=q bank_addr=0 len=1 ddr_addr=0":               `line 2: field bank: "q" is no bank`,
		".segment a\nload bank=0 bank_addr=0 len=x ddr_addr=0":               `line 2: field len: "x" is no number`,
		".segment a\nload lane=0 reg=4 op=1 step=64 bank_addr=0 len=1":       "line 2: field reg: 4 is outside 0 to 3",
		".segment a\nload lane=0 reg=1 op=1 bank_addr=0 len=1":               "line 2: field step: is missing beside lane",
		".segment a\nload lane=0 reg=1 op=1 step=2 bank=0 bank_addr=0 len=1": "line 2: field bank: 0: it follows from lane, reg, op and step",
		".segment a\n5:": `line 2: "5:" holds no instruction`,
	} {
		_, err := Assemble(strings.NewReader(text), U50)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want)
	}
	_, err := Assemble(strings.NewReader(strings.Repeat("x", longestLine+1)), nil)
	require.ErrorContains(t, err, "line 1: bufio.Scanner: token too long")
}

func FuzzDecode(f *testing.F) {
	for u := range Units {
		w := Word{15: byte(u.Bit())}
		f.Add(w[:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSegment("loop", data)
		if err != nil {
			return
		}
		back, err := s.Bytes()
		require.NoError(t, err)
		require.Equal(t, len(data), len(back))
		if len(data) > 0 {
			require.Equal(t, data, back)
		}
		for _, target := range Targets() {
			for _, core := range target.Cores {
				_ = s.Validate(target, core.Batch)
			}
		}
	})
}

func FuzzAssemble(f *testing.F) {
	f.Add(".segment loop\n0: load bank=w3 bank_addr=0 len=4 ddr_addr=0x400 by=mmul ; weights\nload lane=0 reg=1 op=1 step=256 bank_addr=0 len=4")
	f.Add(".segment end\nend on=save\n")
	f.Fuzz(func(t *testing.T, text string) {
		segments, err := Assemble(strings.NewReader(text), U50)
		if err != nil {
			return
		}
		var again strings.Builder
		for _, s := range segments {
			require.NoError(t, s.WriteText(&again, U50))
		}
		back, err := Assemble(strings.NewReader(again.String()), U50)
		require.NoError(t, err)
		require.Equal(t, segments, back)
	})
}

func ExampleFormat() {
	fmt.Println(Format(&Load{Depends: Depends{By: MatMulUnit.Bit()}, Bank: 64, Length: 8, Address: 0x50002000}, U50))
	// Output: load bank=e0.2 bank_addr=0 len=8 ddr_addr=0x50002000 by=mmul
}
