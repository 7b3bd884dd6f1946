
"use strict";
// Draws a chart with uPlot, with a legend of check boxes and values that the arrow keys read off.
function rnnsimChart(box, data) {
  const figure = box.parentElement;
  const reading = figure.querySelector(".reading");
  const legend = figure.querySelector(".legend");
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 5]];
  const columns = [data.steps, ...data.series.map((s) => s.values)];
  const shown = data.series.map(() => true);
  let plot = null;

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = (v) => (v == null ? "–" : String(+v.toPrecision(6)));

  function read(at) {
    if (at == null) {
      reading.textContent = "";
      return;
    }
    const values = data.series.map((s, i) => `${s.label} ${text(s.values[at])}`).filter((_, i) => shown[i]);
    reading.textContent = `step ${data.steps[at]}: ${values.join(", ")}`;
  }
  function marked(u) {
    if (data.mark == null) return;
    const x = u.valToPos(data.mark, "x", true);
    u.ctx.save();
    u.ctx.strokeStyle = color("--fail");
    u.ctx.setLineDash([4, 4]);
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
    u.ctx.restore();
  }
  // Powers of ten, which an axis that is logarithmic but for its zero shows best.
  function powers(u, axis, min, max) {
    const list = [0];
    for (let v = 1; v <= max; v *= 10) list.push(v);
    return list;
  }
  function draw() {
    if (plot) plot.destroy();
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 } };
    plot = new uPlot({
      width: Math.max(240, box.clientWidth), height: 220, legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false }, y: data.kind === "delta" ? { distr: 4, range: (u, min, max) => [0, Math.max(1, max)] } : {} },
      axes: [{ ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000, 1000000] }, { ...axis, size: 58, ...(data.kind === "delta" ? { splits: powers, values: (u, list) => list.map(text), filter: (u, list) => list } : {}) }],
      series: [{}, ...data.series.map((s, i) => ({
        label: s.label, show: shown[i], stroke: color(`--series-${i + 1}`), width: 2, dash: dashes[i], spanGaps: false,
        points: { show: data.steps.length <= 40, size: 6 },
      }))],
      hooks: { setCursor: [(u) => read(u.cursor.idx)], draw: [marked] },
    }, columns, box);
  }

  data.series.forEach((s, i) => {
    const label = document.createElement("label");
    const tick = document.createElement("input");
    tick.type = "checkbox";
    tick.checked = true;
    tick.addEventListener("change", () => {
      shown[i] = tick.checked;
      plot.setSeries(i + 1, { show: tick.checked });
    });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 26 10");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", "M0 5H26");
    line.setAttribute("stroke-width", "2");
    line.setAttribute("stroke-dasharray", dashes[i].join(" "));
    line.setAttribute("class", `series-${i + 1}`);
    svg.append(line);
    label.append(tick, svg, s.label);
    legend.append(label);
  });
  box.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in moves) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const from = plot.cursor.idx == null ? -1 : plot.cursor.idx;
    const at = Math.min(data.steps.length - 1, Math.max(0, from + moves[event.key]));
    plot.setCursor({ left: plot.valToPos(data.steps[at], "x"), top: 20 });
    read(at);
  });
  new ResizeObserver(() => {
    const width = Math.max(240, box.clientWidth);
    if (plot && width !== plot.width) plot.setSize({ width, height: 220 });
  }).observe(box);
  draw();
  return draw;
}
