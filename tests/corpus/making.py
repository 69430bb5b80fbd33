"""Files in every format, made by the libraries that people's own tools use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
from fpdf import FPDF
from fpdf.enums import AccessPermission

from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.importer import locator_of
from verbind_bot.corpus.reading.document import Document, Line
from verbind_bot.corpus.reading.layout import ITEM

Texts = Sequence[tuple[int, str]]  # (level of a heading or 0, text)
LEADS = (
    "Op het schoolplein staan 's ochtends {n} fietsen van leerlingen uit de buurt. Daarom praat de school met de wijk. "
)


class _Paper(FPDF):
    def header(self) -> None:
        self.set_font("helvetica", size=8)
        self.cell(0, 5, "Rapport over school en wijk", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("helvetica", size=8)
        self.cell(0, 10, f"Pagina {self.page_no()} van {{nb}}", align="C")


def pdf(path: Path, texts: Texts, user: str | None = None, owner: str | None = None, width: int = 0) -> Path:
    """A PDF with a running head, page numbers and bold headings; a level of -1 is a new page, 9 is text as it is."""
    paper = _Paper()
    if owner is not None:
        paper.set_encryption(owner, user, permissions=AccessPermission.none())
    paper.add_page()
    for level, text in texts:
        if level < 0:
            paper.add_page()
            continue
        heading = 0 < level < 9
        paper.set_font("helvetica", "B" if heading else "", 17 - 2 * level if heading else 11)
        paper.multi_cell(width, 7 if heading else 5, latin(text), align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(3 if level != 9 else 0)
    paper.output(str(path))
    return path


def latin(text: str) -> str:
    return text.translate(str.maketrans("‘’“”–•…", "''\"\"-\u00b7.")).encode("latin-1", "replace").decode("latin-1")


def word(path: Path, texts: Texts) -> Path:
    """A Word file; a level of -1 is a new page, an item starts with '- ' or '1. '."""
    file = docx.Document()
    for level, text in texts:
        if level < 0:
            file.add_page_break()
        elif level:
            file.add_heading(text, level)
        elif text.startswith("- "):
            file.add_paragraph(text[2:], style="List Bullet")
        elif text.startswith("1. "):
            file.add_paragraph(text[3:], style="List Number")
        else:
            file.add_paragraph(text)
    file.save(str(path))
    return path


def texts_of(document: Document, outline: Sequence[Section]) -> list[tuple[int, str]]:
    """A document as texts to print: its headings, paragraphs and items."""
    titles = {section.locator: section.title for section in outline}
    texts: list[tuple[int, str]] = []
    fresh = True
    for line in document.lines:
        level = line.level or (1 if locator_of(line, titles) else 0)
        if not line.text:
            fresh = True
        elif level or fresh or ITEM.match(line.text) or texts[-1][0]:
            texts.append((level, line.text.strip()))
            fresh = False
        else:
            texts[-1] = (0, f"{texts[-1][1]} {line.text.strip()}")
    return texts


def invented_note(outline: Sequence[Section]) -> list[tuple[int, str]]:
    """A note with the outline's headings and invented text, some of it too long for one page."""
    texts: list[tuple[int, str]] = []
    for n, section in enumerate(outline):
        numbered = section.locator[0].isdigit()
        title = f"{section.locator}. {section.title}" if numbered else section.title
        if section.locator.startswith("bijlage"):
            title = f"Bijlage {section.locator[-1]}: {section.title}"
        texts.append((2 if "." in section.locator else 1, title))
        lead = f"Bij {section.title.lower()} gaat het om samen doen. "
        texts += [(0, (lead + LEADS.format(n=n * 10 + k) * 4).strip()) for k in range(3)]
    return texts


def lines_of(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(text) for text in texts)
