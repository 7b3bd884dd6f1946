package model

import (
	"encoding/binary"
	"fmt"
	"math"

	"rnnsim/internal/pickle"
)

// torchReader makes tensors and storages from a pickle of PyTorch.
type torchReader struct {
	order    binary.ByteOrder
	storages map[string]*torchStorage
	use      storageUse
	// open gives what reads the bytes of a new storage, or nil if that is known only later.
	open func(key string) func() ([]byte, error)
}

func newTorchReader(order binary.ByteOrder, open func(key string) func() ([]byte, error)) *torchReader {
	return &torchReader{order: order, storages: map[string]*torchStorage{}, open: open}
}

func (r *torchReader) hooks() pickle.Hooks {
	return pickle.Hooks{Call: r.call, Persistent: r.persistent}
}

// persistent resolves PyTorch's persistent ids: ("storage", class, key, location, count[, view]) for the values of tensors, and
// ("module", class, source file, source) for the class of a pickled module, whose source nobody reads.
func (r *torchReader) persistent(id any) (any, error) {
	fields, ok := id.(pickle.Tuple)
	if !ok || len(fields) == 0 {
		return nil, fmt.Errorf("a persistent id of PyTorch is a tuple, not %T", id)
	}
	kind, _ := fields[0].(string)
	switch {
	case kind == "module" && len(fields) >= 2:
		if class, ok := fields[1].(pickle.Global); ok {
			return class, nil
		}
	case kind == "storage" && len(fields) >= 5:
		return r.storage(fields)
	}
	return nil, fmt.Errorf("a persistent id that begins with %q and has %d fields is not known", clipText(kind), len(fields))
}

func (r *torchReader) storage(fields pickle.Tuple) (any, error) {
	class, isClass := fields[1].(pickle.Global)
	key, isKey := fields[2].(string)
	count, isCount := fields[4].(int64)
	if !isClass || !isKey || !isCount {
		return nil, fmt.Errorf("a storage is described by a %T, a %T and a %T", fields[1], fields[2], fields[4])
	}
	kind, err := storageKind(class)
	if err != nil {
		return nil, err
	}
	if count < 0 || count > math.MaxInt64/16 {
		return nil, fmt.Errorf("storage %q: %d values", clipText(key), count)
	}
	s := r.storages[key]
	if s == nil {
		s = &torchStorage{key: clipText(key), kind: kind, count: count, order: r.order, read: r.open(key), use: &r.use}
		r.storages[key] = s
	}
	if s.kind.name != kind.name || s.count != count {
		return nil, fmt.Errorf("storage %q is once %d values of %s, once %d of %s", s.key, s.count, s.kind.name, count, kind.name)
	}
	view := storageView{storage: s, count: count}
	if len(fields) == 5 || fields[5] == nil {
		return view, nil
	}
	// Before version 0.4 storages themselves could be views: (key, offset, count).
	part, ok := fields[5].(pickle.Tuple)
	if !ok || len(part) != 3 {
		return nil, fmt.Errorf("storage %q: its view is no tuple of 3", s.key)
	}
	var offsetOK, countOK bool
	view.offset, offsetOK = part[1].(int64)
	view.count, countOK = part[2].(int64)
	if !offsetOK || !countOK || view.offset < 0 || view.count < 0 || view.offset > count || view.count > count-view.offset {
		return nil, fmt.Errorf("storage %q: the view %v, %v lies outside its %d values", s.key, part[1], part[2], count)
	}
	return view, nil
}

// inert are functions and classes that many keep beside the weights in a checkpoint. They are called for data, do nothing that a
// network needs, and are kept as what they were called with.
var inert = map[string]bool{
	"torch.device": true, "numpy.dtype": true, "numpy.core.multiarray.scalar": true, "numpy._core.multiarray.scalar": true,
	"numpy.core.multiarray._reconstruct": true, "numpy._core.multiarray._reconstruct": true,
	"copyreg._reconstructor": true, "copy_reg._reconstructor": true, "collections.Counter": true,
	"pathlib.Path": true, "pathlib.PosixPath": true, "pathlib.WindowsPath": true, "pathlib.PurePosixPath": true, "pathlib.PureWindowsPath": true,
	"datetime.datetime": true, "datetime.date": true, "datetime.time": true, "datetime.timedelta": true,
}

// call makes what PyTorch's own functions would; see [pickle.Hooks].
func (r *torchReader) call(function pickle.Global, args pickle.Tuple) (any, bool, error) {
	name := function.String()
	switch name {
	case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3":
		value, err := rebuildTensor(function.Name, args)
		return value, true, err
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		value, err := firstTensor(name, args)
		return value, true, err
	case "torch._tensor._rebuild_from_type_v2":
		// (function, class, arguments, state): a tensor with attributes of its own.
		if len(args) == 4 {
			inner, isFunction := args[0].(pickle.Global)
			innerArgs, isTuple := args[2].(pickle.Tuple)
			if isFunction && isTuple && inner != function {
				value, known, err := r.call(inner, innerArgs)
				if !known {
					err = fmt.Errorf("%s calls %s, which is refused", name, inner)
				}
				return value, true, err
			}
		}
		return nil, true, fmt.Errorf("%s: the arguments are not known", name)
	case "torch._utils._rebuild_qtensor":
		return nil, true, fmt.Errorf("%s: the model is quantized by PyTorch: save the float model", name)
	case "torch.Size":
		if len(args) == 1 {
			return args[0], true, nil
		}
		return nil, true, fmt.Errorf("%s takes one argument, not %d", name, len(args))
	case "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
		"torch.jit._pickle.build_boollist", "torch.jit._pickle.restore_type_tag":
		if len(args) > 0 {
			return args[0], true, nil
		}
		return nil, true, fmt.Errorf("%s takes an argument", name)
	}
	if inert[name] {
		return &pickle.Object{Class: function, Args: args}, true, nil
	}
	return nil, false, nil
}

func firstTensor(name string, args pickle.Tuple) (any, error) {
	if len(args) > 0 {
		if t, ok := args[0].(*torchTensor); ok {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s: a tensor expected as first argument", name)
}

// rebuildTensor takes (storage, offset, shape, strides, requires_grad, hooks, …); the third version has the type as seventh.
func rebuildTensor(name string, args pickle.Tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%s: %d arguments", name, len(args))
	}
	view, isStorage := args[0].(storageView)
	offset, isOffset := args[1].(int64)
	shape, isShape := integers(args[2])
	strides, isStrides := integers(args[3])
	if !isStorage || !isOffset || !isShape || !isStrides {
		return nil, fmt.Errorf("%s: a tensor is made from %T, %T, %T, %T", name, args[0], args[1], args[2], args[3])
	}
	kind := view.storage.kind
	if name == "_rebuild_tensor_v3" {
		if len(args) < 7 {
			return nil, fmt.Errorf("%s: %d arguments", name, len(args))
		}
		class, _ := args[6].(pickle.Global)
		known, ok := torchTypes[class.Name]
		if !ok || class.Module != "torch" {
			return nil, fmt.Errorf("%s: a tensor of type %s is not known", name, class)
		}
		kind = known
	}
	if metadata, ok := args[len(args)-1].(*pickle.Dict); ok {
		if negative, _ := metadata.Get("neg"); negative == true {
			return nil, fmt.Errorf("%s: the tensor is a lazily negated view: save a copy (tensor.resolve_neg())", name)
		}
	}
	dims := make([]int, len(shape))
	for i, d := range shape {
		dims[i] = int(d)
	}
	return newTorchTensor(view, kind, offset, dims, strides)
}

func integers(value any) ([]int64, bool) {
	items, ok := value.(pickle.Tuple)
	if list, isList := value.(*pickle.List); isList {
		items, ok = list.Items, true
	}
	const maxDimensions = 64
	if !ok || len(items) > maxDimensions {
		return nil, false
	}
	out := make([]int64, len(items))
	for i, item := range items {
		if out[i], ok = item.(int64); !ok {
			return nil, false
		}
	}
	return out, true
}

func clipText(text string) string {
	if len(text) > 80 {
		return text[:80] + "…"
	}
	return text
}
