package compile

import (
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// onChip gives the places of a bank that LOAD or SAVE names, from a bank address on.
func (m *machine) onChip(bank, address, units int) ([]place, error) {
	at, err := m.target.Transfer(bank, m.core.Batch)
	if err != nil {
		return nil, fieldError("bank", "%w", err)
	}
	first := place{space: elementwiseSpace, lane: at.Lane, bank: at.Index}
	switch at.Kind {
	case isa.WeightBank:
		first = place{space: weightSpace, bank: at.Index}
	case isa.VectorBank:
		first = place{space: vectorSpace, lane: at.Lane}
	}
	first.block = address * m.target.TransferUnit / blockBytes
	return run(first, units*m.target.TransferUnit/blockBytes), nil
}

// run gives n places one behind another.
func run(first place, n int) []place {
	list := make([]place, n)
	for i := range list {
		list[i] = first
		list[i].block += i
	}
	return list
}

// inBlob gives the places of DDR memory that a direct LOAD or SAVE names, all of which lie in a copy of the weight blob.
func (m *machine) inBlob(address, units int) ([]place, error) {
	channel, offset := address/isa.ChannelSize, address%isa.ChannelSize
	end := offset + units*m.target.TransferUnit
	known := false
	for _, c := range m.core.Copies {
		known = known || c == channel
	}
	switch {
	case !known:
		return nil, fieldError("ddr_addr", "%#x is in memory channel %d, which holds no copy of the weight blob; channels %d do", address, channel, m.core.Copies)
	case address%blockBytes != 0:
		return nil, fieldError("ddr_addr", "%#x is no multiple of %d bytes", address, blockBytes)
	case end > len(m.blob):
		return nil, fieldError("ddr_addr", "%#x: %d units of %d bytes end at byte %d of the weight blob, which has %d",
			address, units, m.target.TransferUnit, end, len(m.blob))
	}
	return run(place{space: ddrSpace, bank: channel, block: offset / blockBytes}, (end-offset)/blockBytes), nil
}

func (m *machine) load(i *isa.Load) error {
	if i.Type == 1 {
		return m.loadRegister(i)
	}
	from, err := m.inBlob(i.Address, i.Length)
	if err != nil {
		return err
	}
	to, err := m.onChip(i.Bank, i.BankAddress, i.Length)
	if err != nil {
		return err
	}
	for n := range from {
		m.put(to[n], m.read(from[n]))
	}
	return nil
}

// loadRegister is a LOAD of x, or of the oldest h that was saved and not loaded.
func (m *machine) loadRegister(i *isa.Load) error {
	r, err := i.Register()
	if err != nil {
		return err
	}
	transfer, lanes := m.cell.LoadX, m.cell.XLanes
	if r.Number == isa.RegisterState {
		transfer, lanes = m.cell.LoadH, m.cell.HLanes
	}
	if err := m.checkRegister(r, transfer, i.Length); err != nil {
		return err
	}
	if i.BankAddress != 0 {
		return fieldError("bank_addr", "%d would move load_dst_reg_%d; it is 0 in all known models", i.BankAddress, r.Number)
	}
	to, err := m.onChip(int(lanes[r.Lane]>>16), int(lanes[r.Lane]&0xffff), i.Length)
	if err != nil {
		return err
	}
	if end := (to[len(to)-1].block + 1) * blockBytes; to[0].space != vectorSpace || to[0].lane != r.Lane || end > m.target.VectorCapacity {
		return fieldError("len", "load_dst_reg_%d is %#x: the data would not lie in the %d bytes of the lane's vector bank", r.Number, lanes[r.Lane], m.target.VectorCapacity)
	}
	if r.Number == isa.RegisterFirst {
		if m.inputs[r.Lane]++; m.inputs[r.Lane] > 1 {
			return fieldError("ddr_addr", "x of lane %d is loaded a second time in one step", r.Lane)
		}
		for n, p := range to {
			m.put(p, held{m.input(r.Lane, n), -1})
		}
		return nil
	}
	if m.loads[r.Lane]++; m.frames[r.Lane] == 0 {
		return fieldError("ddr_addr", "h of lane %d is loaded before it was saved", r.Lane)
	}
	for n, p := range to {
		m.put(p, m.read(place{frameSpace, r.Lane, 0, n}))
	}
	m.dropFrame(r.Lane)
	return nil
}

func (m *machine) checkRegister(r isa.Register, transfer xmodel.Transfer, units int) error {
	bytes := units * m.target.TransferUnit
	switch {
	case r.Step != transfer.Aligned:
		return fieldError("ddr_addr", "a step of %d bytes, and aligned_size of the register map is %d", r.Step, transfer.Aligned)
	case (r.Op == isa.StepUp) != transfer.Forward:
		return fieldError("ddr_addr", "op %d, and dir of the register map says the other direction", r.Op)
	case bytes > transfer.Aligned:
		return fieldError("len", "%d units are %d bytes, and aligned_size of the register map is %d", units, bytes, transfer.Aligned)
	}
	return nil
}

func (m *machine) save(i *isa.Save) error {
	from, err := m.onChip(i.Bank, i.BankAddress, i.Length)
	if err != nil {
		return err
	}
	if i.Type == 1 {
		return m.saveRegister(i, from)
	}
	to, err := m.inBlob(i.Address, i.Length)
	if err != nil {
		return err
	}
	for n := range from {
		h := m.read(from[n])
		h.origin = -1
		m.put(to[n], h)
	}
	return nil
}

func (m *machine) saveRegister(i *isa.Save, from []place) error {
	r, err := i.Register()
	if err != nil {
		return err
	}
	if r.Number != isa.RegisterState {
		return fieldError("ddr_addr", "register save_dst_reg_%d has no register map; save_dst_reg_1 (h) has", r.Number)
	}
	if err := m.checkRegister(r, m.cell.SaveH, i.Length); err != nil {
		return err
	}
	if from[0].lane != r.Lane {
		return fieldError("bank", "%d is a bank of lane %d, and lane %d is saved", i.Bank, from[0].lane, r.Lane)
	}
	var frame []termID
	for n, p := range from {
		h := m.read(p)
		frame = append(frame, h.term)
		m.put(place{frameSpace, r.Lane, m.frames[r.Lane], n}, held{h.term, -1})
	}
	m.saved[r.Lane] = append(m.saved[r.Lane], frame)
	m.frames[r.Lane]++
	return nil
}
