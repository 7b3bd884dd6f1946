package compile

import "encoding/binary"

// product makes the sums of 16 rows times a vector. Blocks of the vector that are zero, and those whose columns hold nothing but
// zeros, are left out: they add nothing, whatever they are.
func (t *terms) product(r rows, vector []termID, shift int) termID {
	blocks := make([]termID, 0, len(vector))
	var kept rows
	for i := range kept.values {
		kept.values[i] = make([]int16, 0, len(r.values[i]))
	}
	last := -1
	for n, id := range vector {
		from, to := n*blockValues, (n+1)*blockValues
		used := false
		for i := range r.values {
			for _, v := range r.values[i][from:to] {
				used = used || v != 0
			}
		}
		if id == zeroTerm || !used {
			blocks = append(blocks, zeroTerm)
			for i := range kept.values {
				kept.values[i] = append(kept.values[i], make([]int16, blockValues)...)
			}
			continue
		}
		last = n
		blocks = append(blocks, id)
		for i := range kept.values {
			kept.values[i] = append(kept.values[i], r.values[i][from:to]...)
		}
	}
	if last < 0 {
		return zeroTerm
	}
	for i := range kept.values {
		kept.values[i] = kept.values[i][:(last+1)*blockValues]
	}
	return t.intern(term{op: opProduct, shift: int32(shift), index: t.rowsID(kept), a: termID(t.vectorID(blocks[:last+1]))})
}

func (t *terms) rowsID(r rows) int32 {
	var key []byte
	for _, row := range r.values {
		for _, v := range row {
			key = binary.LittleEndian.AppendUint16(key, uint16(v))
		}
	}
	id, ok := t.rowIDs[string(key)]
	if !ok {
		id = int32(len(t.rows))
		t.rows, t.rowIDs[string(key)] = append(t.rows, r), id
	}
	return id
}

func (t *terms) vectorID(blocks []termID) int32 {
	var key []byte
	for _, b := range blocks {
		key = binary.LittleEndian.AppendUint32(key, uint32(b))
	}
	id, ok := t.vectorIDs[string(key)]
	if !ok {
		id = int32(len(t.vectors))
		t.vectors, t.vectorIDs[string(key)] = append(t.vectors, blocks), id
	}
	return id
}

// factors are the rows and the vector of a product.
func (t *terms) factors(id termID) (rows, []termID) {
	e := t.list[id]
	return t.rows[e.index], t.vectors[e.a]
}
