
"use strict";
// Reads fields of heat maps off, by the pointer and by the arrow keys.
function rnnsimHeat(box, data) {
  const cursor = box.querySelector(".cursor");
  const reading = box.parentElement.querySelector(".reading");
  const whole = reading.textContent;
  const steps = data.fields, units = data.rows[0].length;
  let step = -1, unit = -1;

  function range(name, at, width) {
    const from = at * width;
    return width === 1 ? `${name} ${from}` : `${name}s ${from} to ${from + width - 1}`;
  }
  function show() {
    cursor.hidden = false;
    cursor.style.left = `${(100 * step) / steps}%`;
    cursor.style.top = `${(100 * unit) / units}%`;
    cursor.style.width = `${100 / steps}%`;
    cursor.style.height = `${100 / units}%`;
    const value = (data.rows[step] || [])[unit] || 0;
    reading.textContent = `${range("step", step, data.steps)}, ${range("unit", unit, data.units)}: ` +
      (value === 0 ? "no difference" : `${+value.toPrecision(6)} LSB`);
  }
  function leave() {
    cursor.hidden = true;
    reading.textContent = whole;
  }
  box.addEventListener("pointermove", (event) => {
    const place = box.querySelector("img").getBoundingClientRect();
    step = Math.min(steps - 1, Math.max(0, Math.floor(((event.clientX - place.left) / place.width) * steps)));
    unit = Math.min(units - 1, Math.max(0, Math.floor(((event.clientY - place.top) / place.height) * units)));
    show();
  });
  box.addEventListener("pointerleave", leave);
  box.addEventListener("blur", leave);
  box.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-steps, 0], End: [steps, 0] };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    step = step < 0 ? 0 : Math.min(steps - 1, Math.max(0, step + move[0]));
    unit = unit < 0 ? 0 : Math.min(units - 1, Math.max(0, unit + move[1]));
    show();
  });
}
