package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireQuiet holds a page to having asked for nothing but itself and to having nothing to complain of.
func (b *browser) requireQuiet() {
	b.t.Helper()
	requests := b.requests()
	require.Len(b.t, requests, 1, "the page asks for more than itself")
	require.True(b.t, strings.HasPrefix(requests[0], "file://"), requests[0])
	require.Empty(b.t, b.log("browser"), "the console has messages")
	require.Equal(b.t, "yes", b.text(`return document.documentElement.dataset.ready || ""`), "the scripts have not run to their end")
	require.Empty(b.t, b.text(`return document.getElementById("script-error").textContent`))
}

// audit lists what is wrong with a page for those who do not see it, or see it small, or press keys.
const audit = `
const wrong = [];
const say = (what, e) => wrong.push(what + ": " + (e.id || e.className.baseVal || e.className || e.textContent.slice(0, 40) || e.tagName));
if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the window: " + document.documentElement.scrollWidth);
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
if (new Set(ids).size !== ids.length) wrong.push("an id is there twice");
for (const a of document.querySelectorAll("a")) if (!document.getElementById(a.hash.slice(1))) say("a link to nothing", a);
for (const e of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(e.getAttribute("aria-labelledby"))) say("labelled by nothing", e);
for (const e of document.querySelectorAll("svg[role=img], [role=application], [role=region], nav")) if (!e.getAttribute("aria-label")) say("no name", e);
for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) say("no alternative", e);
for (const e of document.querySelectorAll("th")) if (!e.hasAttribute("scope")) say("no scope", e);
for (const e of document.querySelectorAll("[role=application], .scroll, button, summary, a, input")) if (e.tabIndex !== 0) say("not reached by keys", e);
let level = 0;
for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
  const next = +h.tagName[1];
  if (next > level + 1) say("a level of headings is left out", h);
  level = next;
}
const channel = (v) => (v /= 255, v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
const parse = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
const light = (c) => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
function behind(e) {
  if (!e) return [255, 255, 255, 1];
  const own = parse(getComputedStyle(e).backgroundColor);
  return own[3] === 1 ? own : over(own, behind(e.parentElement));
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const e = texts.currentNode.parentElement;
  if (!texts.currentNode.textContent.trim() || !e.checkVisibility() || e.closest(".unseen, .skip, script, title")) continue;
  const under = behind(e), ink = over(parse(getComputedStyle(e).color), under);
  const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) say("contrast of " + ((a + .05) / (b + .05)).toFixed(2), e);
}
return JSON.stringify({ wrong, texts: document.body.innerText.length });`

func TestThePageInABrowser(t *testing.T) {
	b := openBrowser(t)
	page := pageOf(t, sampleReport(t))
	for _, width := range []int{400, 1600} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%s at %d pixels", scheme, width), func(t *testing.T) {
				b := b.in(t)
				b.look(width, scheme)
				b.open(page)
				b.requireQuiet()
				var found struct {
					Wrong []string
					Texts int
				}
				require.NoError(t, json.Unmarshal([]byte(b.text(audit)), &found))
				assert.Empty(t, found.Wrong)
				require.Greater(t, found.Texts, 2000, "the audit saw too little to mean anything")
				background := b.text(`return getComputedStyle(document.body).backgroundColor`)
				require.Equal(t, map[string]string{"light": "rgb(247, 247, 245)", "dark": "rgb(22, 22, 21)"}[scheme], background)
			})
		}
	}
	t.Run("pictures", func(t *testing.T) {
		b := b.in(t)
		var drawn map[string]int
		b.run(`return {
			canvases: document.querySelectorAll(".plot canvas").length,
			inked: [...document.querySelectorAll(".plot canvas")].filter((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v) => v)).length,
			heats: [...document.querySelectorAll(".heat img")].filter((i) => i.naturalWidth > 1).length,
		}`, &drawn)
		require.Equal(t, map[string]int{"canvases": 3, "inked": 3, "heats": 1}, drawn)
	})
	t.Run("keys", func(t *testing.T) { pressKeys(t, b.in(t), page) })
	require.Empty(t, b.requests(), "something was asked for while keys were pressed")
	require.Empty(t, b.log("browser"))
}

func pressKeys(t *testing.T, b *browser, page string) {
	b.open(page)
	b.requireQuiet()
	reading := func(id string) string {
		return b.text(fmt.Sprintf(`return document.getElementById(%q).parentElement.querySelector(".reading").textContent`, id))
	}
	b.text(`document.getElementById("check-1-heat-1").focus(); return ""`)
	b.press(keyRight) // onto the first field
	require.Equal(t, "step 0, unit 0: no difference", reading("check-1-heat-1"))
	b.press(keyDown, keyRight, keyRight, keyRight, keyRight, keyRight, keyRight, keyRight, keyRight)
	require.Equal(t, "step 8, unit 1: 8 LSB", reading("check-1-heat-1"))
	b.press(keyUp, keyLeft)
	require.Equal(t, "step 7, unit 0: no difference", reading("check-1-heat-1"))
	b.press(keyTab)
	require.Equal(t, "largest 39 LSB at step 39, unit 1", reading("check-1-heat-1"))

	b.text(`document.getElementById("check-1-delta").focus(); return ""`)
	b.press(keyRight, keyRight)
	require.Equal(t, "step 1: 0.fwd.it 0", reading("check-1-delta"))

	theme := func() string { return b.text(`return getComputedStyle(document.body).backgroundColor`) }
	b.text(`document.getElementById("theme").focus(); return ""`)
	b.press(keyEnter)
	require.Equal(t, "rgb(247, 247, 245)", theme(), "light")
	b.press(keyEnter)
	require.Equal(t, "rgb(22, 22, 21)", theme(), "dark")
	b.press(keyEnter)
	require.Equal(t, "Theme: automatic", b.text(`return document.getElementById("theme").textContent`))

	b.open(page)
	b.requireQuiet()
	b.press(keyTab)
	require.Equal(t, "Skip to the findings", b.text(`return document.activeElement.textContent`))
	b.press(keyEnter, keyTab)
	require.Equal(t, "main", b.text(`return document.activeElement.closest("main").id`))
}

// What the tests above look for is found where it is there.
func TestABrowserNoticesWhatAPageMustNotDo(t *testing.T) {
	b := openBrowser(t)
	page := pageOf(t, sampleReport(t))
	b.requests()
	const outside = `<img src="http://127.0.0.1:9/outside.png">`
	b.open(page)
	require.Contains(t, b.text(`return new Promise((done) => {
		addEventListener("securitypolicyviolation", () => done(document.getElementById("script-error").textContent));
		document.body.insertAdjacentHTML("beforeend", '`+outside+`');
	})`), "img-src refused http://127.0.0.1:9/outside.png")
	require.NotEmpty(t, b.log("browser"))
	b.requests()
	b.open("<!doctype html><title>no policy</title>" + outside)
	require.Contains(t, b.requests(), "http://127.0.0.1:9/outside.png")
	b.look(400, "light")
	b.open(`<!doctype html><a href="#no">x</a><p style="width:900px;color:#999"><img> faint`)
	require.Contains(t, b.text(audit), "contrast of 2.8")
	require.Contains(t, b.text(audit), "wider than the window")
	require.Contains(t, b.text(audit), "a link to nothing")
	require.Contains(t, b.text(audit), "no alternative")
}
