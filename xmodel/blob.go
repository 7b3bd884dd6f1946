package xmodel

import (
	"encoding/binary"
	"fmt"
)

// Blob is the weight blob of a compiled model, unpacked.
type Blob struct {
	Kind          CellKind
	Input, Hidden int
	Regions       []BlobRegion
	// Values holds the parameters by their labels, row-major and without padding: weight_i* [Hidden, Input], weight_h* [Hidden,
	// Hidden], biases [Hidden]. A GRU's gates r, z, n are i, f, g.
	Values map[string][]int16
}

// BlobKind tells by the blob's size whether the model is of LSTM or GRU cells; the file itself says "lstm" of both.
func BlobKind(c *Compiled) (CellKind, error) {
	for _, kind := range []CellKind{LSTM, GRU} {
		if regions, err := c.layout(kind); err == nil && blobSize(regions) == len(c.Weights) {
			return kind, nil
		}
	}
	return 0, fmt.Errorf("a weight blob of %d bytes fits neither an LSTM nor a GRU of this width and batch", len(c.Weights))
}

// layout gives the parts of the blob; it is known for models with one cell.
func (c *Compiled) layout(kind CellKind) ([]BlobRegion, error) {
	if len(c.Cells) != 1 {
		return nil, fmt.Errorf("the layout of a weight blob for %d cells is not known; one cell is", len(c.Cells))
	}
	return BlobLayout(kind, c.Target, c.Batch, c.Cells[0].LoadX.Values(), c.Cells[0].SaveH.Values())
}

func blobSize(regions []BlobRegion) int {
	last := regions[len(regions)-1]
	return last.Offset + last.Size
}

// StrayValue is the error of a weight blob that holds a value where its layout has padding or a block of zeros.
type StrayValue struct {
	Offset int    // byte of the blob
	Place  string // as Blob.Locate says it
	Value  int16
}

func (e *StrayValue) Error() string {
	return fmt.Sprintf("byte %d of the weight blob, in the %s, is part of the value %d; it must be zero", e.Offset, e.Place, e.Value)
}

// UnpackBlob takes the weight blob apart. Errors name the place: a blob of the wrong size, or a value where padding or a zero
// block must be, which is a *StrayValue.
func UnpackBlob(c *Compiled, kind CellKind) (*Blob, error) {
	regions, err := c.layout(kind)
	if err != nil {
		return nil, err
	}
	if want := blobSize(regions); len(c.Weights) != want {
		return nil, fmt.Errorf("the weight blob has %d bytes; that of a %s with %d features, %d units and batch %d on %s has %d",
			len(c.Weights), kind, c.Cells[0].LoadX.Values(), c.Cells[0].SaveH.Values(), c.Batch, c.Target, want)
	}
	b := &Blob{
		Kind: kind, Input: c.Cells[0].LoadX.Values(), Hidden: c.Cells[0].SaveH.Values(),
		Regions: regions, Values: map[string][]int16{},
	}
	for i := range regions {
		r := &regions[i]
		values := make([]int16, 0, r.Rows*r.Columns)
		for row := range r.paddedRows {
			for column := range r.paddedColumns {
				v := int16(binary.LittleEndian.Uint16(c.Weights[r.At(row, column):]))
				if row < r.Rows && column < r.Columns {
					values = append(values, v)
				} else if v != 0 {
					return nil, &StrayValue{Offset: r.At(row, column), Place: b.Locate(r.At(row, column)), Value: v}
				}
			}
		}
		if r.Label != "" {
			b.Values[r.Label] = values
		}
	}
	return b, nil
}

// Locate names what lies at a byte of the blob: "weight_hg[3,17]", "padding of bias_g", "zero block at byte 8448".
func (b *Blob) Locate(offset int) string {
	for i := range b.Regions {
		r := &b.Regions[i]
		if offset < r.Offset || offset >= r.Offset+r.Size {
			continue
		}
		if r.Label == "" {
			return fmt.Sprintf("zero block at byte %d", r.Offset)
		}
		row, column := r.elementAt(offset)
		if row >= r.Rows || column >= r.Columns {
			return "padding of " + r.Label
		}
		if r.paddedRows == 1 {
			return fmt.Sprintf("%s[%d]", r.Label, column)
		}
		return fmt.Sprintf("%s[%d,%d]", r.Label, row, column)
	}
	return fmt.Sprintf("nothing: the blob ends at byte %d", blobSize(b.Regions))
}

// elementAt is the inverse of At.
func (r *BlobRegion) elementAt(offset int) (row, column int) {
	element := (offset - r.Offset) / 2
	if r.paddedRows == 1 {
		return 0, element
	}
	position := element / r.paddedColumns
	column = element % r.paddedColumns
	if r.interleaved {
		pair := element / (2 * r.paddedColumns)
		position, column = 2*pair+element%2, element%(2*r.paddedColumns)/2
	}
	perBank := r.paddedRows / banks
	return position/perBank + position%perBank*banks, column
}

// PackBlob is the inverse of UnpackBlob: the blob of a model with one cell and these parameters. Errors name the parameter that
// is missing or does not fit.
func PackBlob(kind CellKind, target Target, batch, input, hidden int, values map[string][]int16) ([]byte, error) {
	regions, err := BlobLayout(kind, target, batch, input, hidden)
	if err != nil {
		return nil, fmt.Errorf("pack a weight blob: %w", err)
	}
	for _, r := range regions {
		if got := len(values[r.Label]); r.Label != "" && got != r.Rows*r.Columns {
			return nil, fmt.Errorf("pack a weight blob: parameter %s has %d values, its shape [%d, %d] wants %d", r.Label, got, r.Rows, r.Columns, r.Rows*r.Columns)
		}
	}
	data := make([]byte, blobSize(regions))
	for i := range regions {
		r := &regions[i]
		for index, v := range values[r.Label] {
			binary.LittleEndian.PutUint16(data[r.At(index/r.Columns, index%r.Columns):], uint16(v))
		}
	}
	return data, nil
}
