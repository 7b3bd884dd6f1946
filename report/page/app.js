
"use strict";
(function () {
  // What fails is said on the page, whose tables need no script.
  function fail(what) {
    const place = document.getElementById("script-error");
    place.hidden = false;
    place.textContent = `A script of this page failed, so that values cannot be read off its pictures: ${what}`;
  }
  addEventListener("error", (event) => fail(event.message));
  addEventListener("unhandledrejection", (event) => fail(event.reason));
  addEventListener("securitypolicyviolation", (event) => fail(`${event.violatedDirective} refused ${event.blockedURI}`));

  const data = JSON.parse(document.getElementById("data").textContent);
  const redraw = [];
  for (const [id, heat] of Object.entries(data.heats)) rnnsimHeat(document.getElementById(id), heat);
  for (const [id, chart] of Object.entries(data.charts)) redraw.push(rnnsimChart(document.getElementById(id), chart));

  const themes = ["automatic", "light", "dark"];
  const button = document.getElementById("theme");
  let theme = "automatic";
  // Where a page may keep nothing, as some browsers have it for files, the choice holds until it is closed.
  try {
    theme = localStorage.getItem("rnnsim-theme") || theme;
  } catch {}
  function apply() {
    if (!themes.includes(theme)) theme = themes[0];
    if (theme === "automatic") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    redraw.forEach((draw) => draw());
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      localStorage.setItem("rnnsim-theme", theme);
    } catch {}
    apply();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  if (theme !== "automatic") apply();
  document.documentElement.dataset.ready = "yes";
})();
