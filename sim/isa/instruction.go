package isa

// Instruction is one of *Load, *Save, *MatMul, *Add, *Activation, *Multiply and *End. Values are those of the word, except that
// lengths, which words hold minus one, are here as they are meant, and shifts are signed.
//
// Fields that have one value in all known files are kept, so that every word can be told; Validate refuses other values in them.
type Instruction interface {
	Unit() Unit
	Dependencies() *Depends
	fields() []field
}

// Load copies from the DDR memory into a bank.
type Load struct {
	Depends
	DDR         int // ddr_id: 0 in all files [S]
	Bank        int // of the LOAD and SAVE numbering (see Target); for Type 1 a part of Register
	BankAddress int // in transfer units of the target; for Type 1 the step of the destination register, 0 in all files
	Length      int // in transfer units of the target, 1 to 65536
	Address     int // in bytes; for Type 1 a part of Register
	Type        int // 0: as the fields say. 1: from load_src_reg to load_dst_reg of a lane
}

// Save copies from a bank into the DDR memory.
type Save struct {
	Depends
	DDR         int // ddr_id: 0 in all files [S]
	Address     int // in bytes; for Type 1 a Register
	Length      int // in transfer units of the target, 1 to 65536
	Bank        int // of the LOAD and SAVE numbering
	BankAddress int // in transfer units of the target
	Type        int // 0: as the fields say. 1: the destination is save_dst_reg of a lane
}

// MatMul multiplies rows of the weight banks with a vector, on all lanes at once. The sums are exact; each is shifted right by
// Shift and clamped to 16 bits. The width of the accelerator's own accumulator is not known [?].
type MatMul struct {
	Depends
	VectorLength  int // in vector units of the target, 1 to 4096
	VectorBank    int // 1 in all files
	VectorAddress int // in vector units of the target
	WeightBank    int // 0 in all files [S]
	WeightAddress int // in units of 64 bytes, the same in all 32 weight banks
	WeightRows    int // 0 in all files [S]
	WeightSize    int // in units of 64 bytes, of every bank: equal to VectorLength in all files, which is the same number of columns
	ResultBank    int // an elementwise bank; on the U50 the first of a pair
	ResultAddress int // in elementwise units of 32 values
	Shift         int // trunc: positive is to the right; negative to the left [S]
	ReLU          int // 0 in all files [S]
	Type          int // 0 in all files [S]
}

// Add adds or subtracts vectors of the elementwise banks, on all lanes at once: clamp((a ± b) >> Shift).
type Add struct {
	Depends
	Addends       int // 2 in all files; the sources allow 3 [S]
	Shift         int // trunc: 0 in all files; negative is to the left [S]
	Parallel      int // paral/add_id: 0 in all files [S]
	Sign          int // 0: a + b, 1: a - b
	Length        int // in elementwise units of 32 values, 1 to 4096
	ABank         int
	AAddress      int
	BBank         int
	BAddress      int
	CBank         int // an idle bank: its value is ignored
	CAddress      int // 0 in all files [S]
	OutType       int // 0 in all files [S]
	ReLU          int // 0 in all files [S]
	ResultBank    int
	ResultAddress int
}

// Activation looks vectors up in the sigmoid or the tanh table, on all lanes at once.
type Activation struct {
	Depends
	Kind          int // 0: sigmoid, 1: tanh
	ID            int // actv_id: 0 in all files [S]
	Length        int // in elementwise units of 32 values, 1 to 4096
	InputBank     int
	InputAddress  int
	ResultBank    int
	ResultAddress int
	Shift         int // trunc: the fix position of the input; the result is at position 15
	Init          int // 0 in all files; 1 loads the table, on older devices [S]
}

// Multiply multiplies vectors of the elementwise banks value by value, on all lanes at once: clamp((a · b) >> Shift).
type Multiply struct {
	Depends
	Shift         int // trunc: negative is to the left [S]
	ID            int // emul_id: 0 in all files [S]
	Length        int // in elementwise units of 32 values, 1 to 4096
	ABank         int
	AAddress      int
	BBank         int
	BAddress      int
	ResultBank    int
	ResultAddress int
}

// End ends the program.
type End struct{ Depends }

// Unit is LoadUnit.
func (*Load) Unit() Unit { return LoadUnit }

// Unit is SaveUnit.
func (*Save) Unit() Unit { return SaveUnit }

// Unit is MatMulUnit.
func (*MatMul) Unit() Unit { return MatMulUnit }

// Unit is AddUnit.
func (*Add) Unit() Unit { return AddUnit }

// Unit is ActivationUnit.
func (*Activation) Unit() Unit { return ActivationUnit }

// Unit is MultiplyUnit.
func (*Multiply) Unit() Unit { return MultiplyUnit }

// Unit is EndUnit.
func (*End) Unit() Unit { return EndUnit }
