"""Looks at a page as everybody may see it: narrow and wide, in doubled type, in light and in dark, by keyboard, and by axe (WCAG 2.2 AA)."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

LOOKS = (Path(__file__).parent / "looks.js").read_text()
WIDE, NARROW, TYPED = (1280, 768), 320, 375
"""Widths in CSS pixels; at `TYPED` the type is doubled too (WCAG 1.4.4)."""
HEIGHT = 740
AXE = """async ({ only, without }) => {
  const options = { resultTypes: ["violations"], preload: false, iframes: false };
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const runOnly = only ? { type: "rule", values: only } : { type: "tag", values: tags };
  const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const off = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
  const more = only ? {} : { rules: { "target-size": { enabled: true }, ...off } };
  const flat = new CSSStyleSheet();
  flat.replaceSync(".bar, .tabs, .footer, .mends { position: static !important }");  // else what they cover counts as too small
  document.adoptedStyleSheets = [flat];
  const { violations } = await axe.run(root, { ...options, ...more, runOnly });
  document.adoptedStyleSheets = [];
  const said = ({ target, any, all, none }) => `${target.join(" ")} (${[...any, ...all, ...none].map(({ message }) => message)[0]})`;
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `axe ${id}: ${said(node)}`));
}"""
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the colours: all that dark can change, and nothing that another language can. They take most of axe's time."""
COUNTED = """(() => {
  const fetched = window.fetch;
  window.underWay = 0;
  window.fetch = (...asked) => {
    window.underWay += 1;
    return fetched(...asked).finally(() => setTimeout(() => (window.underWay -= 1), 0));
  };
})()"""
SETTLED = """async () => {
  const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 0)));
  for (let quiet = 0, until = Date.now() + 60000; quiet < 2; await frame()) {
    if (Date.now() > until) throw new Error(`${location.hash} does not come to rest`);
    quiet = window.underWay || document.querySelector("#page > .skeleton, #page .skeleton") ? 0 : quiet + 1;
  }
}"""
OPEN = """hash => {
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  if (location.hash === hash) window.dispatchEvent(new Event("hashchange"));
  else location.hash = hash;
}"""
TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
SIZED = """async ({ width, type }) => {
  document.documentElement.style.fontSize = type;
  const frame = () => new Promise(requestAnimationFrame);
  do await frame(); while (innerWidth !== width);  // what observes sizes is told in it
}"""
REACHABLE = """() => {
  const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const all = [...root.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const usable = all.filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0);
  const groups = new Set();
  window.reached = new Map();
  window.unreached = usable.filter((one) => {
    if (one.type !== "radio") return true;
    if (groups.has(one.name)) return false;
    return groups.add(one.name);
  });
  const ring = (one) => {
    const at = one.matches(".visually-hidden, .chip input") ? one.closest("label") : one.matches(".search-input") ? one.parentElement : one;
    const style = getComputedStyle(at);
    return style.outlineStyle !== "none" || style.boxShadow !== "none" || at.matches(".search");
  };
  document.addEventListener("focusin", ({ target }) => window.reached.set(target.type === "radio" ? target.name : target, ring(target)));
  const first = Object.assign(document.createElement("span"), { tabIndex: -1 });
  root.prepend(first);
  first.focus({ preventScroll: true });
  first.remove();
  return window.unreached.length + 4 * root.querySelectorAll("[type=date]").length;  // a date has parts of its own
}"""
MISSED = """() => {
  const key = (one) => (one.type === "radio" ? one.name : one);
  const told = (one) => one.id || one.innerText?.trim().slice(0, 20) || one.ariaLabel || one.className;
  const missed = window.unreached.filter((one) => one.isConnected && !window.reached.has(key(one)));
  const unseen = window.unreached.filter((one) => window.reached.get(key(one)) === false);
  return [...missed.map((one) => `not reached by Tab: ${told(one)}`), ...unseen.map((one) => `focus not seen: ${told(one)}`)];
}"""


@dataclass
class Eye:
    """Walks the pages of one phone and keeps what is wrong with them."""

    phone: Page
    found: list[str] = field(default_factory=list)
    tour: bool = True
    """Whether every page is looked at in all ways; else at its narrowest, by axe, and at its widest for what is cut."""
    colours: bool = True
    """Whether axe looks at colours: no other language changes them."""
    reads: Callable[[Page], list[str]] | None = None
    """What is wrong with the words of a page."""

    @property
    def told(self) -> str:
        return "\n".join(self.found)

    def open(self, address: str) -> None:
        """Go to a page as if its address had been typed, also from itself."""
        self.phone.evaluate(OPEN, f"#/{address}")
        self.settle()

    def settle(self) -> None:
        self.phone.evaluate(SETTLED)

    def look(self, name: str) -> None:
        """Keep what is wrong with the page as it stands."""
        self.settle()
        if self.tour:
            self._wide(name)
            self._large(name)
        self._size(NARROW)
        self._note(name, NARROW, ["edges", "cut", "hidden", "faint", "nameless", "moving", "small"])
        self._axe(name)
        if self.reads:
            self._keep(name, "words", self.reads(self.phone))
        if self.tour:
            self._dark(name)
        else:
            self._size(WIDE[0])
            self._note(name, WIDE[0], ["edges", "cut"])

    def keys(self, name: str) -> None:
        """Everything that can be used is reached by Tab, and seen to be."""
        session = self.phone.context.new_cdp_session(self.phone)
        for _press in range(self.phone.evaluate(REACHABLE) + 3):
            session.send("Input.dispatchKeyEvent", TAB)
        session.detach()
        self._keep(name, "keys", self.phone.evaluate(MISSED))

    def _wide(self, name: str) -> None:
        for width in WIDE:
            self._size(width)
            self._note(name, width, ["edges"])
        self._shoot(name, "light-1280")

    def _large(self, name: str) -> None:
        self._size(TYPED)
        self._note(name, TYPED, ["edges"])
        self._size(TYPED, "200%")
        self._note(name, "200 %", ["edges", "cut", "hidden"])
        self._shoot(name, "large-375")

    def _dark(self, name: str) -> None:
        self.phone.emulate_media(color_scheme="dark")
        self._note(name, "dark", ["faint"])
        self._keep(name, "dark", self.phone.evaluate(AXE, {"only": OF_COLOUR, "without": []}))
        self._shoot(name, "dark-320")
        self.phone.emulate_media(color_scheme="light")

    def _axe(self, name: str) -> None:
        if not self.phone.evaluate("'axe' in window"):
            self.phone.evaluate(AXE_SCRIPT)
        without = [] if self.colours else OF_COLOUR
        self._keep(name, NARROW, self.phone.evaluate(AXE, {"only": None, "without": without}))
        self._shoot(name, "light-320")

    def _note(self, name: str, where: object, checks: list[str]) -> None:
        self._keep(name, where, self.phone.evaluate(LOOKS, checks))

    def _keep(self, name: str, where: object, faults: list[str]) -> None:
        self.found += [f"{name} [{where}]: {fault}" for fault in faults]

    def _size(self, width: int, type_: str = "") -> None:
        """A width, and the size of the type; without either being set anew where it is so already."""
        size = {"width": width, "height": HEIGHT}
        if self.phone.viewport_size != size:
            self.phone.set_viewport_size(size)
        self.phone.evaluate(SIZED, {"width": width, "type": type_})

    def _shoot(self, name: str, how: str) -> None:
        """Keep a picture, where somebody wants to see it (`SHOTS=folder`)."""
        if folder := os.environ.get("SHOTS"):
            file = re.sub(r"\W+", "-", name).strip("-") or "home"
            self.phone.screenshot(path=f"{folder}/{file}~{how}.png", full_page=True)
