package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"

	"rnnsim/verify"
)

// heatView is the picture of |delta| of a node: steps from left to right, units from top to bottom.
type heatView struct {
	ID, Place string
	Picture   template.URL
	Height    int // pixels
	LastStep  int
	LastUnit  int
	// Alt says in words what it shows, Largest where the largest is.
	Alt, Largest string
}

// heatData is the same as numbers: Rows[step][unit] in LSB.
type heatData struct {
	StepsAField int         `json:"steps"`
	UnitsAField int         `json:"units"`
	Fields      int         `json:"fields"` // along the steps; those without a row are zero
	Rows        [][]float32 `json:"rows"`
}

// fewFields is how many fields along the steps a picture has room for where nothing differs in the later ones.
const fewFields = 64

func (p *page) drawHeats(f *figures, id string, nodes []*verify.NodeStats) {
	largest := float32(0)
	var hot []*verify.NodeStats
	for _, n := range nodes {
		if n.Heat == nil || len(n.Heat.Rows) == 0 {
			continue
		}
		hot = append(hot, n)
		_, _, v := hottest(n.Heat)
		largest = max(largest, v)
	}
	if len(hot) > mostHeats {
		f.Notes = append(f.Notes, fmt.Sprintf("Heat maps of %d of %d nodes that differ, the first in the order of execution.", mostHeats, len(hot)))
		hot = hot[:mostHeats]
	}
	for i, n := range hot {
		view := newHeatView(fmt.Sprintf("%s-heat-%d", id, i+1), n, largest)
		f.Heats = append(f.Heats, view)
		p.Data.Heats[view.ID] = heatData{n.Heat.StepsAField, n.Heat.UnitsAField, fieldsOf(n), n.Heat.Rows}
	}
	if len(hot) == 0 {
		return
	}
	f.HeatScale = lsbText(float64(largest))
	steps, units := 1, 1
	for _, n := range hot {
		steps, units = max(steps, n.Heat.StepsAField), max(units, n.Heat.UnitsAField)
	}
	if steps > 1 || units > 1 {
		f.Notes = append(f.Notes, fmt.Sprintf("In heat maps up to %s and %s share a field, which has the largest |delta| of them.", plural(steps, "step"), plural(units, "unit")))
	}
}

// fieldsOf is how many fields a picture has along the steps.
func fieldsOf(n *verify.NodeStats) int {
	steps := 0
	if len(n.Steps) > 0 {
		last := &n.Steps[len(n.Steps)-1]
		steps = last.Step + last.Count
	}
	a := n.Heat.StepsAField
	return max(len(n.Heat.Rows), min((steps+a-1)/a, fewFields))
}

func hottest(h *verify.Heat) (step, unit int, largest float32) {
	for i, row := range h.Rows {
		for j, v := range row {
			if v > largest {
				step, unit, largest = i*h.StepsAField, j*h.UnitsAField, v
			}
		}
	}
	return step, unit, largest
}

func newHeatView(id string, n *verify.NodeStats, largest float32) heatView {
	h := n.Heat
	fields, units := fieldsOf(n), len(h.Rows[0])
	step, unit, v := hottest(h)
	place := fmt.Sprintf("largest %s LSB at step %d, unit %d", lsbText(float64(v)), step, unit)
	return heatView{
		ID: id, Place: placeOf(n), Picture: drawHeat(h, fields, largest), Height: min(max(4*units, 64), 192),
		LastStep: fields*h.StepsAField - 1, LastUnit: units*h.UnitsAField - 1,
		Alt: fmt.Sprintf("|delta| of %s by step and unit, %s", placeOf(n), place), Largest: place,
	}
}

// heatLevels is how many shades there are besides none.
const heatLevels = 254

// heatLevel is the shade of a distance, 0 for none: a logarithm, so that one LSB is seen beside thousands.
func heatLevel(v, largest float32) uint8 {
	if v <= 0 || largest <= 0 {
		return 0
	}
	share := math.Log2(1+float64(v)) / math.Log2(1+float64(largest))
	return uint8(1 + math.Round(share*(heatLevels-1)))
}

// heatColors is one hue whose opacity grows, so that a picture stands on a light and on a dark page.
func heatColors() color.Palette {
	colors := color.Palette{color.NRGBA{}}
	for i := range heatLevels {
		const least = 0.18
		share := math.Pow(float64(i)/(heatLevels-1), 1.5)
		colors = append(colors, color.NRGBA{R: 0xd9, G: 0x3a, B: 0x2b, A: uint8(math.Round(255 * (least + (1-least)*share)))})
	}
	return colors
}

func drawHeat(h *verify.Heat, fields int, largest float32) template.URL {
	picture := image.NewPaletted(image.Rect(0, 0, fields, len(h.Rows[0])), heatColors())
	for step, row := range h.Rows {
		for unit, v := range row {
			picture.SetColorIndex(step, unit, heatLevel(v, largest))
		}
	}
	return dataURI(picture)
}

// dataURI gives a picture as part of the page.
func dataURI(picture image.Image) template.URL {
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, picture); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes()))
}
