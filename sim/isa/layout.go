package isa

// field is a range of a word's bits, bound to the place in an instruction that holds its value.
type field struct {
	name   string
	hi, lo int
	value  *int
	form   form
	// fixed says that all known files have the value only there.
	fixed bool
	only  int
}

// form is how the bits stand for the value.
type form int

const (
	unsigned form = iota
	minusOne      // lengths: the bits are one less
	signed        // two's complement
)

func (f field) width() int { return f.hi - f.lo + 1 }

// limits are the smallest and the largest value that the field can hold.
func (f field) limits() (lowest, highest int) {
	switch f.form {
	case minusOne:
		return 1, 1 << f.width()
	case signed:
		return -1 << (f.width() - 1), 1<<(f.width()-1) - 1
	}
	return 0, 1<<f.width() - 1
}

// always marks a field that has one value in all known files.
func (f field) always(v int) field {
	f.fixed, f.only = true, v
	return f
}

func (l *Load) fields() []field {
	return []field{
		field{name: "ddr_id", hi: 103, lo: 88, value: &l.DDR}.always(0),
		{name: "bank", hi: 87, lo: 80, value: &l.Bank},
		{name: "bank_addr", hi: 79, lo: 64, value: &l.BankAddress},
		{name: "len", hi: 63, lo: 48, value: &l.Length, form: minusOne},
		{name: "ddr_addr", hi: 47, lo: 16, value: &l.Address},
		{name: "type", hi: 1, lo: 0, value: &l.Type},
	}
}

func (s *Save) fields() []field {
	return []field{
		field{name: "ddr_id", hi: 103, lo: 88, value: &s.DDR}.always(0),
		{name: "ddr_addr", hi: 87, lo: 56, value: &s.Address},
		{name: "len", hi: 55, lo: 40, value: &s.Length, form: minusOne},
		{name: "bank", hi: 39, lo: 32, value: &s.Bank},
		{name: "bank_addr", hi: 31, lo: 16, value: &s.BankAddress},
		{name: "type", hi: 1, lo: 0, value: &s.Type},
	}
}

func (m *MatMul) fields() []field {
	return []field{
		{name: "vec_len", hi: 103, lo: 92, value: &m.VectorLength, form: minusOne},
		field{name: "vec_bank", hi: 91, lo: 88, value: &m.VectorBank}.always(1),
		{name: "vec_addr", hi: 87, lo: 76, value: &m.VectorAddress},
		field{name: "w_bank", hi: 75, lo: 72, value: &m.WeightBank}.always(0),
		{name: "w_addr", hi: 71, lo: 60, value: &m.WeightAddress},
		field{name: "w_rows", hi: 59, lo: 48, value: &m.WeightRows}.always(0),
		{name: "w_size", hi: 47, lo: 36, value: &m.WeightSize, form: minusOne},
		{name: "res_bank", hi: 31, lo: 28, value: &m.ResultBank},
		{name: "res_addr", hi: 27, lo: 16, value: &m.ResultAddress},
		{name: "trunc", hi: 15, lo: 8, value: &m.Shift, form: signed},
		field{name: "relu", hi: 3, lo: 3, value: &m.ReLU}.always(0),
		field{name: "type", hi: 1, lo: 0, value: &m.Type}.always(0),
	}
}

func (a *Add) fields() []field {
	return []field{
		field{name: "addends", hi: 103, lo: 102, value: &a.Addends, form: minusOne}.always(2),
		{name: "trunc", hi: 101, lo: 96, value: &a.Shift, form: signed},
		field{name: "paral", hi: 95, lo: 94, value: &a.Parallel}.always(0),
		{name: "sign", hi: 93, lo: 92, value: &a.Sign},
		{name: "len", hi: 91, lo: 80, value: &a.Length, form: minusOne},
		{name: "a_bank", hi: 79, lo: 74, value: &a.ABank},
		{name: "a_addr", hi: 73, lo: 62, value: &a.AAddress},
		{name: "b_bank", hi: 61, lo: 56, value: &a.BBank},
		{name: "b_addr", hi: 55, lo: 44, value: &a.BAddress},
		{name: "c_bank", hi: 43, lo: 38, value: &a.CBank},
		field{name: "c_addr", hi: 37, lo: 26, value: &a.CAddress}.always(0),
		field{name: "out_type", hi: 25, lo: 25, value: &a.OutType}.always(0),
		field{name: "relu", hi: 24, lo: 24, value: &a.ReLU}.always(0),
		{name: "res_bank", hi: 17, lo: 12, value: &a.ResultBank},
		{name: "res_addr", hi: 11, lo: 0, value: &a.ResultAddress},
	}
}

func (a *Activation) fields() []field {
	return []field{
		{name: "kind", hi: 103, lo: 102, value: &a.Kind},
		field{name: "actv_id", hi: 99, lo: 96, value: &a.ID}.always(0),
		{name: "len", hi: 91, lo: 80, value: &a.Length, form: minusOne},
		{name: "in_bank", hi: 79, lo: 76, value: &a.InputBank},
		{name: "in_addr", hi: 75, lo: 64, value: &a.InputAddress},
		{name: "res_bank", hi: 63, lo: 60, value: &a.ResultBank},
		{name: "res_addr", hi: 59, lo: 48, value: &a.ResultAddress},
		{name: "trunc", hi: 47, lo: 40, value: &a.Shift, form: signed},
		field{name: "init", hi: 39, lo: 39, value: &a.Init}.always(0),
	}
}

func (m *Multiply) fields() []field {
	return []field{
		{name: "trunc", hi: 103, lo: 96, value: &m.Shift, form: signed},
		field{name: "emul_id", hi: 95, lo: 92, value: &m.ID}.always(0),
		{name: "len", hi: 91, lo: 80, value: &m.Length, form: minusOne},
		{name: "a_bank", hi: 79, lo: 76, value: &m.ABank},
		{name: "a_addr", hi: 75, lo: 64, value: &m.AAddress},
		{name: "b_bank", hi: 63, lo: 60, value: &m.BBank},
		{name: "b_addr", hi: 59, lo: 48, value: &m.BAddress},
		{name: "res_bank", hi: 47, lo: 44, value: &m.ResultBank},
		{name: "res_addr", hi: 43, lo: 32, value: &m.ResultAddress},
	}
}

func (*End) fields() []field { return nil }
