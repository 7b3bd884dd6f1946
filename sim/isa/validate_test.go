package isa

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidate(t *testing.T) {
	mmul := func(alter func(*MatMul)) Instruction {
		i := &MatMul{VectorLength: 2, VectorBank: 1, WeightSize: 2, ResultBank: 4, Shift: 12}
		alter(i)
		return i
	}
	add := func(alter func(*Add)) Instruction {
		i := &Add{Addends: 2, Length: 4, ABank: 2, BBank: 3, CBank: 4, ResultBank: 9}
		alter(i)
		return i
	}
	actv := func(alter func(*Activation)) Instruction {
		i := &Activation{Length: 4, InputBank: 2, ResultBank: 2, ResultAddress: 4, Shift: 12}
		alter(i)
		return i
	}
	emul := func(alter func(*Multiply)) Instruction {
		i := &Multiply{Length: 4, ABank: 6, BBank: 7, ResultBank: 2, Shift: 15}
		alter(i)
		return i
	}
	load := func(alter func(*Load)) Instruction {
		i := &Load{Bank: 64, Length: 8}
		alter(i)
		return i
	}
	save := func(alter func(*Save)) Instruction {
		i := &Save{Bank: 64, Length: 8}
		alter(i)
		return i
	}
	for _, c := range []struct {
		want string // empty: nothing is wrong
		i    Instruction
	}{
		{"", mmul(func(*MatMul) {})},
		{"field w_bank: 1; all known models have 0", mmul(func(i *MatMul) { i.WeightBank = 1 })},
		{"field vec_bank: 0; all known models have 1", mmul(func(i *MatMul) { i.VectorBank = 0 })},
		{"field w_size: 3 differs from vec_len 2", mmul(func(i *MatMul) { i.WeightSize = 3 })},
		{"field res_bank: 5; products go to one of the banks [4 6] on U50", mmul(func(i *MatMul) { i.ResultBank = 5 })},
		{"field w_addr: 2 units of 64 bytes from 2047 on end at byte 131136", mmul(func(i *MatMul) { i.WeightAddress = 2047 })},
		{"field vec_addr: 2 units of 32 bytes from 1023 on", mmul(func(i *MatMul) { i.VectorAddress = 1023 })},
		{"", add(func(*Add) {})},
		{"field addends: 3; all known models have 2", add(func(i *Add) { i.Addends = 3 })},
		{"field sign: 2 is not known", add(func(i *Add) { i.Sign = 2 })},
		{"field b_bank: 6; the operands lie in different groups", add(func(i *Add) { i.BBank = 6 })},
		{"field b_bank: 2; both operands lie in this bank", add(func(i *Add) { i.BBank = 2 })},
		{"field c_bank: 3; it must be an idle bank", add(func(i *Add) { i.CBank = 3 })},
		{"field c_bank: 6; it must be an idle bank", add(func(i *Add) { i.CBank = 6 })},
		{"field a_bank: bank 1 does not exist", add(func(i *Add) { i.ABank = 1 })},
		{"field res_bank: bank 10 does not exist", add(func(i *Add) { i.ResultBank = 10 })},
		{"field res_addr: 2: 4 units overlap with the operand at a_addr 0", add(func(i *Add) { i.ResultBank, i.ResultAddress = 2, 2 })},
		{"", add(func(i *Add) { i.ResultBank, i.ResultAddress = 2, 0 })},
		{"", actv(func(*Activation) {})},
		{"field kind: 2 is not known", actv(func(i *Activation) { i.Kind = 2 })},
		{"field init: 1; all known models have 0", actv(func(i *Activation) { i.Init = 1 })},
		{"field res_addr: 0; the result may lie in the input's bank at another address only", actv(func(i *Activation) { i.ResultAddress = 0 })},
		{"field in_addr: 4 units of 64 bytes from 4095 on", actv(func(i *Activation) { i.InputAddress = 4095 })},
		{"", emul(func(*Multiply) {})},
		{"field emul_id: 1; all known", emul(func(i *Multiply) { i.ID = 1 })},
		{"field b_bank: 5; the operands lie in different groups", emul(func(i *Multiply) { i.BBank = 5 })},
		{"", load(func(*Load) {})},
		{"field ddr_id: 1; all known", load(func(i *Load) { i.DDR = 1 })},
		{"field bank: bank 112 does not exist on U50 with batch 3", load(func(i *Load) { i.Bank = 112 })},
		{"field bank: bank 35 does not exist", load(func(i *Load) { i.Bank = 35 })},
		{"field type: 2 is not known", load(func(i *Load) { i.Type = 2 })},
		{"field bank_addr: 8 units of 32 bytes from 8191 on end at byte 262368 of bank e0.2", load(func(i *Load) { i.BankAddress = 8191 })},
		{"", load(func(i *Load) { i.SetRegister(Register{Lane: 2, Number: 1, Op: StepUp, Step: 256}) })},
		{"field bank_addr: a destination step of 4", load(func(i *Load) { i.SetRegister(Register{Op: StepUp, Step: 64}); i.BankAddress = 4 })},
		{"field ddr_addr: lane 3 does not exist with batch 3", load(func(i *Load) { i.SetRegister(Register{Lane: 3, Op: StepUp}) })},
		{"field ddr_addr: register 2 does not exist", load(func(i *Load) { i.SetRegister(Register{Number: 2, Op: StepUp}) })},
		{"field ddr_addr: op 2 is not known", load(func(i *Load) { i.SetRegister(Register{Op: 2}) })},
		{"field bank: 0x40 says another lane", load(func(i *Load) { i.Type, i.Address = 1, 0x10040 })},
		{"field ddr_addr: 0x1010040 has bits above", load(func(i *Load) { i.Type, i.Address, i.Bank = 1, 0x1010040, 1 })},
		{"", save(func(i *Save) { i.SetRegister(Register{Number: 1, Op: StepDown, Step: 256}) })},
		{"field type: 2 is not known", save(func(i *Save) { i.Type = 2 })},
		{"field type: 3 is not known", save(func(i *Save) { i.Type = 3 })},
		{"field bank: bank 127 does not exist", save(func(i *Save) { i.Bank = 127 })},
		{"", &End{}},
	} {
		err := Validate(c.i, U50, 3)
		if c.want == "" {
			assert.NoError(t, err, Format(c.i, U50))
			continue
		}
		require.Error(t, err, c.want)
		assert.Contains(t, err.Error(), c.want)
	}
	assert.ErrorContains(t, Validate(&Add{Addends: 2, Length: 4, ABank: 2, BBank: 7, CBank: 4, ResultBank: 8}, U25, 1), "field c_bank: 4; on U25 it is always 9")
	assert.NoError(t, Validate(&Add{Addends: 2, Length: 4, ABank: 2, BBank: 7, CBank: 9, ResultBank: 8}, U25, 1))
}

func TestBanksByNumber(t *testing.T) {
	for _, c := range []struct {
		target *Target
		batch  int
		bank   int
		name   string
	}{
		{U25, 1, 31, "w31"}, {U25, 1, 32, "v0"}, {U25, 1, 33, "e0.2"}, {U25, 1, 39, "e0.8"},
		{U50, 4, 35, "v3"}, {U50, 4, 64, "e0.2"}, {U50, 4, 71, "e0.9"}, {U50, 4, 112, "e3.2"},
	} {
		p, err := c.target.Transfer(c.bank, c.batch)
		require.NoError(t, err)
		assert.Equal(t, c.name, p.String())
		assert.Equal(t, c.bank, c.target.TransferBank(p))
	}
	for _, bank := range []int{-1, 40, 64, 255} {
		_, err := U25.Transfer(bank, 1)
		assert.Error(t, err)
	}
}

func TestTargets(t *testing.T) {
	_, err := TargetNamed("U280")
	require.EqualError(t, err, `target "U280" is not known; U25 and U50 are`)
	_, err = U50.Core(2)
	require.EqualError(t, err, "target U50 has no core for batch 2; its cores have [3 4] lanes")
	for _, target := range Targets() {
		for _, core := range target.Cores {
			assert.Len(t, core.LaneBases, core.Batch)
			assert.Len(t, core.WeightChannels, 8)
			for _, channel := range append(core.WeightChannels, core.VectorChannel) {
				assert.Contains(t, core.Copies, channel, "%s core %d", target.Name, core.Number)
			}
		}
	}
}
