package pickle

import "fmt"

// The instructions, named as in CPython's pickletools.
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opDup            = '2'
	opFloat          = 'F'
	opInt            = 'I'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opLong           = 'L'
	opBinInt2        = 'M'
	opNone           = 'N'
	opPersID         = 'P'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opString         = 'S'
	opBinString      = 'T'
	opShortBinString = 'U'
	opUnicode        = 'V'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opDict           = 'd'
	opAppends        = 'e'
	opGet            = 'g'
	opBinGet         = 'h'
	opInst           = 'i'
	opLongBinGet     = 'j'
	opList           = 'l'
	opObj            = 'o'
	opPut            = 'p'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opSetItems       = 'u'
	opBinBytes       = 'B'
	opShortBinBytes  = 'C'
	opBinFloat       = 'G'
	opEmptyTuple     = ')'
	opEmptyList      = ']'
	opEmptyDict      = '}'

	opProto           = 0x80
	opNewObj          = 0x81
	opTuple1          = 0x85
	opTuple2          = 0x86
	opTuple3          = 0x87
	opNewTrue         = 0x88
	opNewFalse        = 0x89
	opLong1           = 0x8a
	opLong4           = 0x8b
	opShortBinUnicode = 0x8c
	opBinUnicode8     = 0x8d
	opBinBytes8       = 0x8e
	opEmptySet        = 0x8f
	opAddItems        = 0x90
	opFrozenSet       = 0x91
	opNewObjEx        = 0x92
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95
	opByteArray8      = 0x96
)

// named are the instructions that fail most often; the others are shown by their byte.
var named = map[byte]string{
	opReduce: "REDUCE", opInst: "INST", opObj: "OBJ", opNewObj: "NEWOBJ", opNewObjEx: "NEWOBJ_EX", opBuild: "BUILD",
	opGlobal: "GLOBAL", opStackGlobal: "STACK_GLOBAL", opBinPersID: "BINPERSID", opPersID: "PERSID", opBinUnicode: "BINUNICODE",
	opAppends: "APPENDS", opSetItems: "SETITEMS", opSetItem: "SETITEM", opAppend: "APPEND", opTuple: "TUPLE",
}

func opName(code byte) string {
	if name := named[code]; name != "" {
		return name
	}
	return fmt.Sprintf("opcode %#02x", code)
}

// maxProtocol is the newest protocol, that of Python 3.8 and later.
const maxProtocol = 5

// execute runs one instruction.
func (d *Decoder) execute(code byte) error {
	switch code {
	case opMark:
		d.marks = append(d.marks, len(d.stack))
		return nil
	case opPop:
		// POP takes a mark, too, when that is what lies on top.
		if len(d.marks) > 0 && d.floor() == len(d.stack) {
			d.marks = d.marks[:len(d.marks)-1]
			return nil
		}
		_, err := d.pop()
		return err
	case opPopMark:
		_, err := d.popMark()
		return err
	case opDup:
		value, err := d.top()
		if err == nil {
			d.push(value)
		}
		return err
	case opProto:
		version, err := d.byte()
		if err == nil && version > maxProtocol {
			return fmt.Errorf("protocol %d is newer than %d", version, maxProtocol)
		}
		return err
	case opFrame:
		// A frame's length only helps to read ahead.
		_, err := d.unsigned(8)
		return err
	case opPut, opBinPut, opLongBinPut, opMemoize, opGet, opBinGet, opLongBinGet:
		return d.memory(code)
	case opGlobal, opStackGlobal, opReduce, opBuild, opInst, opObj, opNewObj, opNewObjEx, opPersID, opBinPersID:
		return d.object(code)
	case opAppend, opAppends, opSetItem, opSetItems, opAddItems:
		return d.fill(code)
	}
	value, err := d.literal(code)
	if err == nil {
		d.push(value)
	}
	return err
}
