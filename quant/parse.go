package quant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"rnnsim/internal/fixed"
)

// ReadInfo reads a quant_info.json. Errors name the file and the entry.
func ReadInfo(path string) (*Info, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading quant_info: %w", err)
	}
	info, err := ParseInfo(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	info.Source = path
	return info, nil
}

// ParseInfo parses a quant_info.json and keeps its order. It wants the sections param, output and input, each once, and
// [bits,position] within the limits of fixed.Format for every entry. An entry that calibration left null is an error, as is
// an entry that appears twice in its section.
func ParseInfo(data []byte) (*Info, error) {
	p := &infoParser{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	p.decoder.UseNumber()
	info, err := p.info()
	if err != nil {
		return nil, fmt.Errorf("parsing quant_info, line %d: %w", p.line(), err)
	}
	return info, nil
}

type infoParser struct {
	data    []byte
	decoder *json.Decoder
}

func (p *infoParser) line() int {
	return 1 + bytes.Count(p.data[:p.decoder.InputOffset()], []byte("\n"))
}

func (p *infoParser) info() (*Info, error) {
	if err := p.delim('{', "the file"); err != nil {
		return nil, err
	}
	info := &Info{}
	seen := map[string]bool{}
	for p.decoder.More() {
		name, err := p.key("a section")
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("section %q appears twice: keep one", name)
		}
		seen[name] = true
		target := info.section(name)
		if target == nil {
			return nil, fmt.Errorf("section %q is not one of param, output, input: this is not a quant_info of the RNN quantizer", name)
		}
		if *target, err = p.section(name); err != nil {
			return nil, err
		}
	}
	if err := p.delim('}', "the file"); err != nil {
		return nil, err
	}
	for _, section := range info.sections() {
		if !seen[section.name] {
			return nil, fmt.Errorf("section %q is missing: the file is not a whole quant_info.json, quantize again", section.name)
		}
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the closing brace: remove it")
	}
	return info, nil
}

func (i *Info) section(name string) *Section {
	for _, s := range i.sections() {
		if s.name == name {
			return s.entries
		}
	}
	return nil
}

func (p *infoParser) section(section string) (Section, error) {
	if err := p.delim('{', fmt.Sprintf("section %q", section)); err != nil {
		return nil, err
	}
	var entries Section
	seen := map[string]bool{}
	for p.decoder.More() {
		name, err := p.key("an entry of section " + strconv.Quote(section))
		if err != nil {
			return nil, err
		}
		if name == "" {
			return nil, fmt.Errorf("section %q: an entry has an empty name", section)
		}
		if seen[name] {
			return nil, fmt.Errorf("%s entry %q appears twice: keep one", section, name)
		}
		seen[name] = true
		format, err := p.format()
		if err != nil {
			return nil, fmt.Errorf("%s entry %q: %w", section, name, err)
		}
		entries = append(entries, Entry{name, format})
	}
	return entries, p.delim('}', fmt.Sprintf("section %q", section))
}

// errNull is what a position says that calibration never searched.
var errNull = errors.New("it is null, so calibration never saw this tensor: quantize again with calibration sequences")

func (p *infoParser) format() (fixed.Format, error) {
	token, err := p.token()
	if err != nil {
		return fixed.Format{}, err
	}
	if token == nil {
		return fixed.Format{}, errNull
	}
	if token != json.Delim('[') {
		return fixed.Format{}, fmt.Errorf("%v is not of the form [bits,position]", token)
	}
	bits, err := p.integer("bit width")
	if err != nil {
		return fixed.Format{}, err
	}
	position, err := p.integer("fix position")
	if err != nil {
		return fixed.Format{}, err
	}
	if token, err = p.token(); err != nil {
		return fixed.Format{}, err
	}
	if token != json.Delim(']') {
		return fixed.Format{}, fmt.Errorf("more than the two numbers of [bits,position]: %v follows", token)
	}
	format := fixed.Format{Bits: bits, Position: position}
	if err := format.Validate(); err != nil {
		return fixed.Format{}, fmt.Errorf("%v: %w", format, err)
	}
	return format, nil
}

func (p *infoParser) integer(what string) (int, error) {
	token, err := p.token()
	if err != nil {
		return 0, err
	}
	if token == nil {
		return 0, errNull
	}
	number, ok := token.(json.Number)
	if !ok {
		return 0, fmt.Errorf("the %s is %v, not an integer", what, token)
	}
	n, err := strconv.Atoi(number.String())
	if err != nil {
		return 0, fmt.Errorf("the %s is %v, not an integer within range", what, number)
	}
	return n, nil
}

func (p *infoParser) key(what string) (string, error) {
	token, err := p.token()
	if err != nil {
		return "", err
	}
	key, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%v stands where the name of %s belongs", token, what)
	}
	return key, nil
}

func (p *infoParser) delim(want json.Delim, what string) error {
	token, err := p.token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%s: %v stands where %v belongs", what, token, want)
	}
	return nil
}

func (p *infoParser) token() (json.Token, error) {
	token, err := p.decoder.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("the file ends too early: it is not a whole quant_info.json")
	}
	if err != nil {
		return nil, fmt.Errorf("not valid JSON: %w", err)
	}
	return token, nil
}
