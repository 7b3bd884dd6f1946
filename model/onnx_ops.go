package model

// onnxOps are the operators that are understood, by type.
var onnxOps map[string]onnxOp

func init() {
	equal := onnxComparison(func(a, b int64) bool { return a == b }, func(a, b float32) bool { return a == b }, onnxComputed)
	less := onnxComparison(func(a, b int64) bool { return a < b }, func(a, b float32) bool { return a < b }, onnxLess)
	greater := onnxComparison(func(a, b int64) bool { return a > b }, func(a, b float32) bool { return a > b }, onnxComputed)
	and := onnxComparison(func(a, b int64) bool { return a != 0 && b != 0 }, func(a, b float32) bool { return a != 0 && b != 0 }, onnxComputed)
	or := onnxComparison(func(a, b int64) bool { return a != 0 || b != 0 }, func(a, b float32) bool { return a != 0 || b != 0 }, onnxComputed)
	onnxOps = map[string]onnxOp{
		"Constant": onnxConstant, "ConstantOfShape": onnxConstantOfShape, "Range": onnxRange, "Shape": onnxShapeOf, "Size": onnxSize, "ReduceProd": onnxProduct,
		"Cast": onnxCast, "CastLike": onnxCast, "Identity": onnxIdentity, "Dropout": onnxIdentity,
		"Transpose": onnxTranspose, "Reshape": onnxReshape, "Flatten": onnxFlatten, "Squeeze": onnxSqueeze, "Unsqueeze": onnxUnsqueeze,
		"Expand": onnxExpand, "Tile": onnxTile,
		"Gather": onnxGather, "Slice": onnxSlice, "Split": onnxSplit, "Concat": onnxConcat, "Where": onnxWhere,
		"ReverseSequence": onnxReverseSequence,

		"Add": onnxBinary(func(a, b int64) (int64, error) { return a + b, nil }, func(a, b float32) float32 { return a + b },
			onnxNeutral(0, true, onnxAddBias)),
		"Sub": onnxBinary(func(a, b int64) (int64, error) { return a - b, nil }, func(a, b float32) float32 { return a - b },
			onnxNeutral(0, false, onnxComputed)),
		"Mul": onnxBinary(func(a, b int64) (int64, error) { return a * b, nil }, func(a, b float32) float32 { return a * b },
			onnxNeutral(1, true, onnxVanish)),
		"Div": onnxBinary(divideOnnx, func(a, b float32) float32 { return a / b }, onnxNeutral(1, false, onnxComputed)),
		"Neg": onnxNegate, "Not": onnxNot, "Equal": equal, "Less": less, "Greater": greater, "And": and, "Or": or,

		"MatMul": onnxMatMul, "Gemm": onnxGemm,
		"Relu": onnxActivate("relu"), "Sigmoid": onnxActivate("sigmoid"), "Tanh": onnxActivate("tanh"), "Softmax": onnxActivate("softmax"),

		"LSTM": onnxRecurrent, "GRU": onnxRecurrent,
	}
}
