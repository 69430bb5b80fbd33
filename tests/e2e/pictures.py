"""The pictures of the README, taken of a server that runs: `python -m tests.e2e.pictures http://127.0.0.1:8000`."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

import ttf_opensans
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from tests.conftest import ROOT
from tests.e2e.conftest import CHROMIUM

FOLDER = ROOT / "docs" / "images"
QUESTION = "Wat is het verschil tussen een sobere school en een netwerkschool?"
PARTLY = "Wat is een OOGO en wie is de wethouder van Almere?"
SIZES = {"": {"width": 1280, "height": 900}, "-telefoon": {"width": 390, "height": 780}}
# A letter that looks the same on every machine; visitors see that of their own system.
LETTER = '* { font-family: "Open Sans", sans-serif; }'
FONTS = """<fontconfig><include>/etc/fonts/fonts.conf</include><dir>{}</dir></fontconfig>"""
SCORES = (3, 2, 3, 4, 1, 3, 2, 4)


def picture(page: Page, name: str) -> None:
    """Save what is in view, in few colours and at most 960 pixels wide."""
    page.add_style_tag(content=LETTER)
    page.mouse.move(5, 500)
    page.wait_for_timeout(400)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if image.width > 960:
        image = image.resize((960, round(image.height * 960 / image.width)), Image.Resampling.LANCZOS)
    image = image.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    image.save(FOLDER / f"{name}.png", optimize=True)


def chat(page: Page, size: str) -> None:
    """The first page, an answer, and the passage that a citation opens."""
    page.goto("/")
    picture(page, f"begin{size}")
    ask(page, QUESTION)
    if size:
        picture(page, f"antwoord{size}")
    page.locator("a.cite").first.click()
    page.locator("#paneel mark").first.wait_for()
    picture(page, f"passage{size}")


def ask(page: Page, question: str) -> None:
    page.locator("#vraag").fill(question)
    page.locator("#vraagformulier button").click()
    page.locator("article[id^=antwoord-]").wait_for()


def scan(page: Page, size: str) -> None:
    """A step of a questionnaire halfway, and the plot of its report."""
    page.goto("/vragenlijsten")
    page.locator('button[value="samenwerkingsscan"]').click()
    scores = iter(SCORES)
    for step in range(100):
        if not page.locator("#veld").count():
            break
        points = page.locator(".punt input")
        (
            points.nth(next(scores))
            if points.count()
            else page.locator("#veld :is([type=radio], [type=checkbox])").first
        ).check()
        if step == 4:
            page.evaluate("scrollTo(0, 0)")
            picture(page, f"vragenlijst{size}")
        page.locator('button[value="verder"]').click()
        page.wait_for_load_state()
    page.goto(f"{page.url.partition('#')[0]}/verslag")
    page.add_style_tag(content=LETTER)
    page.locator("svg.plot").evaluate("plot => plot.closest('section').scrollIntoView()")
    picture(page, f"verslag{size}")


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(FONTS.format(Path(ttf_opensans.__file__).parent), encoding="utf-8")
        environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"], env=environment)
        about = {"base_url": sys.argv[1], "bypass_csp": True, "reduced_motion": "reduce"}
        for size, viewport in SIZES.items():
            page = browser.new_context(viewport=viewport, **about).new_page()
            chat(page, size)
            scan(page, size)
        page = browser.new_context(viewport=SIZES[""], **about).new_page()
        page.goto("/bronnen?q=netwerkschool")
        picture(page, "bronnen")
        page.emulate_media(color_scheme="dark")
        page.goto("/")
        ask(page, PARTLY)
        picture(page, "donker")
        browser.close()


if __name__ == "__main__":
    main()
