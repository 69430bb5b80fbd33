"""A report as a PDF with its plots drawn; the only importer of fpdf2."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime, time
from itertools import zip_longest
from pathlib import Path

import ttf_opensans
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TextStyle

from verbind_bot.channels.reports.plot import dots, place, ticks
from verbind_bot.channels.reports.words import EXPLANATION, SOURCES, cited, heavy, sources, subtitle
from verbind_bot.flows.report import Block, Paragraph, Points, Report, Scores, Subheading, Table
from verbind_bot.types import Reference

MEDIA_TYPE = "application/pdf"
_FONTS = Path(ttf_opensans.__file__).parent / "ttf"
_BLUE, _GREY, _BLACK = (11, 92, 122), (138, 148, 163), (20, 24, 28)
_LABEL, _ROW, _HEADED = 62, 9, 45
_CELL, _NARROW, _PART = 36, 24, 400  # lines of a row, characters in a line of the narrowest column, and at a time


class _Paper(FPDF):  # type: ignore[misc]
    """A4 with a page number below."""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Open Sans", size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 6, f"Bladzijde {self.page_no()}", align="C")
        self.set_text_color(*_BLACK)


def render(report: Report, references: Mapping[str, Reference]) -> bytes:
    """The bytes of a .pdf file, with an outline; a character that the font lacks is shown as a box."""
    paper = _paper(report)
    paper.add_page()
    paper.set_font("Open Sans", "B", 20)
    _write(paper, report.title, 10)
    _small(paper, subtitle(report))
    _small(paper, EXPLANATION, "I")
    for section in report.sections:
        _keep_together(paper)
        paper.start_section(section.title, 0)
        for block in section.blocks:
            _add(paper, block)
    paper.start_section(SOURCES, 0)
    for n, where, quote in sources(report, references):
        _body(paper, f"[{n}] {where}", "B")
        _body(paper, quote)
    return bytes(paper.output())


def _paper(report: Report) -> _Paper:
    paper = _Paper()
    for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic"), ("BI", "BoldItalic")):
        paper.add_font("Open Sans", style, _FONTS / f"OpenSans-{name}.ttf")
    paper.set_margins(20, 18)
    paper.set_auto_page_break(True, 20)
    paper.set_title(report.title)
    paper.set_lang("nl-NL")
    paper.set_creation_date(datetime.combine(report.made_on, time(), UTC))
    styles = [
        TextStyle("Open Sans", "B", size, _BLUE, t_margin=top, b_margin=2) for size, top in ((14, 6), (12, 4), (10, 2))
    ]
    paper.set_section_title_styles(*styles)
    return paper


def _keep_together(paper: FPDF) -> None:
    """Begin a new page when a heading would stand alone at the foot of this one."""
    if paper.will_page_break(_HEADED):
        paper.add_page()


def _write(paper: FPDF, text: str, height: float) -> None:
    paper.multi_cell(0, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _small(paper: FPDF, text: str, style: str = "") -> None:
    paper.set_font("Open Sans", style, 9)
    _write(paper, text, 5)
    paper.ln(2)


def _body(paper: FPDF, text: str, style: str = "") -> None:
    paper.set_font("Open Sans", style, 10)
    _write(paper, text, 5.4)
    paper.ln(1.2)


def _add(paper: FPDF, block: Block) -> None:
    match block:
        case Paragraph(sentence):
            _body(paper, cited(sentence))
        case Subheading(text, level):
            _keep_together(paper)
            paper.start_section(text, level)
        case Points(items):
            for point in items:
                paper.set_font("Open Sans", size=10)
                paper.set_x(paper.l_margin)
                paper.cell(5, 5.4, "•")
                paper.multi_cell(
                    0, 5.4, f"{heavy(point)}{cited(point.sentence)}", new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
                )
                paper.ln(1)
        case Table(head, rows):
            _table(paper, head, rows)
        case Scores():
            _plot(paper, block)


def _table(paper: FPDF, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    paper.set_font("Open Sans", size=9)
    widths = (34, 66) if len(head) == 2 else (28, 44, 28) if len(head) == 3 else None
    style = FontFace(emphasis="BOLD", color=_BLUE)
    with paper.table(
        headings_style=style,
        col_widths=widths,
        text_align="LEFT",
        line_height=5,
        borders_layout="HORIZONTAL_LINES",
        padding=1,
    ) as table:
        for row in (head, *rows):
            for part in zip_longest(*(_pieces(cell) for cell in row), fillvalue=""):
                cells = table.row()
                for cell in part:
                    cells.cell(cell)
    paper.ln(3)


def _pieces(text: str) -> list[str]:
    """A cell in parts that fit a page in the narrowest column, for a row cannot go on overleaf."""
    parts: list[list[str]] = [[]]
    left = _CELL
    for line in (part for row in text.split("\n") for part in textwrap.wrap(row, _PART) or [""]):
        needed = 1 + len(line) // _NARROW
        if needed > left and parts[-1]:
            parts.append([])
            left = _CELL
        parts[-1].append(line)
        left -= needed
    return ["\n".join(part) for part in parts]


def _plot(paper: FPDF, scores: Scores) -> None:
    """A row for each scale: dots at the values, a line at the mean."""
    height = _ROW * (len(scores.items) + 1)
    if paper.will_page_break(height):
        paper.add_page()
    left, top, width = paper.l_margin + _LABEL, paper.get_y(), paper.epw - _LABEL - 8
    paper.set_font("Open Sans", size=9)
    paper.set_draw_color(*_GREY)
    for tick in ticks(scores):
        x = left + place(tick, scores) * width
        paper.line(x, top + 6, x, top + height)
        paper.text(x - 1, top + 4, str(tick))
    for number, score in enumerate(scores.items, 1):
        y = top + _ROW * number + _ROW / 2
        paper.text(paper.l_margin, y + 1.2, score.label)
        paper.set_fill_color(*_BLUE)
        for dot in dots(score, scores):
            radius = 1.4 + 0.5 * min(dot.count, 4)
            paper.circle(left + dot.share * width, y, radius, style="F")
        mean = left + place(score.mean, scores) * width
        paper.set_draw_color(*_BLACK)
        paper.line(mean, y - 3, mean, y + 3)
        paper.set_draw_color(*_GREY)
    paper.set_fill_color(255)
    paper.set_y(top + height + 4)
