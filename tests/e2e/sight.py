"""What everybody must be able to see: no fault that axe knows, nothing cut off, at every size and spacing."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
ZOOMED = {"width": 640, "height": 512}  # 1280 by 1024 at 200 %, with device_scale_factor=2
NARROW = {"width": 320, "height": 800}
# The values of WCAG 1.4.12, as a reader's own style sheet would set them.
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""
# Elements that hide what does not fit. An SVG, a field of one line and what is for the ear only may.
CUT = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(element => {
  if (element.closest("svg, .voorlezen, .welkom, .skip") || element.matches("input, textarea, progress")) return false;
  const style = getComputedStyle(element);
  if (style.display === "inline" || !element.clientWidth) return false;
  const hides = [style.overflowX, style.overflowY].some(way => way === "hidden" || way === "clip");
  return hides && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
}).map(element => element.outerHTML.slice(0, 120))"""


def assert_seen(page: Page) -> None:
    """The page as it is: at 200 % zoom and at 320 px, light and dark, and with wider spacing."""
    before = page.viewport_size
    for scheme, size in (("light", ZOOMED), ("dark", NARROW)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        found = Axe().run(page, options=RULES).response["violations"]
        told = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
        assert told == [], (page.url, scheme, size)
        _assert_fits(page, f"{scheme}, {size['width']} px")
    style = page.add_style_tag(content=SPACING)
    for size in (ZOOMED, NARROW):
        page.set_viewport_size(size)
        _assert_fits(page, f"wide spacing, {size['width']} px")
    style.evaluate("style => style.remove()")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)


def _assert_fits(page: Page, how: str) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} scrolls sideways ({how})"
    assert page.evaluate(CUT) == [], f"{page.url} ({how})"
    assert page.locator("h1").count() == 1, page.url
