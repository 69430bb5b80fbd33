"""A report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from verbind_bot.channels.reports.words import EXPLANATION, SOURCES, cited, heavy, sources, subtitle
from verbind_bot.flows.report import Block, Paragraph, Points, Report, Scores, Subheading, Table
from verbind_bot.types import Reference

MEDIA_TYPE = "text/markdown; charset=utf-8"


def render(report: Report, references: Mapping[str, Reference]) -> bytes:
    """UTF-8 Markdown; text of users is escaped, so that it cannot become a heading, a link or a table."""
    parts = [f"# {report.title}", subtitle(report), f"_{EXPLANATION}_"]
    for section in report.sections:
        parts.append(f"## {section.title}")
        for block in section.blocks:
            parts.append("\n".join(_block(block)))
    parts.append(f"## {SOURCES}")
    for n, place, quote in sources(report, references):
        parts.append(f"\\[{n}\\] {_escaped(place)}\n> {_escaped(quote)}")
    return ("\n\n".join(parts) + "\n").encode()


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(sentence):
            yield _escaped(cited(sentence))
        case Subheading(text, level):
            yield f"{'#' * (level + 2)} {_escaped(text)}"
        case Points(items):
            yield from (f"- {heavy(point)}{_escaped(cited(point.sentence))}" for point in items)
        case Table(head, rows):
            yield f"| {' | '.join(head)} |"
            yield f"|{' --- |' * len(head)}"
            yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
        case Scores(items, _, most):
            for score in items:
                values = ", ".join(f"{value:g}" for value in sorted(score.values))
                yield f"- {_escaped(score.label)}: {values} (van {most:g})"


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|").replace("\n", "<br>")


def _escaped(text: str) -> str:
    escaped = re.sub(r"([\\`*_<>~])", r"\\\1", text)
    escaped = re.sub(r"\[(?!\d+\])", r"\\[", escaped)
    escaped = re.sub(r"^(\s*\d+)\.(?=\s)", r"\1\\.", escaped, flags=re.MULTILINE)
    return re.sub(r"^(\s*)([#+-])", r"\1\\\2", escaped, flags=re.MULTILINE)
