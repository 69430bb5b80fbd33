"""A report as a Word document, with real headings, lists and tables; the only importer of python-docx."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, time

from docx import Document
from docx.document import Document as WordDocument
from docx.shared import Cm, Pt, RGBColor

from verbind_bot.channels.reports.words import EXPLANATION, SOURCES, cited, heavy, sources, subtitle
from verbind_bot.flows.report import Block, Paragraph, Points, Report, Scores, Subheading, Table
from verbind_bot.types import Reference

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LABEL, _POINT = Cm(6), Cm(1.9)


def render(report: Report, references: Mapping[str, Reference]) -> bytes:
    """The bytes of a .docx file."""
    document = Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(11)
    properties = document.core_properties
    properties.title, properties.author, properties.language = report.title, "verbind-bot", "nl-NL"
    properties.created = properties.modified = datetime.combine(report.made_on, time())
    document.add_heading(report.title, 0)
    document.add_paragraph(subtitle(report))
    document.add_paragraph(EXPLANATION).runs[0].italic = True
    for section in report.sections:
        document.add_heading(section.title, 1)
        for block in section.blocks:
            _add(document, block)
    document.add_heading(SOURCES, 1)
    for n, place, quote in sources(report, references):
        document.add_paragraph(f"[{n}] {place}").paragraph_format.keep_with_next = True
        document.add_paragraph(quote, style="Intense Quote")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add(document: WordDocument, block: Block) -> None:
    match block:
        case Paragraph(sentence):
            document.add_paragraph(cited(sentence))
        case Subheading(text, level):
            document.add_heading(text, level + 1)
        case Points(items):
            for point in items:
                paragraph = document.add_paragraph(style="List Bullet")
                paragraph.add_run(heavy(point)).bold = True
                paragraph.add_run(cited(point.sentence))
        case Table(head, rows):
            _table(document, head, rows)
        case Scores():
            _scale(document, block)


def _table(document: WordDocument, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=1, cols=len(head), style="Light Grid Accent 1")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph()


def _scale(document: WordDocument, scores: Scores) -> None:
    """The scores as a table with a mark in the column of each value: Word draws no SVG."""
    points = range(int(scores.minimum), int(scores.maximum) + 1)
    table = document.add_table(rows=1, cols=len(points) + 1, style="Light Grid Accent 1")
    for cell, text in zip(table.rows[0].cells, ("Factor", *(str(p) for p in points)), strict=True):
        cell.text = text
    for score in scores.items:
        cells = table.add_row().cells
        cells[0].text = score.label
        for cell, point in zip(cells[1:], points, strict=True):
            count = score.values.count(float(point))
            run = cell.paragraphs[0].add_run("●" * min(count, 6) + (f" {count}" if count > 6 else ""))
            run.font.color.rgb = RGBColor(0x0B, 0x5C, 0x7A)
    table.autofit = False
    for column, width in zip(table.columns, (_LABEL, *[_POINT] * len(points)), strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, (_LABEL, *[_POINT] * len(points)), strict=True):
            cell.width = width
    document.add_paragraph()
