package ipc

import "fmt"

// Kind is the type of the numbers in a column.
type Kind int

// The kinds that a trace's columns may have.
const (
	Int16 Kind = iota
	Int32
	Int64
	Float32
)

// Size is the number of bytes of a number.
func (k Kind) Size() int { return [...]int{2, 4, 8, 4}[k] }

// String gives Arrow's name of the kind.
func (k Kind) String() string { return [...]string{"int16", "int32", "int64", "float32"}[k] }

// Column is the description of a column: numbers, or fixed-size lists of them.
type Column struct {
	Name     string
	Kind     Kind
	List     int // numbers in a list; 0 is a column of plain numbers
	Metadata map[string]string
}

// Stride is the number of bytes of a row of the column.
func (c Column) Stride() int64 { return int64(max(c.List, 1)) * int64(c.Kind.Size()) }

// Schema is what the footer says about the columns.
type Schema struct {
	Columns  []Column
	Metadata map[string]string
}

// maxList bounds the values of a list, far beyond any cell, so that rows times bytes cannot overflow.
const maxList = 1 << 24

// Numbers of the union Type of Schema.fbs.
const (
	typeInt           = 2
	typeFloatingPoint = 3
	typeFixedSizeList = 16
)

// Fields of the tables of Schema.fbs, by their number.
const (
	schemaEndianness, schemaFields, schemaMetadata                                                = 0, 1, 2
	fieldName, fieldTypeType, fieldType, fieldDictionary, fieldChildren, fieldMetadata            = 0, 2, 3, 4, 5, 6
	keyValueKey, keyValueValue, intBitWidth, intSigned, floatPrecision, singlePrecision, listSize = 0, 1, 0, 1, 0, 1, 0
)

func readSchema(t table) (Schema, error) {
	if t.int16(schemaEndianness) != 0 {
		return Schema{}, fmt.Errorf("the file is big-endian: write it little-endian")
	}
	schema := Schema{Metadata: readMetadata(t, schemaMetadata)}
	for i, field := range t.tables(schemaFields) {
		column, err := readColumn(field)
		if t.b.err != nil {
			return Schema{}, t.b.err
		}
		if err != nil {
			return Schema{}, fmt.Errorf("column %d, %q: %w", i, column.Name, err)
		}
		schema.Columns = append(schema.Columns, column)
	}
	return schema, t.b.err
}

func readMetadata(t table, field int) map[string]string {
	metadata := map[string]string{}
	for _, pair := range t.tables(field) {
		metadata[pair.string(keyValueKey)] = pair.string(keyValueValue)
	}
	return metadata
}

func readColumn(field table) (Column, error) {
	column := Column{Name: field.string(fieldName)}
	if _, encoded := field.table(fieldDictionary); encoded {
		return column, fmt.Errorf("it is dictionary-encoded: write plain values")
	}
	numbers := field
	if field.uint8(fieldTypeType) == typeFixedSizeList {
		list, _ := field.table(fieldType)
		column.List = int(list.int32(listSize))
		if column.List < 1 || column.List > maxList {
			return column, fmt.Errorf("its lists have %d values; 1 to %d are read", column.List, maxList)
		}
		children := field.tables(fieldChildren)
		if len(children) != 1 {
			return column, fmt.Errorf("its list type has %d children, not 1", len(children))
		}
		numbers = children[0]
	}
	column.Metadata = readMetadata(field, fieldMetadata)
	var err error
	column.Kind, err = readKind(numbers)
	return column, err
}

func readKind(field table) (Kind, error) {
	number, _ := field.table(fieldType)
	switch which := field.uint8(fieldTypeType); which {
	case typeInt:
		width, signed := number.int32(intBitWidth), number.uint8(intSigned) != 0
		for _, kind := range []Kind{Int16, Int32, Int64} {
			if signed && int(width) == 8*kind.Size() {
				return kind, nil
			}
		}
		return 0, fmt.Errorf("its integers have %d bits (signed: %t); int16, int32 and int64 are read", width, signed)
	case typeFloatingPoint:
		if precision := number.int16(floatPrecision); precision != singlePrecision {
			return 0, fmt.Errorf("its floats have precision %d; float32 is read", precision)
		}
		return Float32, nil
	default:
		return 0, fmt.Errorf("its type is number %d of Arrow's; int16, int32, int64, float32 and fixed-size lists of them are read", which)
	}
}
