package quant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// Build makes the quantized graphs of a network from its float weights and the positions of a quant_info. Weights and biases
// are rounded to nearest, ties away from zero. compat says whose names the parameters of a GRU have in info: under VAI20 all
// cells share them, under Sane each has its own behind "<graph>::".
//
// An entry that is missing, that no tensor of the network has, or whose width is not the tensor's is an error that names the
// entry and the file: the quant_info is of another model.
func Build(net *model.Network, info *Info, compat xmodel.Compat) (*xmodel.Model, error) {
	if err := net.Validate(); err != nil {
		return nil, fmt.Errorf("building the graphs of %s: %w", networkLabel(net), err)
	}
	b := newBuilder(net, info, compat)
	built := &xmodel.Model{Source: info.Source}
	for _, cell := range placedCells(net) {
		graph, err := b.graph(cell)
		if err != nil {
			return nil, fmt.Errorf("building graph %s of %s: %w", cell.graph, networkLabel(net), err)
		}
		built.Cells = append(built.Cells, xmodel.Cell{Graph: graph, Layer: cell.layer, Backward: cell.backward})
	}
	if err := b.checkAllUsed(); err != nil {
		return nil, fmt.Errorf("building the graphs of %s: %w", networkLabel(net), err)
	}
	return built, nil
}

// builder builds graphs and notes which entries of the info they used.
type builder struct {
	kind       model.Kind
	compat     xmodel.Compat
	source     string
	weightBits int
	sections   map[string]map[string]*fixed.Format
	used       map[string]map[string]bool
}

func newBuilder(net *model.Network, info *Info, compat xmodel.Compat) *builder {
	b := &builder{
		kind: net.Kind, compat: compat, source: info.Source, weightBits: wideWeightBits,
		sections: map[string]map[string]*fixed.Format{}, used: map[string]map[string]bool{},
	}
	if b.source == "" {
		b.source = "the quant_info"
	}
	// Only 8-bit weights have matmul inputs of their own.
	if len(info.Input) > 0 {
		b.weightBits = narrowWeightBits
	}
	for _, section := range info.sections() {
		b.sections[section.name] = section.entries.byName()
		b.used[section.name] = map[string]bool{}
	}
	return b
}

// format looks an entry up, which must have the width.
func (b *builder) format(section, name string, bits int) (fixed.Format, error) {
	format, found := b.sections[section][name]
	if !found {
		return fixed.Format{}, fmt.Errorf("%s has no %s entry %q: it is of another model%s", b.source, section, name, b.hint(section, name))
	}
	b.used[section][name] = true
	if format.Bits != bits {
		return fixed.Format{}, fmt.Errorf("%s gives %s entry %q a width of %d bits, it must be %d: quantize the model again",
			b.source, section, name, format.Bits, bits)
	}
	if err := format.Validate(); err != nil {
		return fixed.Format{}, fmt.Errorf("%s, %s entry %q: %w", b.source, section, name, err)
	}
	return *format, nil
}

// hint says so where the file has the GRU parameters under the names of the other compatibility mode.
func (b *builder) hint(section, name string) string {
	if section != "param" || b.kind != model.GRU {
		return ""
	}
	graph, param, own := strings.Cut(name, "::")
	if own {
		if _, found := b.sections[section][param]; found {
			return ", or it has the original tool's shared GRU parameters, which only the vai2.0 compatibility mode reads"
		}
		return ""
	}
	for other := range b.sections[section] {
		if strings.HasSuffix(other, "::"+graph) {
			return ", or each of its GRU cells has its own parameters, which the vai2.0 compatibility mode does not read"
		}
	}
	return ""
}

func (b *builder) graph(cell placedCell) (*xmodel.Graph, error) {
	spec := xmodel.CellSpec{
		Name: cell.graph, Kind: graphKind(b.kind), Backward: cell.backward,
		Input: cell.Input, Hidden: cell.Hidden, Bias: cell.BiasIH != nil,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	for _, o := range programOf(b.kind).ops {
		var err error
		key := nodeKey(cell.graph, o.Label)
		if spec.Formats[o.Label], err = b.format("output", key, activationBits); err != nil {
			return nil, err
		}
		if o.kind != opLinear {
			continue
		}
		if b.weightBits != wideWeightBits {
			if spec.MatmulInputs[o.Label], err = b.format("input", key, b.weightBits); err != nil {
				return nil, err
			}
		}
		weight, bias := paramTensors(b.kind, cell.Cell, o)
		if err := b.parameter(&spec, o.Weight, weight, b.weightBits); err != nil {
			return nil, err
		}
		if bias == nil {
			continue
		}
		if err := b.parameter(&spec, o.Bias, bias, biasBits); err != nil {
			return nil, err
		}
	}
	return xmodel.Build(spec)
}

// parameter adds a quantized parameter to the spec.
func (b *builder) parameter(spec *xmodel.CellSpec, name string, values []float32, bits int) error {
	format, err := b.format("param", paramKey(b.kind, b.compat, spec.Name, name), bits)
	if err != nil {
		return err
	}
	if at := firstNonFinite(values); at >= 0 {
		return fmt.Errorf("parameter %q holds a NaN or an infinity (value %d of it): repair the model", name, at)
	}
	quantized := append([]float32(nil), values...)
	g := gridOf(format.Bits, format.Position)
	g.halfAwayAll(quantized)
	spec.Values[name], spec.Formats[name] = quantized, format
	return nil
}

// checkAllUsed finds the entries that no tensor of the network has.
func (b *builder) checkAllUsed() error {
	var errs []error
	for _, section := range []string{"param", "output", "input"} {
		for _, name := range slices.Sorted(maps.Keys(b.sections[section])) {
			if !b.used[section][name] {
				errs = append(errs, fmt.Errorf("%s has the %s entry %q, which the network does not have: it is of another model", b.source, section, name))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func graphKind(kind model.Kind) xmodel.CellKind {
	if kind == model.GRU {
		return xmodel.GRU
	}
	return xmodel.LSTM
}
