package verify

import (
	"context"
	"errors"
	"fmt"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// pursuit looks for the cause of a check's first divergence: it reads both sides once more.
type pursuit struct {
	// model is what the accused side should compute; without one only the course of the value is shown.
	model   *xmodel.Model
	compat  xmodel.Compat
	threads int
	// got and want open the sides; want is nil where a recording was judged by its own inputs. accused is the one that is
	// diagnosed, normally got.
	got, want, accused opener
	// names maps got's names, as Options.Map.
	names map[string]string
	// offset is what the check's addresses add to got's sequence numbers, and stimulus what the accused side was given.
	offset   int
	stimulus []dump.Sequence
	progress func(tried, total int64)
}

type opener func() (dump.Source, error)

// follow adds to a check that failed what led there. That a cause cannot be looked for is a note, not an error.
func (p *pursuit) follow(ctx context.Context, check *Check) error {
	found := check.Comparison
	if check.Verdict != Fail || found.First == nil || found.First.Address.Step == NoStep {
		return nil
	}
	tell := func(what string, err error) {
		if err != nil {
			found.Notes = append(found.Notes, fmt.Sprintf("%s: %v", what, err))
		}
	}
	course, err := p.course(ctx, found.First)
	tell("the values around the first divergence are not shown", err)
	found.First.Course = course
	if p.model != nil {
		check.Explanation, err = p.explain(ctx, found.First.Address)
		tell("the first divergence is not explained", err)
		check.Diagnosis, err = p.diagnose(ctx)
		tell("no cause was looked for", err)
	}
	return ctx.Err()
}

func (p *pursuit) explain(ctx context.Context, address Address) (x *Explanation, err error) {
	options := ExplainOptions{Compat: p.compat}
	if options.Got, err = p.open(p.got); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Got.Close()) }()
	if p.want != nil {
		if options.Want, err = p.want(); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, options.Want.Close()) }()
	}
	recorded := address
	recorded.Sequence -= p.offset
	if x, err = Explain(ctx, p.model, recorded, options); err != nil {
		return nil, err
	}
	x.Address = address
	return x, nil
}

func (p *pursuit) diagnose(ctx context.Context) (*Diagnosis, error) {
	options := DiagnoseOptions{Compat: p.compat, Stimulus: p.stimulus, Threads: p.threads}
	if p.progress != nil {
		options.Progress = func(done, total int) { p.progress(int64(done), int64(total)) }
	}
	accused := p.accused
	if accused == nil {
		accused = p.openGot
	}
	return Diagnose(ctx, accused, p.model, options)
}

func (p *pursuit) openGot() (dump.Source, error) { return p.open(p.got) }

// open opens got under the names of the wanted side.
func (p *pursuit) open(side opener) (dump.Source, error) {
	source, err := side()
	if err != nil || len(p.names) == 0 {
		return source, err
	}
	header := source.Header()
	cells := make([]dump.Cell, len(header.Cells))
	for i, cell := range header.Cells {
		nodes := make([]dump.Node, len(cell.Nodes))
		for j, node := range cell.Nodes {
			node.Name = mapped(p.names, cell.Graph, node.Name)
			nodes[j] = node
		}
		cell.Nodes = nodes
		cells[i] = cell
	}
	header.Cells = cells
	return &renamed{source, header}, nil
}

// renamed is a source whose nodes have other names.
type renamed struct {
	dump.Source
	header dump.Header
}

func (r *renamed) Header() dump.Header { return r.header }
